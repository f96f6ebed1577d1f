/** Texts as bags of pieces: of each text, the rows of its pieces, all with the factor 1 / √(their number). */
export class Bags {
  readonly #bags: readonly (readonly number[])[];
  readonly #rowCount: number;

  constructor(bags: readonly (readonly number[])[], rowCount: number) {
    this.#bags = bags;
    this.#rowCount = rowCount;
  }

  /** One vector a text: the sum of its rows. */
  sums(rows: Float32Array, width: number): Float32Array {
    const sums = new Float32Array(this.#bags.length * width);
    for (const [text, bag] of this.#bags.entries()) {
      const factor = 1 / Math.sqrt(bag.length);
      for (const row of bag) addScaled(sums, text * width, rows, row * width, width, factor);
    }
    return sums;
  }

  /** The transpose of `sums`: gives each row the vectors of the texts that it is in. */
  spread(vectors: Float32Array, width: number): Float32Array {
    const rows = new Float32Array(this.#rowCount * width);
    for (const [text, bag] of this.#bags.entries()) {
      const factor = 1 / Math.sqrt(bag.length);
      for (const row of bag) addScaled(rows, row * width, vectors, text * width, width, factor);
    }
    return rows;
  }

  /** For each row, the sum of the squares of its factors. */
  squares(): Float32Array {
    const squares = new Float32Array(this.#rowCount);
    for (const bag of this.#bags) for (const row of bag) squares[row] = (squares[row] ?? 0) + 1 / bag.length;
    return squares;
  }
}

// Plain numbers, since this is where the time goes.
// oxlint-disable-next-line max-params
function addScaled(
  into: Float32Array,
  at: number,
  from: Float32Array,
  start: number,
  width: number,
  factor: number,
): void {
  for (let index = 0; index < width; index++) {
    into[at + index] = (into[at + index] ?? 0) + factor * (from[start + index] ?? 0);
  }
}
