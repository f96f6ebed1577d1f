import { Pace } from './pace.ts';

/** Work of many, one after another, in slices: what becomes ready all at once does not hold the thread all at once. */
export class Turns {
  readonly #pace = new Pace();
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work when all before it is done, whether it succeeded or not. */
  async take<T>(work: (pace: Pace) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      await this.#pace.step();
      return work(this.#pace);
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}
