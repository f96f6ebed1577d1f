/** How long a thread looks for a message before it sleeps: to be woken takes longer than a quick answer does. */
export const PATIENCE_MS = 0.1;
const MAX_SKIPPED = 64;

/**
 * Whether looking for a message instead of sleeping is worth it just now. Where the cores are busy with something
 * else, a thread that looks keeps them from the one it waits for: after each time in vain, more are skipped.
 */
export class Patience {
  #inVain = 0;
  #skip = 0;

  get isWorthIt(): boolean {
    if (this.#skip === 0) return true;
    this.#skip -= 1;
    return false;
  }

  end(found: boolean): void {
    this.#inVain = found ? 0 : this.#inVain + 1;
    this.#skip = found ? 0 : Math.min(MAX_SKIPPED, 2 ** this.#inVain);
  }
}
