import { JSException } from 'quickjs-wasi';
import type { JSValueHandle } from 'quickjs-wasi';

import { CodeModeError } from '../../errors/code-mode-error.ts';
import { compileCell } from '../../guest/compile/compile-cell.ts';
import { compileSkill } from '../../guest/compile/compile-skill.ts';
import { describeFailure } from '../../guest/compile/describe-failure.ts';
import type { SourceRecord } from '../../guest/compile/map-stack.ts';
import { WAITS_FOR_CALLS } from '../../guest/host-interface.ts';
import type { EncodedValue } from '../../protocol/codec/message.ts';
import { NAMESPACES } from '../../protocol/host-call.ts';
import { GuestOutlet } from './guest-outlet.ts';
import type { FromWorker, RunOutcome, SliceLimits, ToWorker } from './messages.ts';
import { compileFailure, describeReason, engineFailure, fromViolation, notAwaited, STALLED } from './run-failures.ts';
import type { SliceMeter } from './slice-meter.ts';
import { readString } from './virtual-machine.ts';
import type { MachineOwner, VirtualMachine } from './virtual-machine.ts';

export type Slice = Extract<ToWorker, { type: 'slice' }>;
type SliceEnd = Extract<FromWorker, { type: 'slice-end' }>;

const MAX_REJECTIONS = 10;
/** Sources kept for stack traces of later errors, as the host keeps them. */
const MAX_SOURCES = 64;

export interface WorkerSessionOptions {
  /** The first slice it is to do. */
  readonly slice: Slice;
  readonly limits: SliceLimits;
  readonly machine: VirtualMachine;
  readonly meter: SliceMeter;
  readonly post: (message: FromWorker) => void;
  /** What the session has compiled so far, by file; absent: what the slice brings. */
  readonly sources: Map<string, SourceRecord> | undefined;
}

/** One session in a worker: its VM, and what a slice of its code does there. */
export class WorkerSession implements MachineOwner {
  readonly id: number;
  readonly machine: VirtualMachine;
  readonly outlet: GuestOutlet;
  /** Guest code ran since the state was last handed to the host. */
  dirty = false;
  /** A run is under way: it awaits host calls or timers. */
  running = false;
  /** The run that this state belongs to. */
  run = 0;
  /** Set by the runtime while a slice runs. */
  result: EncodedValue | undefined;
  failure: string | undefined;

  readonly #meter: SliceMeter;
  readonly #sources: Map<string, SourceRecord>;
  #limits: SliceLimits;
  #cpuLeftMs = 0;
  /** As the runtime said last; a VM that came from elsewhere may have timers that are due. */
  #nextTimerMs = 0;
  #newSources: Record<string, SourceRecord> | undefined;
  readonly #rejections = new Map<number, string>();

  constructor({ slice, limits, machine, meter, post, sources }: WorkerSessionOptions) {
    this.id = slice.session;
    this.machine = machine;
    this.#meter = meter;
    this.outlet = new GuestOutlet({ session: this.id, post, violate: (violation) => meter.violate(violation) });
    this.#limits = limits;
    this.#sources = sources ?? new Map(Object.entries(slice.sources ?? {}));
    machine.owner = this;
  }

  /** Does a slice and says how it went. When the outcome has `keepState: false`, the VM is to be thrown away. */
  async advance(slice: Slice): Promise<SliceEnd> {
    this.#enter(slice);
    let outcome: RunOutcome | undefined;
    let warnings: readonly string[] | undefined;
    try {
      outcome = await this.#work(slice);
      if (outcome !== undefined) warnings = this.#endRun(outcome.ok);
    } catch (error) {
      outcome = this.#thrown(error);
      if (outcome.ok || outcome.keepState) this.#endRun(false);
    }
    const cpuTimeMs = this.#meter.end();
    this.#cpuLeftMs -= cpuTimeMs;
    // What no poll has seen.
    if (outcome === undefined || outcome.ok || outcome.keepState) outcome = this.#violated() ?? outcome;
    this.running = outcome === undefined;
    const calls = this.outlet.takeCalls();
    return {
      type: 'slice-end',
      session: this.id,
      cpuTimeMs,
      calls,
      ...(this.#newSources && { sources: this.#newSources }),
      ...(warnings && { warnings }),
      ...(this.running && this.#nextTimerMs >= 0 && { nextTimerMs: this.#nextTimerMs }),
      ...(outcome && { outcome }),
    };
  }

  /** Polled while guest code runs. */
  flushWhenOld(now: number): void {
    this.outlet.flushWhenOld(now);
  }

  compileSkill(file: string, source: string): JSValueHandle {
    try {
      const { code, map } = compileSkill(source, { file });
      this.#remember(file, { source, map });
      return this.machine.evaluate(code, file);
    } catch (error) {
      return this.machine.string(JSON.stringify(compileFailure(error, file)));
    }
  }

  get sources(): Map<string, SourceRecord> {
    return this.#sources;
  }

  onRejection(promise: JSValueHandle, reason: JSValueHandle, handled: boolean): void {
    if (handled) this.#rejections.delete(promise.identity);
    else if (this.#rejections.size < MAX_REJECTIONS) this.#rejections.set(promise.identity, describeReason(reason));
  }

  #enter(slice: Slice): void {
    if (slice.limits !== undefined) {
      this.#limits = slice.limits;
      this.#cpuLeftMs = slice.limits.cpuTimeMs;
    }
    this.outlet.enter(slice);
    this.#newSources = undefined;
    this.run = slice.run;
    this.result = undefined;
    this.failure = undefined;
    this.dirty = true;
    this.#meter.start(this.#cpuLeftMs);
  }

  async #work(slice: Slice): Promise<RunOutcome | undefined> {
    const refused = slice.cell === undefined ? undefined : this.#start(slice.cell);
    if (refused !== undefined) return refused;
    this.machine.scope(() => {
      for (const { id, ok, encoded } of slice.answers) {
        const { machine } = this;
        machine.callRuntime('settle', machine.number(id), machine.boolean(ok), ...machine.encodedArguments(encoded));
        machine.runJobs();
      }
    });
    // Outside of a scope: what a timer's callback throws is looked at after it.
    if (slice.cell === undefined && this.#nextTimerMs >= 0) this.machine.callRuntime('fireTimers').dispose();
    this.machine.runJobs();
    return this.#outcome();
  }

  /** Compiles a cell and calls it. Answers an outcome when it can't. */
  #start(cell: { readonly file: string; readonly source: string }): RunOutcome | undefined {
    this.#rejections.clear();
    try {
      const { code, map } = compileCell(cell.source, { file: cell.file, reserved: ['console', ...NAMESPACES] });
      this.#remember(cell.file, { source: cell.source, map });
      this.machine.scope(() => {
        const { resultBytes, callArgumentBytes, skillDepth } = this.#limits;
        const limits = [resultBytes, callArgumentBytes, skillDepth].map((limit) => this.machine.number(limit));
        this.machine.callRuntime('start', this.machine.evaluate(code, cell.file), ...limits);
      });
    } catch (error) {
      if (error instanceof CodeModeError || (error instanceof JSException && error.name === 'SyntaxError')) {
        const failure = compileFailure(error, cell.file);
        if (error instanceof JSException) error.dispose();
        return { ok: false, error: failure, keepState: true };
      }
      throw error;
    }
    return undefined;
  }

  /** How the run ended; `undefined` while it awaits host calls or timers. */
  async #outcome(): Promise<RunOutcome | undefined> {
    const promise = this.machine.callRuntime('current');
    try {
      if (promise.promiseState === 0) {
        const waitsFor = this.machine.callRuntime('waitsFor').consume((handle) => handle.toNumber());
        this.#nextTimerMs = waitsFor;
        // An interruption that promises swallowed leaves nothing to wait for either.
        const waits = waitsFor >= WAITS_FOR_CALLS;
        return this.#violated() ?? (waits ? undefined : { ok: false, error: STALLED, keepState: true });
      }
      const fulfilled = promise.promiseState === 1;
      const settled = await this.machine.promiseResult(promise);
      try {
        this.#rejections.delete(promise.identity);
        this.machine.callRuntime(fulfilled ? 'emitResult' : 'emitFailure', settled).dispose();
        this.machine.runJobs();
      } finally {
        settled.dispose();
      }
    } finally {
      promise.dispose();
    }
    return this.#violated() ?? this.#settled();
  }

  /** What left the engine outside of the cell's own promise: a timer's callback threw, or the engine gave up. */
  #thrown(error: unknown): RunOutcome {
    const { violation } = this.#meter;
    if (violation === undefined && error instanceof JSException && error.message !== 'out of memory') {
      try {
        this.result = undefined;
        this.machine.callRuntime('emitFailure', error.handle).dispose();
        error.dispose();
        return this.#settled();
      } catch {
        // Then it is the engine's failure after all.
      }
    }
    return { ok: false, error: engineFailure(error, violation), keepState: false };
  }

  #settled(): RunOutcome {
    if (this.result !== undefined) return { ok: true, encoded: this.result };
    const error = describeFailure(this.failure ?? '', (file) => this.#sources.get(file));
    return { ok: false, error, keepState: error.code !== 'MEMORY_LIMIT' };
  }

  #violated(): RunOutcome | undefined {
    const { violation } = this.#meter;
    return violation === undefined ? undefined : { ok: false, error: fromViolation(violation), keepState: false };
  }

  /** `ok`: what a failed run leaves unanswered was mostly awaited. */
  #endRun(ok: boolean): readonly string[] {
    const unanswered = this.machine.callRuntime('end').consume(readString);
    const names: unknown = JSON.parse(unanswered);
    const warnings = (ok && Array.isArray(names) ? names : []).map((name) => notAwaited(String(name)));
    for (const reason of this.#rejections.values())
      warnings.push(`A promise was rejected and nobody awaited it: ${reason}`);
    this.#rejections.clear();
    return warnings;
  }

  #remember(file: string, record: SourceRecord): void {
    this.#sources.delete(file);
    this.#sources.set(file, record);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > MAX_SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    this.#newSources ??= {};
    this.#newSources[file] = record;
  }
}
