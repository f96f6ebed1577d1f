import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns the signals that ask a process to end into an AbortSignal. A second one ends the process at once.
 *
 * Until a command asks for the signal the system's default stands: the process just ends.
 */
export class Interrupts {
  readonly #controller = new AbortController();
  #state: 'idle' | 'listening' = 'idle';
  #received: NodeJS.Signals | undefined;

  /** Aborts at the first signal. From the first use on this process decides itself when it ends. */
  get signal(): AbortSignal {
    if (this.#state === 'idle') {
      this.#state = 'listening';
      for (const name of SIGNALS) process.on(name, this.#onSignal);
    }
    return this.#controller.signal;
  }

  /** 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP; undefined when nothing was interrupted. */
  get exitCode(): number | undefined {
    return this.#received === undefined ? undefined : 128 + constants.signals[this.#received];
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const isSecond = this.#received !== undefined;
    this.#received = name;
    if (isSecond) process.exit(this.exitCode);
    this.#controller.abort();
  };
}
