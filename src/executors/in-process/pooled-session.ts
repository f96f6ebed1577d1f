import type { ErrorData } from '../../errors/error-data.ts';
import type { SourceRecord } from '../../guest/compile/map-stack.ts';
import type { EncodedAnswer } from '../../workspace/run-calls.ts';
import type { ActiveRun } from './active-run.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { SessionImage } from './session-image.ts';
import type { WorkerSlot } from './worker-slot.ts';

/** Sources kept for stack traces of later errors: functions that earlier cells declared. */
const MAX_SOURCES = 64;

/**
 * - `idle`: no run. `ready`: has something to do and waits for a worker. `slicing`: a worker is at it.
 * - `waiting`: its run awaits host calls or timers. `closed`: for ever.
 */
export type SessionState = 'idle' | 'ready' | 'slicing' | 'waiting' | 'closed';

/** A session as the pool keeps it. It is data: where its VM lives may change at any slice. */
export class PooledSession {
  readonly id: number;
  state: SessionState = 'idle';
  run: ActiveRun | undefined;
  /** The worker's state is newer than what the host has. */
  stale = false;
  lastUsedAt = 0;
  /** It is to be closed when its run has ended. */
  closing = false;
  /** Why the run is to end; it does as soon as its slice is over. */
  stopping: ErrorData | undefined;

  /** State between runs; `undefined`: fresh. */
  #settled: SessionImage | undefined;
  /** State of the run under way. */
  #midRun: SessionImage | undefined;
  #sources: Record<string, SourceRecord> = {};
  #answers: EncodedAnswer[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The last run whose cell was handed out. */
  #lastRun = 0;
  /** What a thread still says of runs up to this one is of a state that was given up. */
  #forgottenRuns = 0;

  #worker: WorkerSlot | undefined;

  constructor(id: number) {
    this.id = id;
  }

  /** Holds the session's VM. */
  get worker(): WorkerSlot | undefined {
    return this.#worker;
  }

  set worker(slot: WorkerSlot | undefined) {
    this.#worker?.sessions.delete(this);
    this.#worker = slot;
    slot?.sessions.add(this);
  }

  addAnswer(answer: EncodedAnswer): void {
    this.#answers.push(answer);
  }

  get hasAnswers(): boolean {
    return this.#answers.length > 0;
  }

  /** The next slice, for a worker that has or has not the session's VM. */
  nextSlice(run: ActiveRun, slot: WorkerSlot): Extract<ToWorker, { type: 'slice' }> {
    const answers = this.#answers;
    this.#answers = [];
    const isElsewhere = slot !== this.worker;
    this.#lastRun = run.number;
    return {
      type: 'slice',
      session: this.id,
      run: run.number,
      answers,
      callBytesInFlight: run.callBytesInFlight,
      ...(isElsewhere ? { image: this.#midRun ?? this.#settled ?? null, sources: this.#sources } : {}),
      ...(isElsewhere || !run.started ? { limits: run.sliceLimits } : {}),
      ...(run.started ? {} : { cell: { file: run.file, source: run.source } }),
    };
  }

  takeImage({ image, midRun, run }: Extract<FromWorker, { type: 'image' }>): void {
    if (run <= this.#forgottenRuns) return;
    if (!midRun) this.#settled = image;
    else if (run === this.run?.number) this.#midRun = image;
    this.stale = false;
  }

  remember(sources: Readonly<Record<string, SourceRecord>>): void {
    const all = Object.entries({ ...this.#sources, ...sources });
    this.#sources = Object.fromEntries(all.slice(-MAX_SOURCES));
  }

  /** Calls back when the guest's next timer is due. */
  setTimer(delayMs: number, callback: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, delayMs);
  }

  clearTimer(): void {
    clearTimeout(this.#timer);
  }

  /** Forgets what belongs to a run alone. */
  endRun(): void {
    this.clearTimer();
    this.run = undefined;
    this.stopping = undefined;
    this.#midRun = undefined;
    this.#answers = [];
  }

  /** Back to the state before the run: the VM is gone. */
  rollBack(): void {
    this.worker = undefined;
    this.stale = false;
    this.#midRun = undefined;
  }

  /** Back to a fresh session. */
  reset(): void {
    this.rollBack();
    this.#forgottenRuns = this.#lastRun;
    this.#settled = undefined;
    this.#sources = {};
  }
}
