import type { Bags } from './bags.ts';

/** How much a row is held to where it began. */
const RIDGE = 1;
const ROUNDS = 50;

/**
 * Rows whose sums come as near as can be to the texts' vectors, by least squares, without going far from where they
 * began (what no text mentions stays there). By conjugate gradients for all columns at once, with each row scaled by
 * how often it occurs: without that, the frequent ones take hundreds of rounds.
 */
export function fitRows(bags: Bags, start: Float32Array, vectors: Float32Array, width: number): Float32Array {
  const rows = start.slice();
  const scales = bags.squares().map((square) => 1 / (square + RIDGE));
  const scaled = (values: Float32Array): Float32Array =>
    values.map((value, index) => value * (scales[Math.floor(index / width)] ?? 0));
  const missing = bags.sums(rows, width).map((reached, index) => (vectors[index] ?? 0) - reached);
  const residual = bags.spread(missing, width);
  const direction = scaled(residual);
  let squares = columnDots(residual, direction, width);
  for (let round = 1; round <= ROUNDS; round++) {
    const step = bags.spread(bags.sums(direction, width), width);
    for (const [index, value] of direction.entries()) step[index] = (step[index] ?? 0) + RIDGE * value;
    const lengths = ratios(squares, columnDots(direction, step, width));
    for (const [index, value] of direction.entries()) {
      const length = lengths[index % width] ?? 0;
      rows[index] = (rows[index] ?? 0) + length * value;
      residual[index] = (residual[index] ?? 0) - length * (step[index] ?? 0);
    }
    const next = scaled(residual);
    const nextSquares = columnDots(residual, next, width);
    const turns = ratios(nextSquares, squares);
    for (const [index, value] of next.entries()) {
      direction[index] = value + (turns[index % width] ?? 0) * (direction[index] ?? 0);
    }
    squares = nextSquares;
    if (round % 10 === 0) console.log(`fit: round ${round}, residual ${Math.sqrt(total(squares)).toExponential(2)}`);
  }
  return rows;
}

function columnDots(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const dots = new Float64Array(width);
  for (const [index, value] of a.entries()) dots[index % width] = (dots[index % width] ?? 0) + value * (b[index] ?? 0);
  return dots;
}

function ratios(above: Float64Array, below: Float64Array): Float64Array {
  return above.map((value, index) => value / Math.max(below[index] ?? 0, 1e-20));
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
