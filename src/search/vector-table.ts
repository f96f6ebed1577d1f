import { createDotKernel } from './dot-kernel.ts';
import type { DotKernel } from './dot-kernel.ts';

const PAGE_BYTES = 65_536;
const LARGEST = 127;

/** A vector as bytes: a number of the vector is its byte times the scale. */
export interface ByteVector {
  readonly bytes: Int8Array;
  readonly scale: number;
}

/** Rounds a vector, made as long as 1, to bytes. One that has no direction, or not only numbers, is like none: 0. */
export function toByteVector(vector: Float32Array): ByteVector {
  let squares = 0;
  let largest = 0;
  for (const value of vector) {
    squares += value * value;
    largest = Math.max(largest, Math.abs(value));
  }
  const bytes = new Int8Array(vector.length);
  if (!(squares > 0 && Number.isFinite(squares))) return { bytes, scale: 0 };
  for (const [index, value] of vector.entries()) bytes[index] = Math.round((value / largest) * LARGEST);
  return { bytes, scale: largest / LARGEST / Math.sqrt(squares) };
}

/** One vector a slot, as bytes, and the cosines of a query with all of them. */
export class VectorTable {
  readonly #kernel: DotKernel;
  /** Bytes from one row to the next: the kernel takes sixteen at a time. */
  readonly #width: number;
  #slots = 0;
  #scales = new Float32Array(0);
  /** Of the last query. */
  #cosines = new Float32Array(0);

  private constructor(kernel: DotKernel, dimensions: number) {
    this.#kernel = kernel;
    this.#width = Math.ceil(dimensions / 16) * 16;
  }

  static async create(dimensions: number): Promise<VectorTable> {
    return new VectorTable(await createDotKernel(), dimensions);
  }

  /** Makes room for this many slots; those that are there keep their vectors. */
  reserve(slots: number): void {
    if (slots <= this.#slots) return;
    const { memory } = this.#kernel;
    const missing = this.#rowsAt + slots * (this.#width + 4) - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    const scales = new Float32Array(slots);
    scales.set(this.#scales);
    this.#scales = scales;
    this.#cosines = new Float32Array(slots);
    this.#slots = slots;
  }

  set(slot: number, { bytes, scale }: ByteVector): void {
    const row = new Int8Array(this.#kernel.memory.buffer, this.#rowsAt + slot * this.#width, this.#width);
    row.fill(0);
    row.set(bytes.subarray(0, this.#width));
    this.#scales[slot] = scale;
  }

  clear(slot: number): void {
    this.#scales[slot] = 0;
  }

  /** The cosine of the query with the vector of each slot; 0 where there is none. Good until the next query. */
  cosines(query: ByteVector): Float32Array {
    const cosines = this.#cosines;
    const out = this.#rowsAt + this.#slots * this.#width;
    const { buffer } = this.#kernel.memory;
    new Int16Array(buffer, 0, this.#width).fill(0).set(query.bytes.subarray(0, this.#width));
    this.#kernel.dots({ query: 0, rows: this.#rowsAt, count: this.#slots, width: this.#width, out });
    const dots = new Int32Array(buffer, out, this.#slots);
    const scales = this.#scales;
    for (let slot = 0; slot < cosines.length; slot++) {
      cosines[slot] = (dots[slot] ?? 0) * (scales[slot] ?? 0) * query.scale;
    }
    return cosines;
  }

  /** The query stands before the rows. */
  get #rowsAt(): number {
    return this.#width * 2;
  }
}
