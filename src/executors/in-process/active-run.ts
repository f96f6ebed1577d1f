import type { EventListener, ExecutionResult } from '../../contracts/execution.ts';
import type { SandboxRunOptions } from '../../contracts/executor.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import { decodeValue } from '../../protocol/codec/decode.ts';
import { encodedSize } from '../../protocol/codec/encode.ts';
import type { EncodedValue } from '../../protocol/codec/message.ts';
import type { Dispatcher } from '../../workspace/dispatcher.ts';
import { RunCalls } from '../../workspace/run-calls.ts';
import type { EncodedAnswer } from '../../workspace/run-calls.ts';
import { RunClock } from '../../workspace/run-clock.ts';
import type { IssuedCall, SliceLimits } from './messages.ts';
import { readCall } from './read-call.ts';

/** How a run ends: with a value, or with an error. */
export type Ending =
  | { readonly ok: true; readonly encoded: EncodedValue }
  | { readonly ok: false; readonly error: ErrorData };

export interface ActiveRunOptions extends SandboxRunOptions {
  readonly number: number;
  readonly runId: string;
  readonly source: string;
  readonly dispatcher: Dispatcher;
  /** The run is to end now: its time is up, or its caller gave up. */
  readonly onStop: (error: CodeModeError) => void;
}

/** A run from the moment it is asked for to its result: what it printed, called, used up. */
export class ActiveRun {
  readonly number: number;
  readonly file: string;
  readonly source: string;
  readonly result: Promise<ExecutionResult>;
  readonly clock: RunClock;
  readonly calls: RunCalls;
  /** Its cell was handed to a worker. */
  started = false;
  /** Encoded size of the arguments of the calls under way. */
  callBytesInFlight = 0;

  readonly #options: ActiveRunOptions;
  readonly #resolve: (result: ExecutionResult) => void;
  readonly #onAbort = (): void =>
    this.#options.onStop(
      new CodeModeError('ABORTED', 'Cannot finish the run: its caller cancelled it', {
        cause: this.#options.signal?.reason,
      }),
    );
  readonly #warnings: string[] = [];
  #stdout = '';
  #stderr = '';
  #stdoutBytes = 0;
  #stderrBytes = 0;
  #cpuTimeMs = 0;
  #listenerThrew = false;

  constructor(options: ActiveRunOptions) {
    const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
    this.result = promise;
    this.#resolve = resolve;
    this.#options = options;
    this.number = options.number;
    this.file = `run-${options.number}.ts`;
    this.source = options.source;
    this.clock = new RunClock(options.limits, options.onStop);
    this.calls = new RunCalls({ ...options, clock: this.clock, emit: (event) => this.emit(event) });
  }

  /** Announces the run and starts to listen to its caller's signal. */
  begin(): void {
    this.emit({ type: 'run-start', runId: this.#options.runId });
    const { signal } = this.#options;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get memoryBytes(): number {
    return this.#options.limits.memoryBytes;
  }

  get cpuLeftMs(): number {
    return Math.max(0, this.#options.limits.cpuTimeMs - this.#cpuTimeMs);
  }

  /** What is left to the next slice. */
  get sliceLimits(): SliceLimits {
    const { limits } = this.#options;
    return {
      ...limits,
      cpuTimeMs: this.cpuLeftMs,
      stdoutBytes: limits.stdoutBytes - this.#stdoutBytes,
      stderrBytes: limits.stderrBytes - this.#stderrBytes,
      hostCalls: limits.hostCalls - this.calls.started,
      hostCallsInFlight: limits.hostCallsInFlight - this.calls.inFlight,
    };
  }

  /** Does a host call. `undefined` when nobody waits for its answer. */
  async perform(issued: IssuedCall): Promise<EncodedAnswer | undefined> {
    const call = readCall(issued);
    if (call === undefined) {
      this.#options.onStop(new CodeModeError('INTERNAL', 'Cannot make a host call: the sandbox sent a malformed one'));
      return undefined;
    }
    const size = encodedSize(call.encoded);
    this.callBytesInFlight += size;
    const answer = await this.calls.perform(call);
    this.callBytesInFlight -= size;
    return answer;
  }

  /** A host call that came when the run was over: it is told, and not done. */
  skip(issued: IssuedCall): void {
    const call = readCall(issued);
    if (call !== undefined) this.calls.skip(call);
  }

  log(stream: 'stdout' | 'stderr', text: string): void {
    if (stream === 'stdout') {
      this.#stdout += text;
      this.#stdoutBytes += Buffer.byteLength(text);
    } else {
      this.#stderr += text;
      this.#stderrBytes += Buffer.byteLength(text);
    }
    this.emit({ type: 'log', runId: this.#options.runId, source: 'guest', stream, text });
  }

  spend(cpuTimeMs: number): void {
    this.#cpuTimeMs += cpuTimeMs;
  }

  warn(...warnings: readonly string[]): void {
    this.#warnings.push(...warnings);
  }

  /** Ends the run: cancels what it started, and answers its caller. */
  finish(ending: Ending): void {
    const { runId, signal } = this.#options;
    this.clock.stop();
    signal?.removeEventListener('abort', this.#onAbort);
    this.calls.close();
    const settled = decodeEnding(ending);
    const durationMs = this.clock.usedMs;
    this.emit({ type: 'run-end', runId, ok: settled.ok, durationMs });
    this.#resolve({
      ...settled,
      runId,
      stdout: this.#stdout,
      stderr: this.#stderr,
      durationMs,
      cpuTimeMs: this.#cpuTimeMs,
      toolCalls: this.calls.records,
      warnings: this.#warnings,
    });
  }

  /** A listener that throws must not end the run, nor go unnoticed. */
  emit(event: Parameters<EventListener>[0]): void {
    try {
      this.#options.onEvent?.(event);
    } catch (error) {
      if (!this.#listenerThrew)
        this.#warnings.push(`onEvent threw: ${error instanceof Error ? error.message : String(error)}`);
      this.#listenerThrew = true;
    }
  }
}

function decodeEnding(ending: Ending): { ok: true; value: unknown } | { ok: false; error: ErrorData } {
  if (!ending.ok) return { ok: false, error: ending.error };
  try {
    return { ok: true, value: decodeValue(ending.encoded) };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  }
}
