import { availableParallelism } from 'node:os';

import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import type { ActiveRun, Ending } from './active-run.ts';
import type { BaseImage, FromWorker, IssuedCall } from './messages.ts';
import { PooledSession } from './pooled-session.ts';
import { compileEngine } from './wasm-module.ts';
import { WorkerSlot } from './worker-slot.ts';

/** A worker keeps this many VMs warm; others are kept as images, and restored when they run again. */
const LIVE_SESSIONS_PER_WORKER = 8;

const ROLLED_BACK = 'The session is as it was before this run: what the run declared or changed is undone.';

export interface WorkerPoolOptions {
  /** Threads. Default: as many as the machine has cores. */
  readonly workers?: number;
}

/**
 * A fixed number of threads that do the slices of any number of sessions.
 *
 * A slice is guest code from one wait to the next. Sessions that have something to do queue in order; a free
 * thread takes the first of them, wherever its VM was before.
 */
export class WorkerPool {
  readonly #size: number;
  readonly #slots = new Set<WorkerSlot>();
  readonly #sessions = new Map<number, PooledSession>();
  readonly #ready = new Set<PooledSession>();
  #lastId = 0;
  #engine: Promise<WebAssembly.Module> | undefined;
  #base: BaseImage | undefined;
  /** The first thread builds the base image; the others wait for it. */
  #starting: Promise<void> | undefined;
  #closed = false;

  constructor(options: WorkerPoolOptions = {}) {
    this.#size = options.workers ?? availableParallelism();
  }

  openSession(): PooledSession {
    const session = new PooledSession(++this.#lastId);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Starts a run in a session that has none. */
  startRun(session: PooledSession, run: ActiveRun): void {
    session.run = run;
    run.begin();
    if (session.run === run) this.#makeReady(session);
  }

  /** Ends the run under way, as soon as its thread lets go of it. */
  stopRun(session: PooledSession, error: CodeModeError): void {
    if (session.run === undefined) return;
    session.stopping ??= toErrorData(error);
    if (session.state === 'slicing') session.worker?.interrupt();
    else this.#endRun(session, { ok: false, error: session.stopping }, false);
  }

  resetSession(session: PooledSession): void {
    this.#drop(session, true);
    session.reset();
  }

  closeSession(session: PooledSession): void {
    if (session.state === 'closed') return;
    session.closing = true;
    this.stopRun(session, new CodeModeError('SESSION_CLOSED', 'Cannot finish the run: the session was closed'));
    if (session.run === undefined) this.#remove(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions.values()) this.closeSession(session);
    await Promise.all([...this.#slots].map((slot) => slot.terminate()));
  }

  #makeReady(session: PooledSession): void {
    if (session.state === 'closed') return;
    session.clearTimer();
    session.state = 'ready';
    session.run?.clock.setQueued(true);
    this.#ready.add(session);
    this.#schedule();
  }

  /** Hands ready sessions to free threads. */
  #schedule(): void {
    for (const session of this.#ready) {
      const slot = this.#freeSlotFor(session);
      if (slot !== undefined) this.#startSlice(session, slot);
    }
    if (this.#ready.size > 0 && this.#slots.size < this.#size) this.#grow();
  }

  #freeSlotFor(session: PooledSession): WorkerSlot | undefined {
    const { worker } = session;
    if (worker !== undefined && worker.busyWith === undefined) return worker;
    // Its newest state is on the way from the thread that has it.
    if (session.stale) return undefined;
    let best: WorkerSlot | undefined;
    for (const slot of this.#slots) {
      if (slot.busyWith === undefined && slot.ready && (best === undefined || slot.sessions.size < best.sessions.size))
        best = slot;
    }
    return best;
  }

  #startSlice(session: PooledSession, slot: WorkerSlot): void {
    const { run } = session;
    this.#ready.delete(session);
    if (run === undefined) return;
    const slice = session.nextSlice(run, slot);
    if (session.worker !== slot) this.#drop(session, true);
    session.worker = slot;
    session.state = 'slicing';
    session.stale = true;
    session.lastUsedAt = performance.now();
    run.started = true;
    run.clock.setQueued(false);
    slot.startSlice(slice, run.cpuLeftMs);
  }

  #receive(slot: WorkerSlot, message: FromWorker): void {
    if (message.type === 'ready') {
      this.#base ??= message.base;
      slot.setReady();
      this.#schedule();
      return;
    }
    const session = this.#sessions.get(message.session);
    if (message.type === 'slice-end') slot.endSlice();
    // What a thread says of a session that has moved on is late news.
    if (session?.worker === slot) this.#receiveFor(session, message);
    else if (message.type === 'slice-end') slot.send({ type: 'drop', session: message.session, discard: true });
    this.#schedule();
  }

  #receiveFor(session: PooledSession, message: Exclude<FromWorker, { type: 'ready' }>): void {
    if (message.type === 'image') session.takeImage(message);
    else if (message.type === 'log') session.run?.log(message.stream, message.text);
    else if (message.type === 'calls') {
      if (session.stopping === undefined) this.#performAll(session, message.calls);
      else this.#skipAll(session, message.calls);
    } else this.#endSlice(session, message);
  }

  #performAll(session: PooledSession, calls: readonly IssuedCall[]): void {
    for (const call of calls) void this.#perform(session, call);
  }

  /** The run is over: nobody could await these any more. */
  #skipAll(session: PooledSession, calls: readonly IssuedCall[]): void {
    for (const call of calls) session.run?.skip(call);
  }

  async #perform(session: PooledSession, issued: IssuedCall): Promise<void> {
    const { run } = session;
    if (run === undefined) return;
    const answer = await run.perform(issued);
    if (answer === undefined || session.run !== run) return;
    session.addAnswer(answer);
    if (session.state !== 'waiting') return;
    // Other answers may be a moment away: they go in one slice.
    if (run.calls.inFlight === 0) this.#makeReady(session);
    else setImmediate(() => session.run === run && session.state === 'waiting' && this.#makeReady(session));
  }

  #endSlice(session: PooledSession, end: Extract<FromWorker, { type: 'slice-end' }>): void {
    const { run } = session;
    session.state = 'waiting';
    if (end.sources !== undefined) session.remember(end.sources);
    if (end.outcome === undefined && session.stopping === undefined) this.#performAll(session, end.calls);
    else this.#skipAll(session, end.calls);
    run?.spend(end.cpuTimeMs);
    if (end.warnings !== undefined) run?.warn(...end.warnings);
    if (end.outcome?.ok === false && !end.outcome.keepState) session.rollBack();
    if (session.stopping !== undefined) this.#endRun(session, { ok: false, error: session.stopping }, false);
    else if (end.outcome !== undefined) this.#endRun(session, end.outcome, end.outcome.ok || end.outcome.keepState);
    else if (session.hasAnswers) this.#makeReady(session);
    else if (end.nextTimerMs !== undefined) session.setTimer(end.nextTimerMs, () => this.#makeReady(session));
    this.#evictFrom(session.worker);
  }

  #endRun(session: PooledSession, ending: Ending, keepState: boolean): void {
    const { run } = session;
    this.#ready.delete(session);
    if (!keepState) {
      if (run?.started === true) run.warn(ROLLED_BACK);
      this.#drop(session, true);
      session.rollBack();
    }
    session.endRun();
    session.state = 'idle';
    if (session.closing) this.#remove(session);
    run?.finish(ending);
  }

  /** Lets the least recently used VMs of a thread go: their images are enough to bring them back. */
  #evictFrom(slot: WorkerSlot | undefined): void {
    const surplus = (slot?.sessions.size ?? 0) - LIVE_SESSIONS_PER_WORKER;
    if (slot === undefined || surplus <= 0) return;
    const idle = [...slot.sessions]
      .filter(({ state }) => state === 'idle')
      .toSorted((a, b) => a.lastUsedAt - b.lastUsedAt);
    for (const session of idle.slice(0, surplus)) {
      if (session.stale) continue;
      this.#drop(session, false);
    }
  }

  #drop(session: PooledSession, discard: boolean): void {
    session.worker?.send({ type: 'drop', session: session.id, discard });
    session.worker = undefined;
  }

  #remove(session: PooledSession): void {
    this.#drop(session, true);
    this.#ready.delete(session);
    this.#sessions.delete(session.id);
    session.reset();
    session.state = 'closed';
  }

  #grow(): void {
    if (this.#closed || this.#starting !== undefined) return;
    this.#starting = this.#startSlot().finally(() => {
      this.#starting = undefined;
      this.#schedule();
    });
  }

  async #startSlot(): Promise<void> {
    const { memoryBytes, stackBytes } = DEFAULT_LIMITS;
    this.#engine ??= compileEngine(memoryBytes);
    const engine = await this.#engine;
    const { promise, resolve } = Promise.withResolvers<void>();
    const slot: WorkerSlot = new WorkerSlot(
      { engine, base: this.#base, defaults: { memoryBytes, stackBytes } },
      {
        onMessage: (message) => {
          this.#receive(slot, message);
          if (message.type === 'ready') resolve();
        },
        onExit: (reason) => {
          this.#lose(slot, reason);
          if (!slot.ready) this.#failReady(reason);
          resolve();
        },
      },
    );
    this.#slots.add(slot);
    await promise;
  }

  /** No thread can be started: nobody may wait for one. */
  #failReady(reason: Pick<ErrorData, 'code' | 'message'>): void {
    for (const session of this.#ready)
      this.#endRun(session, { ok: false, error: { name: 'CodeModeError', stack: '', ...reason } }, true);
  }

  /** A thread is gone: the session it worked for loses its run, the others go on from what the host has. */
  #lose(slot: WorkerSlot, reason: Pick<ErrorData, 'code' | 'message'>): void {
    this.#slots.delete(slot);
    for (const session of slot.sessions) {
      const guilty = slot.busyWith === session.id;
      session.worker = undefined;
      if (guilty || session.stale) {
        const error = session.stopping ?? { name: 'CodeModeError', stack: '', ...reason };
        this.#endRun(session, { ok: false, error }, false);
      }
    }
    this.#schedule();
  }
}
