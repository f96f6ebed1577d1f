import { availableParallelism } from 'node:os';

import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import type { Limits } from '../../contracts/limits.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import { encodedSize } from '../../protocol/codec/encode.ts';
import type { ActiveRun, Ending } from '../in-process/active-run.ts';
import { MAX_NAME_CHARACTERS } from '../in-process/guest-outlet.ts';
import type { IssuedCall, SliceLimits } from '../in-process/messages.ts';
import { residentLimitBytes } from './child-starter.ts';
import type { ChildSize, ChildStarter, Isolation } from './child-starter.ts';
import type { ConfinedChild, EndReason } from './confined-child.ts';
import type { FromChild, Ready, SliceEnd } from './messages.ts';
import { CUT_OFF, LOST } from './state-warnings.ts';
import { SubprocessSession } from './subprocess-session.ts';

/** How long guest code that is to end may take to come to an end of its slice, before its child is ended. */
const STOP_GRACE_MS = 200;
const MIB = 1024 * 1024;

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
  /** Started in advance. */
  readonly #spares: Promise<ConfinedChild>[] = [];
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
      await this.#spares[0];
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
    const spares = await Promise.allSettled(this.#spares.splice(0));
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
      if (message.type === 'log') logWithinLimits(run, child, message);
      else if (message.type === 'calls') this.#performAll(session, run, message.calls);
      else this.#endSlice(session, run, message);
    }
    this.#schedule();
  }

  #performAll(session: SubprocessSession, run: ActiveRun, calls: readonly IssuedCall[]): void {
    for (const call of calls) {
      const fault = faultOf(call, session, run);
      if (fault !== undefined) return session.child?.kill(crossed(fault));
      void this.#perform(session, run, call);
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
    this.#performAll(session, run, end.calls);
    run.spend(end.cpuTimeMs);
    if (end.warnings !== undefined) run.warn(...end.warnings);
    const { outcome } = end;
    if (outcome?.ok === false && !outcome.keepState) {
      session.hasState = false;
      run.warn(LOST);
    }
    if (session.stopping !== undefined) this.#endRun(session, { ok: false, error: session.stopping }, CUT_OFF);
    else if (outcome?.ok === true && encodedSize(outcome.encoded) > run.sliceLimits.resultBytes)
      session.child?.kill(crossed('it returned more than resultBytes'));
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

  /** Gives a session a child. */
  async #equip(session: SubprocessSession): Promise<void> {
    session.starting = true;
    try {
      const child = this.#shared(session) ?? (await this.#claim(session.size));
      const sharing = this.#children.get(child);
      if (session.state === 'closed' || this.#closed || sharing === undefined) {
        child.kill();
        throw new CodeModeError('SANDBOX_CRASHED', 'Cannot start the sandbox: its process ended, or it was closed');
      }
      session.child = child;
      sharing.add(session);
      child.memoryBytes = residentLimitBytes([...sharing].reduce((sum, { size }) => sum + size.memoryBytes, 0));
      const siblings = this.#domains.get(session.domain) ?? new Set();
      this.#domains.set(session.domain, siblings.add(child));
    } finally {
      session.starting = false;
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
    const spare = this.#isUsual(size) ? this.#spares.shift() : undefined;
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
    while (!this.#closed && this.#spares.length < count) {
      const spare = this.#start(this.#size);
      // Who takes it hears of it.
      spare.catch(() => this.#spares.splice(this.#spares.indexOf(spare), 1));
      this.#spares.push(spare);
    }
  }

  async #start(size: ChildSize): Promise<ConfinedChild> {
    const child = await this.#starter.start(size, (self) => ({
      onMessage: (message) => {
        const sender = self();
        if (sender !== undefined) this.#receive(sender, message);
      },
      onExit: (reason) => {
        const sender = self();
        if (sender !== undefined) this.#lose(sender, reason);
      },
    }));
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

/** What the largest honest message may take. A character takes up to three bytes. */
function maxFrameBytes(limits: SliceLimits): number {
  const { resultBytes, callArgumentBytes, stdoutBytes, stderrBytes } = limits;
  return 3 * Math.max(resultBytes + 4 * callArgumentBytes, stdoutBytes, stderrBytes) + 8 * MIB;
}

function logWithinLimits(
  run: ActiveRun,
  child: ConfinedChild,
  { stream, text }: Extract<FromChild, { type: 'log' }>,
): void {
  const { stdoutBytes, stderrBytes } = run.sliceLimits;
  const left = stream === 'stdout' ? stdoutBytes : stderrBytes;
  if (text === '' || Buffer.byteLength(text) > left) child.kill(crossed('it wrote more output than is allowed'));
  else run.log(stream, text);
}

/** What an honest child would have refused itself. */
function faultOf(call: IssuedCall, session: SubprocessSession, run: ActiveRun): string | undefined {
  const { hostCalls, hostCallsInFlight, callArgumentBytes } = run.sliceLimits;
  const headLength = call.text.indexOf('\n');
  const id = Number(call.text.slice(0, call.text.indexOf(',')));
  if (headLength < 0 || headLength > MAX_NAME_CHARACTERS)
    return 'it made a call without a name, or with too long a one';
  if (!(Number.isSafeInteger(id) && id > session.lastCallId)) return 'it gave a call the number of another';
  if (hostCalls <= 0 || hostCallsInFlight <= 0) return 'it made more calls than are allowed';
  if (encodedSize({ ...call, plain: false }) - headLength - 1 > callArgumentBytes)
    return 'it made a call with larger arguments than are allowed';
  session.lastCallId = id;
  return undefined;
}

function crossed(fault: string): EndReason {
  return {
    code: 'SANDBOX_CRASHED',
    message: `Cannot finish the run: the sandbox's process crossed a limit that holds inside it, and was ended: ${fault}`,
  };
}
