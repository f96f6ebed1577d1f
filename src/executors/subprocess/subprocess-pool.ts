import { availableParallelism } from 'node:os';

import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import type { Limits } from '../../contracts/limits.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import { encodedSize } from '../../protocol/codec/encode.ts';
import type { ActiveRun, Ending } from '../in-process/active-run.ts';
import type { IssuedCall } from '../in-process/messages.ts';
import { callId, crossed, faultOfCall, faultOfLog, maxFrameBytes } from './child-faults.ts';
import { residentLimitBytes } from './child-starter.ts';
import type { ChildSize, ChildStarter, Isolation } from './child-starter.ts';
import type { ConfinedChild, EndReason } from './confined-child.ts';
import type { FromChild, Ready, SliceEnd } from './messages.ts';
import { CUT_OFF, LOST } from './state-warnings.ts';
import { SubprocessSession } from './subprocess-session.ts';

/** How long guest code that is to end may take to come to an end of its slice, before its child is ended. */
const STOP_GRACE_MS = 200;
/** Of one trust domain. */
const SESSIONS_PER_CHILD = 8;

/**
 * Confined children and the sessions in them. A session stays in one child until either ends; a child takes sessions of
 * one trust domain alone.
 *
 * As many slices are under way at once as the machine has cores: so the time that a slice takes is mostly its own, and
 * a run that waits for its turn pays nothing.
 */
export class SubprocessPool {
  readonly #starter: ChildStarter;
  readonly #warm: number;
  /** Of the children that are started in advance. */
  readonly #size: ChildSize;
  readonly #cores = availableParallelism();
  readonly #sessions = new Map<number, SubprocessSession>();
  readonly #ready = new Set<SubprocessSession>();
  readonly #domains = new Map<string, Set<ConfinedChild>>();
  readonly #children = new Map<ConfinedChild, Set<SubprocessSession>>();
  /** Settles when the last session of a domain so far has its child. */
  readonly #equipping = new Map<string, Promise<void>>();
  /** Started in advance. */
  readonly #spares = new Set<Promise<ConfinedChild>>();
  #slices = 0;
  #lastId = 0;
  #closed = false;

  /** @param shares whether children take more than one session */
  constructor(starter: ChildStarter, warm: number, shares: boolean) {
    const { memoryBytes, stackBytes } = DEFAULT_LIMITS;
    this.#starter = starter;
    this.#warm = warm;
    this.#size = { memoryBytes, stackBytes, sessions: shares ? SESSIONS_PER_CHILD : 1 };
  }

  /** Starts a child, if none has started yet, to see what it is confined by. */
  async isolation(): Promise<Isolation> {
    if (this.#starter.isolation === undefined) {
      this.#refill(Math.max(1, this.#warm));
      const [first] = this.#spares;
      await first;
    }
    const { isolation } = this.#starter;
    if (isolation === undefined)
      throw new CodeModeError('INTERNAL', 'Cannot tell the isolation: no process has started');
    return isolation;
  }

  /** @throws {CodeModeError} what keeps a child from starting. */
  async openSession(
    domain: string | undefined,
    { memoryBytes, stackBytes }: Pick<Limits, 'memoryBytes' | 'stackBytes'>,
  ): Promise<SubprocessSession> {
    const id = ++this.#lastId;
    const size = { memoryBytes, stackBytes, sessions: this.#size.sessions };
    // A name that no caller can give.
    const session = new SubprocessSession(id, domain ?? `\0${id}`, size);
    this.#sessions.set(id, session);
    try {
      await this.#equip(session);
    } catch (error) {
      this.#remove(session);
      throw error;
    }
    return session;
  }

  startRun(session: SubprocessSession, run: ActiveRun): void {
    session.run = run;
    run.begin();
    if (session.run === run) this.#makeReady(session);
  }

  /** Ends the run under way, as soon as its child lets go of it. */
  stopRun(session: SubprocessSession, error: CodeModeError): void {
    if (session.run === undefined) return;
    session.stopping ??= toErrorData(error);
    if (session.state !== 'slicing') this.#endRun(session, { ok: false, error: session.stopping }, CUT_OFF);
    else session.setTimer(STOP_GRACE_MS, () => session.child?.kill(session.stopping));
  }

  resetSession(session: SubprocessSession): void {
    session.child?.drop(session.id);
    session.hasState = false;
    session.lost = undefined;
  }

  closeSession(session: SubprocessSession): void {
    if (session.state === 'closed') return;
    session.closing = true;
    this.stopRun(session, new CodeModeError('SESSION_CLOSED', 'Cannot finish the run: the session was closed'));
    if (session.run === undefined) this.#remove(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions.values()) this.closeSession(session);
    const spares = await Promise.allSettled(this.#spares);
    const started = spares.flatMap((spare) => (spare.status === 'fulfilled' ? [spare.value] : []));
    await Promise.all([...this.#children.keys(), ...started].map((child) => child.close()));
  }

  #makeReady(session: SubprocessSession): void {
    if (session.state === 'closed') return;
    session.clearTimer();
    session.state = 'ready';
    session.run?.clock.setQueued(true);
    this.#ready.add(session);
    this.#schedule();
  }

  /** Lets ready sessions go on whose child is free. */
  #schedule(): void {
    for (const session of this.#ready) {
      if (this.#slices >= this.#cores) return;
      const { child } = session;
      if (child === undefined) this.#restart(session);
      else if (child.busyWith === undefined) this.#startSlice(session, child);
    }
  }

  /** Its child is gone: another one takes its place. */
  #restart(session: SubprocessSession): void {
    if (session.starting) return;
    this.#equip(session).then(
      () => this.#schedule(),
      (error: unknown) => this.#endRun(session, { ok: false, error: toErrorData(error) }),
    );
  }

  #startSlice(session: SubprocessSession, child: ConfinedChild): void {
    const { run } = session;
    this.#ready.delete(session);
    if (run === undefined) return;
    const slice = session.nextSlice(run);
    session.state = 'slicing';
    session.hasState = true;
    run.started = true;
    run.clock.setQueued(false);
    this.#slices += 1;
    child.startSlice(slice, run.cpuLeftMs, maxFrameBytes(run.sliceLimits));
  }

  /** What a child says of the session at work in it. */
  #receive(child: ConfinedChild, message: Exclude<FromChild, Ready>): void {
    if (message.type === 'slice-end') this.#slices -= 1;
    const session = this.#sessions.get(message.session);
    if (session?.child === child && session.run !== undefined) {
      const { run } = session;
      if (message.type === 'log') this.#log(session, run, message);
      else if (message.type === 'calls') this.#performAll(session, run, message.calls);
      else this.#endSlice(session, run, message);
    }
    this.#schedule();
  }

  #log(session: SubprocessSession, run: ActiveRun, { stream, text }: Extract<FromChild, { type: 'log' }>): void {
    const fault = faultOfLog(run, stream, text);
    if (fault === undefined) run.log(stream, text);
    else this.#refuse(session, fault);
  }

  /** Its child let something through that it should not: both end. */
  #refuse(session: SubprocessSession, fault: string): void {
    const reason = crossed(fault);
    session.stopping ??= { name: 'CodeModeError', stack: '', ...reason };
    session.child?.kill(reason);
  }

  /** @param isOver the run ended as these were made: they are told, and not done */
  #performAll(session: SubprocessSession, run: ActiveRun, calls: readonly IssuedCall[], isOver = false): void {
    for (const call of calls) {
      const fault = faultOfCall(call, run, session.lastCallId);
      if (fault !== undefined) return this.#refuse(session, fault);
      session.lastCallId = callId(call);
      // Nobody could await it any more.
      if (isOver || session.stopping !== undefined) run.skip(call);
      else void this.#perform(session, run, call);
    }
  }

  async #perform(session: SubprocessSession, run: ActiveRun, issued: IssuedCall): Promise<void> {
    const answer = await run.perform(issued);
    if (answer === undefined || session.run !== run) return;
    session.addAnswer(answer);
    if (session.state !== 'waiting') return;
    // Other answers may be a moment away: they go in one slice.
    if (run.calls.inFlight === 0) this.#makeReady(session);
    else setImmediate(() => session.run === run && session.state === 'waiting' && this.#makeReady(session));
  }

  #endSlice(session: SubprocessSession, run: ActiveRun, end: SliceEnd): void {
    session.state = 'waiting';
    session.clearTimer();
    this.#performAll(session, run, end.calls, end.outcome !== undefined);
    run.spend(end.cpuTimeMs);
    if (end.warnings !== undefined) run.warn(...end.warnings);
    const { outcome } = end;
    if (outcome?.ok === false && !outcome.keepState) {
      session.hasState = false;
      run.warn(LOST);
    }
    if (session.stopping !== undefined) this.#endRun(session, { ok: false, error: session.stopping }, CUT_OFF);
    else if (outcome?.ok === true && encodedSize(outcome.encoded) > run.sliceLimits.resultBytes)
      this.#refuse(session, 'it returned more than resultBytes');
    else if (outcome !== undefined) this.#endRun(session, outcome);
    else if (session.hasAnswers) this.#makeReady(session);
    else if (end.nextTimerMs !== undefined) session.setTimer(end.nextTimerMs, () => this.#makeReady(session));
  }

  /** @param warning of a run that had begun */
  #endRun(session: SubprocessSession, ending: Ending, warning?: string): void {
    const { run } = session;
    this.#ready.delete(session);
    if (run?.started === true && warning !== undefined) run.warn(warning);
    if (session.lost !== undefined) run?.warn(session.lost);
    session.lost = undefined;
    session.endRun();
    session.state = 'idle';
    if (session.closing) this.#remove(session);
    run?.finish(ending);
  }

  #remove(session: SubprocessSession): void {
    this.#sessions.delete(session.id);
    session.state = 'closed';
    const { child } = session;
    const sharing = child && this.#children.get(child);
    if (child === undefined || sharing === undefined) return;
    session.child = undefined;
    sharing.delete(session);
    if (sharing.size === 0) child.kill();
    else child.drop(session.id);
  }

  /** Gives a session a child. One after another in a domain, so that each sees the child that the last one got. */
  async #equip(session: SubprocessSession): Promise<void> {
    session.starting = true;
    const { domain } = session;
    const before = this.#equipping.get(domain);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#equipping.set(domain, promise);
    try {
      await before;
      const child = this.#shared(session) ?? (await this.#claim(session.size));
      const sharing = this.#children.get(child);
      if (session.state === 'closed' || this.#closed || sharing === undefined) {
        child.kill();
        throw new CodeModeError('SANDBOX_CRASHED', 'Cannot start the sandbox: its process ended, or it was closed');
      }
      session.child = child;
      sharing.add(session);
      child.memoryBytes = residentLimitBytes([...sharing].reduce((sum, { size }) => sum + size.memoryBytes, 0));
      const siblings = this.#domains.get(domain) ?? new Set();
      this.#domains.set(domain, siblings.add(child));
    } finally {
      session.starting = false;
      resolve();
      if (this.#equipping.get(domain) === promise) this.#equipping.delete(domain);
    }
  }

  /** The child of its domain with the fewest sessions, once there are as many as cores. */
  #shared({ domain, size }: SubprocessSession): ConfinedChild | undefined {
    const siblings = [...(this.#domains.get(domain) ?? [])];
    if (siblings.length < this.#cores || !this.#isUsual(size)) return undefined;
    const load = (child: ConfinedChild): number => this.#children.get(child)?.size ?? 0;
    const [freest] = siblings.toSorted((a, b) => load(a) - load(b));
    return freest !== undefined && load(freest) < SESSIONS_PER_CHILD ? freest : undefined;
  }

  #isUsual({ memoryBytes, stackBytes }: ChildSize): boolean {
    return memoryBytes === this.#size.memoryBytes && stackBytes === this.#size.stackBytes;
  }

  async #claim(size: ChildSize): Promise<ConfinedChild> {
    const [spare] = this.#isUsual(size) ? this.#spares : [];
    if (spare !== undefined) this.#spares.delete(spare);
    try {
      const child = await (spare ?? this.#start(size));
      // It may have ended while it waited.
      return this.#children.has(child) ? child : await this.#start(size);
    } finally {
      // After the run that opened the session, most likely.
      setTimeout(() => this.#refill(this.#warm), 20).unref();
    }
  }

  #refill(count: number): void {
    while (!this.#closed && this.#spares.size < count) {
      const spare = this.#start(this.#size);
      // Who takes it hears of it.
      spare.catch(() => this.#spares.delete(spare));
      this.#spares.add(spare);
    }
  }

  async #start(size: ChildSize): Promise<ConfinedChild> {
    const child = await this.#starter.start(size, {
      onMessage: (sender, message) => this.#receive(sender, message),
      onExit: (sender, reason) => this.#lose(sender, reason),
    });
    this.#children.set(child, new Set());
    return child;
  }

  /** A child is gone, and with it what its sessions had in it. */
  #lose(child: ConfinedChild, reason: EndReason): void {
    const sessions = this.#children.get(child) ?? [];
    this.#children.delete(child);
    for (const [domain, siblings] of this.#domains) {
      siblings.delete(child);
      if (siblings.size === 0) this.#domains.delete(domain);
    }
    for (const session of sessions) this.#loseSession(session, reason);
    this.#schedule();
  }

  #loseSession(session: SubprocessSession, reason: EndReason): void {
    const wasSlicing = session.state === 'slicing';
    session.child = undefined;
    if (wasSlicing) this.#slices -= 1;
    if (session.hasState) session.lost = LOST;
    session.hasState = false;
    if (session.run?.started !== true) return;
    const error = session.stopping ?? { name: 'CodeModeError', stack: '', ...(wasSlicing ? reason : NEIGHBOUR) };
    this.#endRun(session, { ok: false, error });
  }
}

const NEIGHBOUR: EndReason = {
  code: 'SANDBOX_CRASHED',
  message: 'Cannot finish the run: the process that the session shares with others of its trustDomain ended',
};
