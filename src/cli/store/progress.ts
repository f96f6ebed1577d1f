import { printLog } from '../output.ts';
import type { Steps } from './part.ts';

/** What takes less is not worth a word. */
const QUIET_MS = 2_000;
const TERMINAL_INTERVAL_MS = 100;
const LOG_INTERVAL_MS = 5_000;

/** Tells on stderr how far a long work is: on a terminal in one line that is written over, elsewhere a line now and then. */
export class Progress implements Steps, Disposable {
  readonly #isTerminal = process.stderr.isTTY;
  readonly #startedAt = performance.now();
  #shownAt = 0;
  #what = '';
  #total = 0;
  #done = 0;
  #isLineOpen = false;

  begin(what: string, total: number): void {
    this.#what = what;
    this.#total = total;
    this.#done = 0;
  }

  advance(count: number): void {
    this.#done += count;
    const now = performance.now();
    const intervalMs = this.#isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
    if (now - this.#startedAt < QUIET_MS || now - this.#shownAt < intervalMs) return;
    this.#shownAt = now;
    const line = `${this.#what}: ${this.#done} of ${this.#total}`;
    if (this.#isTerminal) process.stderr.write(`\r\u001B[K${line}`);
    else printLog(`${line}\n`);
    this.#isLineOpen = this.#isTerminal;
  }

  /** Wipes the line. */
  [Symbol.dispose](): void {
    if (this.#isLineOpen) process.stderr.write('\r\u001B[K');
    this.#isLineOpen = false;
  }
}
