import type { ErrorData } from '../../errors/error-data.ts';
import type { EncodedAnswer } from '../../workspace/run-calls.ts';
import type { ActiveRun } from '../in-process/active-run.ts';
import type { ChildSize } from './child-starter.ts';
import type { ConfinedChild } from './confined-child.ts';
import type { SliceToChild } from './messages.ts';

/**
 * - `idle`: no run. `ready`: has something to do and waits for its turn. `slicing`: its child is at it.
 * - `waiting`: its run awaits host calls or timers. `closed`: for ever.
 */
export type SessionState = 'idle' | 'ready' | 'slicing' | 'waiting' | 'closed';

/** A session as the pool keeps it. Its variables live in its child, and end with it. */
export class SubprocessSession {
  readonly id: number;
  /** Sessions of one domain may share children. */
  readonly domain: string;
  readonly size: ChildSize;
  state: SessionState = 'idle';
  run: ActiveRun | undefined;
  child: ConfinedChild | undefined;
  /** A child is being started for it. */
  starting = false;
  /** Something of it is in the child. */
  hasState = false;
  /** Why earlier variables are gone, until a run has said so. */
  lost: string | undefined;
  closing = false;
  /** Why the run is to end; it does as soon as its slice is over, or its child. */
  stopping: ErrorData | undefined;
  /** Of the calls of the run under way. */
  lastCallId = 0;

  #answers: EncodedAnswer[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(id: number, domain: string, size: ChildSize) {
    this.id = id;
    this.domain = domain;
    this.size = size;
  }

  addAnswer(answer: EncodedAnswer): void {
    this.#answers.push(answer);
  }

  get hasAnswers(): boolean {
    return this.#answers.length > 0;
  }

  nextSlice(run: ActiveRun): SliceToChild {
    const answers = this.#answers;
    this.#answers = [];
    return {
      type: 'slice',
      session: this.id,
      run: run.number,
      answers,
      callBytesInFlight: run.callBytesInFlight,
      ...(run.started ? {} : { limits: run.sliceLimits, cell: { file: run.file, source: run.source } }),
    };
  }

  /** Calls back when the guest's next timer is due, or its run has to be ended. */
  setTimer(delayMs: number, callback: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
  }

  clearTimer(): void {
    clearTimeout(this.#timer);
  }

  /** Forgets what belongs to a run alone. */
  endRun(): void {
    this.clearTimer();
    this.run = undefined;
    this.stopping = undefined;
    this.lastCallId = 0;
    this.#answers = [];
  }
}
