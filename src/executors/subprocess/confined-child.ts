import type { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';

import type { ErrorData } from '../../errors/error-data.ts';
import { encodeFrame, FrameReader } from '../../protocol/framing.ts';
import { signalGroup, startGroup } from '../../tools/process-groups.ts';
import { CHILD_FILES } from './child-files.ts';
import { HOST_FILES } from './confinement.ts';
import type { Confinement } from './confinement.ts';
import { frameToChild } from './messages.ts';
import type { FromChild, Ready, SliceToChild, ToChild } from './messages.ts';
import { readFromChild } from './read-from-child.ts';
import { sliceTimeMs } from './slice-time.ts';

/** Why a child ended, for the runs that end with it. */
export type EndReason = Pick<ErrorData, 'code' | 'message'>;

export interface ChildEvents {
  /** Of the slice under way. */
  readonly onMessage: (child: ConfinedChild, message: Exclude<FromChild, Ready>) => void;
  readonly onExit: (child: ConfinedChild, reason: EndReason) => void;
}

const START_TIMEOUT_MS = 30_000;
/** Beyond the time of a slice, before a child counts as stuck: its own timer comes first. */
const GRACE_MS = 2_000;
const MEMORY_INTERVAL_MS = 100;
const MAX_STDERR_CHARACTERS = 8_192;
const MAX_FIRST_FRAME_BYTES = 65_536;
const KIB = 1024;

const STUCK: EndReason = {
  code: 'CPU_LIMIT',
  message: 'Cannot finish the run: it used up its CPU time (cpuTimeMs) in a native operation; do less in one call',
};
const OUT_OF_MEMORY: EndReason = {
  code: 'MEMORY_LIMIT',
  message: 'Cannot finish the run: it used up its memory (memoryBytes); keep less at a time, or raise the limit',
};
const CLOSED: EndReason = { code: 'SESSION_CLOSED', message: 'Cannot finish the run: the executor was closed' };

/**
 * One confined process, as the host sees it: what it is sent, what it says, and the watchdogs over it. It is taken for
 * hostile: whatever it does that an honest one does not ends it.
 */
export class ConfinedChild {
  readonly layers: Confinement['layers'];
  /** Settles when guests can start in it. */
  readonly ready: Promise<Ready>;
  /** The session whose slice is under way. */
  busyWith: number | undefined;

  readonly #process: ChildProcess;
  readonly #input: Socket;
  readonly #output: Socket;
  readonly #events: ChildEvents;
  readonly #reader = new FrameReader();
  readonly #startTimer: NodeJS.Timeout;
  readonly #exited: Promise<void>;
  #resolveReady: ((ready: Ready) => void) | undefined;
  #processId: number | undefined;
  #maxFrameBytes = MAX_FIRST_FRAME_BYTES;
  #memoryBytes: number;
  #sliceTimer: NodeJS.Timeout | undefined;
  #memoryTimer: NodeJS.Timeout | undefined;
  #stderr = '';
  #endReason: EndReason | undefined;
  #hasEnded = false;

  /** @param memoryBytes resident memory at which it is ended */
  constructor(confinement: Confinement, memoryBytes: number, events: ChildEvents) {
    this.layers = confinement.layers;
    this.#memoryBytes = memoryBytes;
    this.#events = events;
    const ready = Promise.withResolvers<Ready>();
    this.ready = ready.promise;
    this.#resolveReady = ready.resolve;
    // Who does not wait for it need not hear of it.
    this.ready.catch(() => undefined);
    this.#process = startGroup(() => start(confinement));
    this.#processId = this.#process.pid;
    // Where it could not be started, `error` follows.
    this.#input = pipe(this.#process, CHILD_FILES.input) ?? new Socket();
    this.#output = pipe(this.#process, CHILD_FILES.output) ?? new Socket();
    this.#output.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#listenToHelpers(confinement);
    this.#startTimer = setTimeout(() => this.kill(failure('it took too long')), START_TIMEOUT_MS).unref();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exited = promise;
    this.#process.once('error', (error) => this.#end(failure(error.message), ready.reject, resolve));
    this.#process.once('close', (code, signal) => this.#end(this.#describeEnd(code, signal), ready.reject, resolve));
    this.unref();
  }

  /** Keeps the host's process alive until `unref`. */
  ref(): void {
    this.#process.ref();
    for (const stream of this.#sockets()) stream.ref();
  }

  unref(): void {
    this.#process.unref();
    for (const stream of this.#sockets()) stream.unref();
  }

  #sockets(): readonly Socket[] {
    const streams: readonly unknown[] = this.#process.stdio;
    return streams.filter((stream): stream is Socket => stream instanceof Socket && !stream.destroyed);
  }

  /** More or fewer sessions share it. */
  set memoryBytes(bytes: number) {
    this.#memoryBytes = bytes;
  }

  drop(session: number): void {
    this.#send({ type: 'drop', session, discard: true });
  }

  /**
   * @param cpuLeftMs what the run may still use
   * @param maxFrameBytes what a message of the child may take
   */
  startSlice(slice: SliceToChild, cpuLeftMs: number, maxFrameBytes: number): void {
    this.busyWith = slice.session;
    this.#maxFrameBytes = maxFrameBytes;
    this.#sliceTimer = setTimeout(() => this.kill(STUCK), Math.min(sliceTimeMs(cpuLeftMs) + GRACE_MS, 2 ** 31 - 1));
    this.#memoryTimer = setInterval(() => void this.#checkMemory(), MEMORY_INTERVAL_MS).unref();
    this.ref();
    this.#send(slice);
  }

  /** Ends it at once. The first reason counts. */
  kill(reason: EndReason = CLOSED): void {
    this.#endReason ??= reason;
    if (this.#process.pid !== undefined) signalGroup(this.#process.pid, 'SIGKILL');
    this.#process.kill('SIGKILL');
  }

  /** Settles when it is gone. */
  async close(): Promise<void> {
    this.kill();
    // Who waits for it must live to see it.
    this.ref();
    await this.#exited;
  }

  #send(message: ToChild): void {
    if (this.#input.writable) this.#input.write(encodeFrame(frameToChild(message)));
  }

  #receive(chunk: Buffer): void {
    // A child that is to end has nothing to say any more.
    if (this.#endReason !== undefined) return;
    try {
      for (const frame of this.#reader.push(chunk, this.#maxFrameBytes)) {
        if (this.#endReason === undefined) this.#accept(readFromChild(frame));
      }
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  #accept(message: FromChild): void {
    if (message.type === 'ready') {
      if (this.#resolveReady === undefined) return this.#refuse('it started twice');
      clearTimeout(this.#startTimer);
      this.#resolveReady(message);
      this.#resolveReady = undefined;
      return;
    }
    if (this.busyWith === undefined || message.session !== this.busyWith)
      return this.#refuse('it spoke for a session that is not at work in it');
    if (message.type === 'slice-end') this.#endSlice();
    this.#events.onMessage(this, message);
  }

  /** It does what an honest child does not. */
  #refuse(reason: string): void {
    this.kill({
      code: 'SANDBOX_CRASHED',
      message: `Cannot finish the run: the sandbox's process sent what it should not and was ended: ${reason.slice(0, 200)}`,
    });
  }

  #endSlice(): void {
    this.busyWith = undefined;
    clearTimeout(this.#sliceTimer);
    clearInterval(this.#memoryTimer);
    this.unref();
  }

  #listenToHelpers({ seccomp }: Confinement): void {
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARACTERS);
    });
    this.#input.on('error', () => undefined); // its exit says it
    this.#output.on('error', () => undefined);
    const info = pipe(this.#process, HOST_FILES.info);
    if (info !== undefined) {
      info.setEncoding('utf8').on('error', () => undefined);
      // The process in the box: the one that was started here stays outside and waits for it.
      info.on('data', (text: string) => {
        const inner = /"child-pid": (\d+)/u.exec(text)?.[1];
        if (inner !== undefined) this.#processId = Number(inner);
      });
    }
    const filter = pipe(this.#process, HOST_FILES.seccomp);
    filter?.on('error', () => undefined);
    if (seccomp !== undefined) filter?.end(seccomp);
  }

  async #checkMemory(): Promise<void> {
    const held = await residentBytes(this.#processId);
    if (held > this.#memoryBytes && this.busyWith !== undefined) this.kill(OUT_OF_MEMORY);
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null): EndReason {
    if (/out of memory|is_heap_oom|bad_alloc|Allocation failed/iu.test(this.#stderr)) return OUT_OF_MEMORY;
    const how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
    if (this.#resolveReady !== undefined) return failure(`${how}; ${this.#stderr.trim().slice(-1_000)}`);
    return {
      code: 'SANDBOX_CRASHED',
      message: `Cannot finish the run: the sandbox's process ended unexpectedly (${how})`,
    };
  }

  #end(found: EndReason, rejectReady: (error: Error) => void, resolve: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const reason = this.#endReason ?? found;
    this.#endReason = reason;
    clearTimeout(this.#startTimer);
    this.#endSlice();
    rejectReady(new Error(reason.message));
    this.#events.onExit(this, reason);
    resolve();
  }
}

function start({ command, args, env, seccomp, boxed }: Confinement): ChildProcess {
  return spawn(command, args, {
    cwd: '/',
    env,
    // A group of its own: see `startGroup`.
    detached: true,
    stdio: [
      'ignore',
      'ignore',
      'pipe',
      'pipe',
      'pipe',
      seccomp === undefined ? 'ignore' : 'pipe',
      boxed ? 'pipe' : 'ignore',
    ],
  });
}

function pipe({ stdio }: ChildProcess, descriptor: number): Socket | undefined {
  const streams: readonly unknown[] = stdio;
  const stream = streams[descriptor];
  return stream instanceof Socket ? stream : undefined;
}

function failure(reason: string): EndReason {
  return { code: 'SANDBOX_CRASHED', message: `Cannot start the sandbox's process: ${reason}` };
}

/** 0 where the system does not tell, or the process is gone. */
async function residentBytes(processId: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${String(processId)}/status`, 'utf8');
    return Number(/VmRSS:\s*(\d+) kB/u.exec(status)?.[1] ?? 0) * KIB;
  } catch {
    return 0;
  }
}
