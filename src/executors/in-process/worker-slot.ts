import process from 'node:process';
import { Worker } from 'node:worker_threads';

import type { ErrorData } from '../../errors/error-data.ts';
import { CONTROL } from './messages.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { Patience, PATIENCE_MS } from './patience.ts';
import type { PooledSession } from './pooled-session.ts';
import { packToWorker, unpackFromWorker } from './wire.ts';
import type { FlatMessage } from './wire.ts';

const WATCH_INTERVAL_MS = 200;
/** How long a poll may be missing before guest code counts as stuck in a native loop. */
const SILENCE_MS = 1_000;
/** Beyond the CPU budget, before the watchdog looks at all: the worker's own meter comes first. */
const GRACE_MS = 500;

export interface SlotEvents {
  readonly onMessage: (message: FromWorker) => void;
  /** The thread is gone. `reason`: why, for the session whose slice was under way. */
  readonly onExit: (reason: Pick<ErrorData, 'code' | 'message'>) => void;
}

interface SliceWatch {
  readonly startedAt: number;
  readonly cpuTimeMs: number;
  heartbeat: number;
  heartbeatAt: number;
  interruptedAt: number | undefined;
}

/** One thread of the pool and the watchdog over it. */
export class WorkerSlot {
  /** Those whose VMs the thread holds. */
  readonly sessions = new Set<PooledSession>();
  /** The session whose slice is under way. */
  busyWith: number | undefined;
  readonly #worker: Worker;
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  readonly #watchdog: NodeJS.Timeout;
  readonly #patience = new Patience();
  #ready = false;
  #watch: SliceWatch | undefined;
  #exit: Pick<ErrorData, 'code' | 'message'> = {
    code: 'SANDBOX_CRASHED',
    message: 'Cannot finish the run: the sandbox ended unexpectedly',
  };

  constructor(start: Omit<WorkerStart, 'type' | 'control'>, events: SlotEvents) {
    this.#worker = new Worker(new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url), {
      // The thread gets nothing of the process's environment but what dates and Intl answer by.
      env: pickEnvironment(['TZ', 'LANG', 'LC_ALL']),
      execArgv: [],
      resourceLimits: { stackSizeMb: 8 },
      stdout: true,
      stderr: true,
    });
    this.#post({ ...start, type: 'start', control: this.#control.buffer });
    this.#worker.on('message', (message: FromWorker | FlatMessage) => events.onMessage(unpackFromWorker(message)));
    this.#worker.on('error', (error: Error) => {
      this.#exit = {
        code: 'SANDBOX_CRASHED',
        message: `Cannot finish the run: the sandbox's thread failed: ${error.message}`,
      };
    });
    this.#worker.on('exit', () => {
      clearInterval(this.#watchdog);
      events.onExit(this.#exit);
    });
    this.#watchdog = setInterval(() => this.#check(), WATCH_INTERVAL_MS).unref();
  }

  /** The thread has what it needs to do slices. */
  get ready(): boolean {
    return this.#ready;
  }

  /** From now on, only a slice under way keeps the process alive. */
  setReady(): void {
    this.#ready = true;
    this.#worker.unref();
  }

  /** `cpuLeftMs`: what the run may still use, for the watchdog. */
  startSlice(message: Extract<ToWorker, { type: 'slice' }>, cpuLeftMs: number): void {
    Atomics.store(this.#control, CONTROL.interrupt, 0);
    const now = performance.now();
    this.busyWith = message.session;
    this.#watch = {
      startedAt: now,
      cpuTimeMs: cpuLeftMs,
      heartbeat: this.#heartbeat(),
      heartbeatAt: now,
      interruptedAt: undefined,
    };
    this.#worker.ref();
    this.#post(message);
    if (this.#patience.isWorthIt) this.#turn(now + PATIENCE_MS);
  }

  endSlice(): void {
    this.busyWith = undefined;
    this.#watch = undefined;
    this.#worker.unref();
  }

  send(message: Extract<ToWorker, { type: 'drop' }>): void {
    this.#post(message);
  }

  /** Asks the slice under way to end at its next poll. */
  interrupt(): void {
    Atomics.store(this.#control, CONTROL.interrupt, 1);
    if (this.#watch !== undefined) this.#watch.interruptedAt ??= performance.now();
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Keeps the loop turning, everything in it served, until the slice is over or has turned out not to be a short one. */
  #turn(until: number): void {
    if (this.busyWith === undefined) this.#patience.end(true);
    else if (performance.now() > until) this.#patience.end(false);
    else setImmediate(() => this.#turn(until));
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(packToWorker(message));
  }

  #check(): void {
    const watch = this.#watch;
    if (watch === undefined) return;
    const now = performance.now();
    const heartbeat = this.#heartbeat();
    if (heartbeat !== watch.heartbeat) {
      watch.heartbeat = heartbeat;
      watch.heartbeatAt = now;
      return;
    }
    const overdue = watch.interruptedAt !== undefined || now - watch.startedAt > watch.cpuTimeMs + GRACE_MS;
    if (!overdue || now - Math.max(watch.heartbeatAt, watch.interruptedAt ?? 0) < SILENCE_MS) return;
    this.#watch = undefined;
    this.#exit = {
      code: 'CPU_LIMIT',
      message: 'Cannot finish the run: it used up its CPU time (cpuTimeMs) in a native operation; do less in one call',
    };
    void this.#worker.terminate();
  }

  #heartbeat(): number {
    return Atomics.load(this.#control, CONTROL.heartbeat);
  }
}

function pickEnvironment(names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
