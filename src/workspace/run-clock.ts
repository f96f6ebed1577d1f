import { CodeModeError } from '../errors/code-mode-error.ts';

/** Longer delays make Node fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The wall clock of a run. It stands still while the run waits for a free worker (that is the pool's affair)
 * and while it waits for a person (that has a budget of its own).
 */
export class RunClock {
  readonly #timeoutMs: number;
  readonly #personTimeoutMs: number;
  readonly #onExpire: (error: CodeModeError) => void;
  #usedMs = 0;
  #personMs = 0;
  #persons = 0;
  #queued = true;
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  /** Which budget the timer watches. */
  #isForPerson = false;
  #stopped = false;

  /** Starts standing still, as if queued. */
  constructor(
    limits: { readonly timeoutMs: number; readonly personTimeoutMs: number },
    onExpire: (error: CodeModeError) => void,
  ) {
    this.#timeoutMs = limits.timeoutMs;
    this.#personTimeoutMs = limits.personTimeoutMs;
    this.#onExpire = onExpire;
  }

  /** Milliseconds that count against `timeoutMs`. */
  get usedMs(): number {
    return this.#usedMs + (this.#counting === 'run' ? performance.now() - this.#since : 0);
  }

  /** True: the run waits for a free worker. */
  setQueued(queued: boolean): void {
    this.#change(() => {
      this.#queued = queued;
    });
  }

  /** Does `work`, which waits for a person, on the person's budget. */
  async waitForPerson<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#change(() => (this.#persons += 1));
    try {
      return await work();
    } finally {
      this.#change(() => (this.#persons -= 1));
    }
  }

  stop(): void {
    this.#change(() => {
      this.#stopped = true;
    });
  }

  get #counting(): 'run' | 'person' | 'nothing' {
    if (this.#stopped) return 'nothing';
    if (this.#persons > 0) return 'person';
    return this.#queued ? 'nothing' : 'run';
  }

  #change(apply: () => void): void {
    const before = this.#counting;
    const elapsedMs = performance.now() - this.#since;
    if (before === 'run') this.#usedMs += elapsedMs;
    else if (before === 'person') this.#personMs += elapsedMs;
    apply();
    this.#since = performance.now();
    const after = this.#counting;
    if (this.#stopped) clearTimeout(this.#timer);
    else if (after !== 'nothing' && (this.#timer === undefined || (after === 'person') !== this.#isForPerson))
      this.#arm();
  }

  /** A timer stays armed through short pauses: what is left is looked at when it fires. Each budget has its own. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#isForPerson = this.#counting === 'person';
    this.#timer = setTimeout(() => this.#check(), Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(this.#leftMs))));
  }

  get #leftMs(): number {
    const elapsedMs = performance.now() - this.#since;
    if (this.#counting === 'person') return this.#personTimeoutMs - this.#personMs - elapsedMs;
    return this.#timeoutMs - this.usedMs;
  }

  #check(): void {
    this.#timer = undefined;
    if (this.#counting === 'nothing') return;
    if (this.#leftMs > 0) return this.#arm();
    const reason =
      this.#counting === 'person'
        ? `waiting for a person took longer than ${this.#personTimeoutMs} ms (personTimeoutMs)`
        : `it took longer than ${this.#timeoutMs} ms (timeoutMs)`;
    this.#onExpire(new CodeModeError('TIMEOUT', `Cannot finish the run: ${reason}`));
  }
}
