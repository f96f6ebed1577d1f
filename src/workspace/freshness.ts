/** Runs a refresh once per expiry, however many ask at the same time. */
export class Freshness {
  readonly #refresh: () => Promise<void>;
  #current: Promise<void> | undefined;

  constructor(refresh: () => Promise<void>) {
    this.#refresh = refresh;
  }

  /** What is under way was asked for before now: the next use starts anew. */
  expire(): void {
    this.#current = undefined;
  }

  ensure(): Promise<void> {
    this.#current ??= this.#start();
    return this.#current;
  }

  async #start(): Promise<void> {
    try {
      await this.#refresh();
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }
}
