import { setImmediate } from 'node:timers/promises';

/** How long work may hold the thread, in ms: what else waits for it hardly notices. */
const SLICE_MS = 4;

/** Long work in slices: between two, the thread serves everybody else. */
export class Pace {
  #sliceEnd = performance.now() + SLICE_MS;

  /** To be awaited now and then; rests when the slice is over. */
  async step(): Promise<void> {
    if (performance.now() < this.#sliceEnd) return;
    await setImmediate();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}
