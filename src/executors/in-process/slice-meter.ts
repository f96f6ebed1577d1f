import process from 'node:process';

import type { ErrorData } from '../../errors/error-data.ts';
import { CONTROL } from './messages.ts';

/** Why guest code was, or is to be, interrupted. */
export type Violation = Pick<ErrorData, 'code' | 'message'>;

const OUT_OF_TIME: Violation = {
  code: 'CPU_LIMIT',
  message: 'Cannot finish the run: it used up its CPU time (cpuTimeMs); do less in one run, or raise the limit',
};

/** The clock of a thread's CPU time may tick as slowly as this; below it, wall time is the better measure. */
const CPU_CLOCK_TICK_MS = 10;

/** Watches one slice: the CPU time of the agent's code, the host's wish to interrupt it, and limits it broke. */
export class SliceMeter {
  readonly #control: Int32Array;
  #budgetMs = 0;
  #startedAt = 0;
  #cpuAtStart = 0;
  #violation: Violation | undefined;
  #interrupted = false;
  readonly #onPoll: (now: number) => void;

  constructor(control: SharedArrayBuffer, onPoll: (now: number) => void) {
    this.#control = new Int32Array(control);
    this.#onPoll = onPoll;
  }

  start(budgetMs: number): void {
    this.#budgetMs = budgetMs;
    this.#startedAt = performance.now();
    this.#cpuAtStart = threadCpuMs();
    this.#violation = undefined;
    this.#interrupted = false;
  }

  /** Polled by the engine; true interrupts the guest. */
  poll(): boolean {
    Atomics.add(this.#control, CONTROL.heartbeat, 1);
    if (this.#violation !== undefined) return this.#interrupt();
    if (Atomics.load(this.#control, CONTROL.interrupt) === 1) {
      this.violate({ code: 'ABORTED', message: 'Cannot finish the run: it was interrupted' });
      return this.#interrupt();
    }
    const now = performance.now();
    this.#onPoll(now);
    const wallMs = now - this.#startedAt;
    if (wallMs > this.#budgetMs && this.usedMs() > this.#budgetMs) {
      this.violate(OUT_OF_TIME);
      return this.#interrupt();
    }
    return false;
  }

  /**
   * The slice is over: answers the CPU time that it took. The engine polls by its own steps, so many short native
   * operations may take more than the budget between two polls; that is a violation too.
   */
  end(): number {
    const usedMs = this.usedMs();
    if (usedMs > this.#budgetMs) this.violate(OUT_OF_TIME);
    return usedMs;
  }

  /**
   * The engine's own interruption is an exception that no `catch` of the agent's sees, but the constructor of a promise
   * takes it for a rejection. Code that goes on after it is thrown out of the engine, whose state is lost with that.
   */
  #interrupt(): boolean {
    if (this.#interrupted) throw new Error('the guest goes on after an interruption');
    this.#interrupted = true;
    return true;
  }

  /** The first reason counts. Guest code ends at its next poll. */
  violate(violation: Violation): void {
    this.#violation ??= violation;
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** CPU time since `start`, in milliseconds. */
  usedMs(): number {
    const wallMs = performance.now() - this.#startedAt;
    return wallMs < CPU_CLOCK_TICK_MS ? wallMs : Math.min(wallMs, threadCpuMs() - this.#cpuAtStart);
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
