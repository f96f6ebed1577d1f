import type { EventListener, ToolCallRecord } from '../contracts/execution.ts';
import type { Limits } from '../contracts/limits.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { toErrorData } from '../errors/error-data.ts';
import type { ErrorData } from '../errors/error-data.ts';
import { decodeValue } from '../protocol/codec/decode.ts';
import { EncodedTooLarge } from '../protocol/codec/encode.ts';
import { encodeHostValue } from '../protocol/codec/encode-host-value.ts';
import type { EncodedValue } from '../protocol/codec/message.ts';
import { hostCallName } from '../protocol/host-call.ts';
import type { Namespace } from '../protocol/host-call.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { RunClock } from './run-clock.ts';

/** To make the arguments of one call out of their parsed text, in milliseconds. */
const MAX_DECODE_MS = 250;

/** A host call as it leaves the guest. */
export interface EncodedCall {
  readonly id: number;
  readonly namespace: Namespace;
  readonly path: readonly string[];
  /** The array of arguments. */
  readonly encoded: EncodedValue;
}

export interface EncodedAnswer {
  readonly id: number;
  readonly ok: boolean;
  /** The value, or an {@link ErrorData}. */
  readonly encoded: EncodedValue;
}

interface CallUnderWay {
  readonly name: string;
  readonly startedAt: number;
  readonly controller: AbortController;
}

type CallError = NonNullable<ToolCallRecord['error']>;

export interface RunCallsOptions {
  readonly runId: string;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly clock: RunClock;
  readonly emit: EventListener;
}

/** The host calls of one run: each is dispatched, timed, recorded, reported; what is left at the end is cancelled. */
export class RunCalls {
  readonly #options: RunCallsOptions;
  readonly #records: ToolCallRecord[] = [];
  readonly #inFlight = new Map<number, CallUnderWay>();
  #started = 0;
  #closed = false;
  #decodeLeftMs: number;

  constructor(options: RunCallsOptions) {
    this.#options = options;
    this.#decodeLeftMs = options.limits.cpuTimeMs;
  }

  get started(): number {
    return this.#started;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Finished and cancelled calls, in issue order. */
  get records(): readonly ToolCallRecord[] {
    return this.#records.toSorted((a, b) => a.id - b.id);
  }

  /** Does a call. `undefined` when the run ended before it was done: nobody waits for the answer. */
  async perform(call: EncodedCall): Promise<EncodedAnswer | undefined> {
    if (this.#closed) return undefined;
    const { runId, emit } = this.#options;
    const name = hostCallName(call);
    const controller = new AbortController();
    const startedAt = performance.now();
    this.#started += 1;
    this.#inFlight.set(call.id, { name, startedAt, controller });
    emit({ type: 'call-start', runId, callId: call.id, name });
    const outcome = await this.#dispatch(call, name, controller.signal);
    // The run may be over; then `close` has recorded the call as cancelled.
    if (!this.#inFlight.delete(call.id)) return undefined;
    const durationMs = performance.now() - startedAt;
    const { error } = outcome;
    this.#record({
      id: call.id,
      name,
      durationMs,
      ...(error === undefined ? { outcome: 'ok' } : { outcome: 'error', error }),
    });
    return outcome.answer;
  }

  /** Records a call that came too late to be done. */
  skip(call: Pick<EncodedCall, 'id' | 'namespace' | 'path'>): void {
    if (this.#closed) return;
    const name = hostCallName(call);
    this.#started += 1;
    this.#options.emit({ type: 'call-start', runId: this.#options.runId, callId: call.id, name });
    this.#record({ id: call.id, name, durationMs: 0, outcome: 'cancelled' });
  }

  /** Cancels what is under way. Later answers are dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const cancelled = [...this.#inFlight];
    this.#inFlight.clear();
    for (const [id, { name, startedAt, controller }] of cancelled) {
      controller.abort(new CodeModeError('ABORTED', 'Cannot finish the call: the run has ended'));
      this.#record({ id, name, durationMs: performance.now() - startedAt, outcome: 'cancelled' });
    }
  }

  async #dispatch(
    call: EncodedCall,
    name: string,
    signal: AbortSignal,
  ): Promise<{ answer: EncodedAnswer; error?: CallError }> {
    const { dispatcher, limits, clock, runId, emit } = this.#options;
    try {
      const args = this.#decode(call.encoded);
      if (!Array.isArray(args)) throw new CodeModeError('INTERNAL', `Cannot call ${name}: the arguments are no array`);
      const value = await dispatcher.dispatch(
        { ...call, args },
        {
          signal,
          onStderr: (text) => emit({ type: 'log', runId, source: 'tool', stream: 'stderr', text, callId: call.id }),
          waitForPerson: (work) => clock.waitForPerson(work),
        },
      );
      return { answer: { id: call.id, ok: true, encoded: encodeResult(value, name, limits.callResultBytes) } };
    } catch (error) {
      const { data, encoded } = encodeFailure(error);
      return {
        answer: { id: call.id, ok: false, encoded },
        error: { code: data.code, message: data.message },
      };
    }
  }

  /** The host stands still meanwhile: so long that one call may take, and all calls of a run no longer than its code. */
  #decode(encoded: EncodedValue): unknown {
    const startedAt = performance.now();
    try {
      return decodeValue(encoded, Math.min(MAX_DECODE_MS, this.#decodeLeftMs));
    } finally {
      this.#decodeLeftMs -= performance.now() - startedAt;
    }
  }

  #record(record: ToolCallRecord): void {
    const { id: callId, name, durationMs, outcome } = record;
    const { runId, emit } = this.#options;
    this.#records.push(record);
    emit({ type: 'call-end', runId, callId, name, durationMs, outcome });
  }
}

function encodeResult(value: unknown, name: string, maxBytes: number): EncodedValue {
  try {
    return encodeHostValue(value, { maxBytes, root: name });
  } catch (error) {
    if (!(error instanceof EncodedTooLarge)) throw error;
    throw new CodeModeError(
      'CALL_SIZE_LIMIT',
      `Cannot return the result of ${name}: it takes more than ${maxBytes} bytes (callResultBytes); ask for less, or raise the limit`,
      {
        details: { limitBytes: maxBytes },
      },
    );
  }
}

/** Of an error's message and details: what is wrong may quote megabytes of the agent's own. */
const MAX_MESSAGE_CHARACTERS = 4_096;
const MAX_ERROR_BYTES = 65_536;

/** An error as an answer. Never throws, whatever the error holds. */
function encodeFailure(error: unknown): { readonly data: ErrorData; readonly encoded: EncodedValue } {
  const data = toErrorData(error);
  const message =
    data.message.length > MAX_MESSAGE_CHARACTERS ? `${data.message.slice(0, MAX_MESSAGE_CHARACTERS)}…` : data.message;
  const whole = { ...data, message };
  try {
    return { data: whole, encoded: encodeHostValue(whole, { maxBytes: MAX_ERROR_BYTES, root: 'error' }) };
  } catch {
    const short: ErrorData = { name: 'CodeModeError', code: data.code, message, stack: '' };
    return { data: short, encoded: { text: JSON.stringify(short), plain: true, parts: [] } };
  }
}
