import { CodeModeError } from '../../errors/code-mode-error.ts';
import { compileCell } from '../../guest/compile/compile-cell.ts';
import { compileSkill } from '../../guest/compile/compile-skill.ts';
import { describeFailure } from '../../guest/compile/describe-failure.ts';
import type { SourceRecord } from '../../guest/compile/map-stack.ts';
import { WAITS_FOR_CALLS } from '../../guest/host-interface.ts';
import { createPlatform } from '../../guest/platform-host/create-platform.ts';
import type { EncodedValue } from '../../protocol/codec/message.ts';
import { NAMESPACES } from '../../protocol/host-call.ts';
import { GuestOutlet } from '../in-process/guest-outlet.ts';
import type { OutletMessage } from '../in-process/guest-outlet.ts';
import type { RunOutcome, SliceLimits } from '../in-process/messages.ts';
import {
  compileFailure,
  fromViolation,
  notAwaited,
  readFailure,
  refusal,
  STALLED,
} from '../in-process/run-failures.ts';
import { SliceMeter } from '../in-process/slice-meter.ts';
import type { Violation } from '../in-process/slice-meter.ts';
import { IsolateLost, RanTooLong } from './isolate.ts';
import type { Isolate } from './isolate.ts';
import type { SliceEnd, SliceToChild } from './messages.ts';
import { sliceTimeMs } from './slice-time.ts';
import { CUT_OFF } from './state-warnings.ts';

/** Sources kept for stack traces of later errors. */
const MAX_SOURCES = 64;
/** Of what the guest does after it broke a limit that it could catch; then its isolate is given up. */
const MAX_REFUSALS = 1_000;

const RAN_TOO_LONG: Violation = {
  code: 'CPU_LIMIT',
  message: 'Cannot finish the run: it went on beyond its CPU time (cpuTimeMs); do less in one run, or raise the limit',
};
const OUT_OF_MEMORY: Violation = {
  code: 'MEMORY_LIMIT',
  message: 'Cannot finish the run: it used up its memory (memoryBytes); keep less at a time, or raise the limit',
};
/** V8 says so when the isolate's allocator has reached its limit. */
const NO_BUFFER = 'Array buffer allocation failed';

const platform = createPlatform();

/** One session in an isolate, and what a slice of its code does there. */
export class V8Session {
  readonly id: number;
  readonly isolate: Isolate;
  readonly #outlet: GuestOutlet;
  readonly #meter = new SliceMeter(new SharedArrayBuffer(8), () => undefined);
  readonly #sources = new Map<string, SourceRecord>();
  #limits: SliceLimits;
  #running = false;
  #cpuLeftMs = 0;
  #deadline = 0;
  #refusals = 0;
  #result: EncodedValue | undefined;
  #failure: string | undefined;
  /** As the runtime said last; `undefined`: the run is over. */
  #waitsFor: number | undefined;
  #unanswered = '[]';

  constructor(id: number, limits: SliceLimits, isolate: Isolate, post: (message: OutletMessage) => void) {
    this.id = id;
    this.#limits = limits;
    this.isolate = isolate;
    this.#outlet = new GuestOutlet({ session: id, post, violate: (violation) => this.#meter.violate(violation) });
    isolate.answer = (name, args) => this.#answer(name, args);
  }

  /** Does a slice and says how it went. When the outcome has `keepState: false`, the isolate is gone. */
  advance(slice: SliceToChild): SliceEnd {
    this.#enter(slice);
    const warnings: string[] = [];
    let outcome: RunOutcome | undefined;
    try {
      outcome = this.#work(slice);
      if (outcome !== undefined) warnings.push(...this.#endRun(outcome.ok));
    } catch (error) {
      outcome = this.#thrown(error);
    }
    const cpuTimeMs = this.#meter.end();
    this.#cpuLeftMs -= cpuTimeMs;
    const { violation } = this.#meter;
    // What the code has caught, or what is seen only now.
    if (violation !== undefined && (outcome === undefined || outcome.ok || outcome.keepState))
      outcome = this.#cutOff(violation);
    if (violation !== undefined && outcome?.ok === false && outcome.keepState) warnings.push(CUT_OFF);
    this.#running = outcome === undefined;
    const waitsFor = this.#waitsFor ?? WAITS_FOR_CALLS;
    return {
      type: 'slice-end',
      session: this.id,
      cpuTimeMs,
      calls: this.#outlet.takeCalls(),
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(outcome === undefined ? {} : { outcome }),
      ...(outcome === undefined && waitsFor >= 0 ? { nextTimerMs: waitsFor } : {}),
    };
  }

  #enter(slice: SliceToChild): void {
    if (slice.limits !== undefined) {
      this.#limits = slice.limits;
      this.#cpuLeftMs = slice.limits.cpuTimeMs;
    }
    this.#outlet.enter(slice);
    this.#refusals = 0;
    this.#meter.start(this.#cpuLeftMs);
    this.#deadline = performance.now() + sliceTimeMs(this.#cpuLeftMs);
  }

  #work(slice: SliceToChild): RunOutcome | undefined {
    if (slice.cell !== undefined) {
      // The host gave the last run up.
      if (this.#running) this.#endRun(false);
      const refused = this.#start(slice.cell);
      if (refused !== undefined) return refused;
    }
    for (const { id, ok, encoded } of slice.answers)
      this.#call('settle', id, ok, encoded.text, encoded.plain, ...encoded.parts);
    if (slice.cell === undefined) this.#call('fireTimers');
    this.#waitsFor = undefined;
    const { rejection } = this.isolate;
    this.#call('conclude');
    this.isolate.rejection ??= rejection;
    if (this.#waitsFor === undefined) return this.#settled();
    return this.#waitsFor >= WAITS_FOR_CALLS ? undefined : { ok: false, error: STALLED, keepState: true };
  }

  /** Compiles a cell and calls it. Answers an outcome when it can't. */
  #start(cell: { readonly file: string; readonly source: string }): RunOutcome | undefined {
    this.#result = undefined;
    this.#failure = undefined;
    try {
      const { code, map } = compileCell(cell.source, { file: cell.file, reserved: ['console', ...NAMESPACES] });
      this.#remember(cell.file, { source: cell.source, map });
      const { resultBytes, callArgumentBytes, skillDepth } = this.#limits;
      this.isolate.start({ code, file: cell.file }, [resultBytes, callArgumentBytes, skillDepth], this.#timeLeftMs());
    } catch (error) {
      if (!(error instanceof CodeModeError || error instanceof SyntaxError)) throw error;
      return { ok: false, error: compileFailure(error, cell.file), keepState: true };
    }
    return undefined;
  }

  #settled(): RunOutcome {
    if (this.#result !== undefined) return { ok: true, encoded: this.#result };
    const error = describeFailure(this.#failure ?? '', (file) => this.#sources.get(file));
    if (error.name !== 'RangeError' || error.message !== NO_BUFFER) return { ok: false, error, keepState: true };
    // What fills the memory is in the variables: with them, no later run could do anything.
    return { ok: false, error: { ...error, code: 'MEMORY_LIMIT' }, keepState: false };
  }

  /** What ended the slice from outside of the guest. */
  #thrown(error: unknown): RunOutcome {
    if (error instanceof RanTooLong) this.#meter.violate(RAN_TOO_LONG);
    else if (!(error instanceof IsolateLost)) throw error;
    const { violation } = this.#meter;
    if (violation !== undefined && !this.isolate.isDisposed) return this.#cutOff(violation);
    return { ok: false, error: fromViolation(violation ?? OUT_OF_MEMORY), keepState: false };
  }

  /** Ends a run that broke a limit: the isolate goes on as the code has left it. */
  #cutOff(violation: Violation): RunOutcome {
    const error = fromViolation(violation);
    try {
      this.#endRun(false);
      return { ok: false, error, keepState: true };
    } catch {
      return { ok: false, error, keepState: false };
    }
  }

  /** `ok`: what a failed run leaves unanswered was mostly awaited. */
  #endRun(ok: boolean): readonly string[] {
    const { rejection } = this.isolate;
    // It takes no time of the run's, which may have none left.
    this.isolate.call('end', [], sliceTimeMs(0));
    const names: unknown = JSON.parse(this.#unanswered);
    const warnings = (ok && Array.isArray(names) ? names : []).map((name) => notAwaited(String(name)));
    if (rejection !== undefined) warnings.push(`A promise was rejected and nobody awaited it: ${rejection}`);
    return warnings;
  }

  #call(name: Parameters<Isolate['call']>[0], ...args: readonly unknown[]): void {
    this.isolate.call(name, args, this.#timeLeftMs());
  }

  #timeLeftMs(): number {
    return this.#deadline - performance.now();
  }

  /** A call of the guest's runtime. Its arguments are copies; nothing here trusts them. */
  #answer(name: string, args: readonly unknown[]): unknown {
    const [first, second] = args;
    switch (name) {
      case 'issueCall':
        return this.#checked(() => this.#outlet.issueCall(text(first), partsOf(args, 1)));
      case 'log':
        return this.#checked(() => this.#outlet.log(first === 'stderr' ? 'stderr' : 'stdout', text(second)));
      case 'result':
      case 'plainResult':
        this.#result = { text: text(first), plain: name === 'plainResult', parts: partsOf(args, 1) };
        return undefined;
      case 'failure':
        this.#failure = readFailure(text(first));
        return undefined;
      case 'waitsFor':
        this.#waitsFor = Number(first);
        return undefined;
      case 'unanswered':
        this.#unanswered = text(first);
        return undefined;
      case 'compileSkill':
        return this.#compileSkill(text(first), text(second));
      default:
        return answerPlatform(name, args);
    }
  }

  /** Does what may break a limit. Answers why it is refused, as JSON. */
  #checked(work: () => string | undefined | void): string | undefined {
    const refused = work();
    this.#outlet.flushWhenOld(performance.now());
    const { violation } = this.#meter;
    if (violation === undefined) return typeof refused === 'string' ? refused : undefined;
    // V8 can't be interrupted from here. The guest is told by an error; one that goes on in spite of it loses its isolate.
    this.#refusals += 1;
    if (this.#refusals > MAX_REFUSALS) this.isolate.dispose();
    return refusal(violation.code, violation.message);
  }

  /** `=` and the code, or why there is none, as JSON. */
  #compileSkill(file: string, source: string): string {
    try {
      const { code, map } = compileSkill(source, { file });
      this.#remember(file, { source, map });
      return `=${code}`;
    } catch (error) {
      return JSON.stringify(compileFailure(error, file));
    }
  }

  #remember(file: string, record: SourceRecord): void {
    this.#sources.delete(file);
    this.#sources.set(file, record);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > MAX_SOURCES && oldest !== undefined) this.#sources.delete(oldest);
  }
}

function answerPlatform(name: string, args: readonly unknown[]): unknown {
  const [first, second, third, fourth] = args;
  switch (name) {
    case 'call':
      return platform.call(text(first), text(second));
    case 'encodeUtf8':
      return platform.encodeUtf8(text(first));
    case 'decodeText':
      return platform.decodeText(
        first instanceof ArrayBuffer ? first : new ArrayBuffer(0),
        text(second),
        third === true,
        fourth === true,
      );
    case 'randomBytes':
      return platform.randomBytes(Number(first));
    case 'now':
      return platform.now();
    case 'atob':
      return atob(text(first));
    case 'btoa':
      return btoa(text(first));
    default:
      return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function partsOf(args: readonly unknown[], start: number): (ArrayBuffer | string)[] {
  return args.slice(start).map((part) => (part instanceof ArrayBuffer ? part : text(part)));
}
