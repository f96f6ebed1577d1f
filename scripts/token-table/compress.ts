/** How much the strong directions are weakened: 0 keeps them as they are, 1 makes all alike. Measured. */
const WHITENING = 0.5;

export interface Projection {
  /** `width` rows of `dimensions` numbers. */
  readonly matrix: Float64Array;
  /** What is added to a projected vector, so that the mean is 0. */
  readonly offset: Float64Array;
}

/** The directions in which vectors differ most (principal components), the strongest weakened. */
export function principalDirections(vectors: Float32Array, width: number, dimensions: number): Projection {
  const count = vectors.length / width;
  const mean = new Float64Array(width);
  for (const [index, value] of vectors.entries()) mean[index % width] = (mean[index % width] ?? 0) + value / count;
  const { values, directions } = eigen(covariance(vectors, mean), width);
  const order = Array.from(values.keys()).toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  const matrix = new Float64Array(width * dimensions);
  const offset = new Float64Array(dimensions);
  for (const [column, which] of order.slice(0, dimensions).entries()) {
    const factor = (values[which] ?? 0) ** (-WHITENING / 2);
    for (let row = 0; row < width; row++) {
      const value = (directions[row * width + which] ?? 0) * factor;
      matrix[row * dimensions + column] = value;
      offset[column] = (offset[column] ?? 0) - (mean[row] ?? 0) * value;
    }
  }
  return { matrix, offset };
}

export function project(rows: Float32Array, width: number, { matrix, offset }: Projection): Float32Array {
  const dimensions = offset.length;
  const projected = new Float32Array((rows.length / width) * dimensions);
  for (const [index, value] of rows.entries()) {
    const at = Math.floor(index / width) * dimensions;
    const from = (index % width) * dimensions;
    for (let column = 0; column < dimensions; column++) {
      projected[at + column] = (projected[at + column] ?? 0) + value * (matrix[from + column] ?? 0);
    }
  }
  return projected;
}

function covariance(vectors: Float32Array, mean: Float64Array): Float64Array {
  const width = mean.length;
  const matrix = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let at = 0; at < vectors.length; at += width) {
    for (let row = 0; row < width; row++) centred[row] = (vectors[at + row] ?? 0) - (mean[row] ?? 0);
    for (let row = 0; row < width; row++) {
      const value = centred[row] ?? 0;
      for (let column = 0; column <= row; column++) {
        matrix[row * width + column] = (matrix[row * width + column] ?? 0) + value * (centred[column] ?? 0);
      }
    }
  }
  const count = vectors.length / width;
  for (let row = 0; row < width; row++) {
    for (let column = 0; column <= row; column++) {
      const value = (matrix[row * width + column] ?? 0) / count;
      matrix[row * width + column] = value;
      matrix[column * width + row] = value;
    }
  }
  return matrix;
}

/** Eigenvalues and, in columns, eigenvectors of a symmetric matrix: Jacobi's rotations. */
function eigen(matrix: Float64Array, width: number): { values: Float64Array; directions: Float64Array } {
  const work = matrix.slice();
  const directions = new Float64Array(width * width);
  for (let index = 0; index < width; index++) directions[index * width + index] = 1;
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < width; p++) for (let q = p + 1; q < width; q++) rotate({ work, directions, width }, p, q);
  }
  return { values: Float64Array.from({ length: width }, (_, index) => work[index * width + index] ?? 0), directions };
}

interface Rotating {
  readonly work: Float64Array;
  readonly directions: Float64Array;
  readonly width: number;
}

/** Makes the entry at (p, q) 0. */
function rotate({ work, directions, width }: Rotating, p: number, q: number): void {
  const off = work[p * width + q] ?? 0;
  const [first, second] = [work[p * width + p] ?? 0, work[q * width + q] ?? 0];
  if (Math.abs(off) <= 1e-15 * Math.sqrt(Math.abs(first * second))) return;
  const slope = (second - first) / (2 * off);
  const tangent = Math.sign(slope || 1) / (Math.abs(slope) + Math.hypot(slope, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const turn = (values: Float64Array, a: number, b: number): void => {
    const [left, right] = [values[a] ?? 0, values[b] ?? 0];
    values[a] = cosine * left - sine * right;
    values[b] = sine * left + cosine * right;
  };
  for (let index = 0; index < width; index++) turn(work, index * width + p, index * width + q);
  for (let index = 0; index < width; index++) turn(work, p * width + index, q * width + index);
  for (let index = 0; index < width; index++) turn(directions, index * width + p, index * width + q);
}
