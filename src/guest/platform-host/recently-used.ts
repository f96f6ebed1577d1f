/** A map that forgets what was not used for longest. */
export class RecentlyUsed<Value> {
  readonly #capacity: number;
  readonly #entries = new Map<string, Value>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Answers what is kept under the key, or makes and keeps it. */
  get(key: string, make: (key: string) => Value): Value {
    const kept = this.#entries.get(key);
    const value = kept ?? make(key);
    if (kept !== undefined) this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) this.#evict();
    return value;
  }

  #evict(): void {
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
