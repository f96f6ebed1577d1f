/** Chance that comes out the same each time. */
export class Shuffler {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to 1, without 1. A linear congruential generator (Numerical Recipes). */
  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  pick(items: readonly string[]): string {
    return items[Math.floor(this.next() * items.length)] ?? '';
  }

  /** So many of the items, in another order. */
  take<T>(items: readonly T[], count: number): T[] {
    const keys = items.map(() => this.next());
    const order = items.map((_, index) => index).toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    return order.slice(0, count).flatMap((index) => items.slice(index, index + 1));
  }
}
