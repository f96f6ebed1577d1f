import type { ExecutionResult, SessionEvent } from '../contracts/execution.ts';
import { encodedSize } from '../protocol/codec/encode.ts';
import { encodeResult } from '../protocol/remote/result.ts';
import type { EncodedResult } from '../protocol/remote/result.ts';

/** Events of one run that are kept for its readers, in bytes; beyond, the oldest go. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;
/** What an event takes beside its text, about. */
const EVENT_BYTES = 128;

export interface LoggedEvent {
  /** Starts at 1. */
  readonly id: number;
  readonly event: SessionEvent;
}

/** A run from its request to the day its result is forgotten: its events, who reads them, its result. */
export class RunRecord {
  readonly name: string;
  /** Of the request: the same name with another request is a mistake. */
  readonly digest: string;
  readonly #controller = new AbortController();
  #log: LoggedEvent[] = [];
  #logBytes = 0;
  #lastId = 0;
  #result: EncodedResult | undefined;
  #resultBytes = 0;
  #finishedAt = Infinity;
  #changed = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<EncodedResult>();

  constructor(name: string, digest: string) {
    this.name = name;
    this.digest = digest;
  }

  /** Aborts when the run is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get result(): EncodedResult | undefined {
    return this.#result;
  }

  /** When it ended, as `Date.now()`; `Infinity` before. */
  get finishedAt(): number {
    return this.#finishedAt;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** What keeping it takes, in bytes, about. */
  get bytes(): number {
    return this.#logBytes + this.#resultBytes;
  }

  /** Resolves at the next event, or when the result is there. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** The result, when it is there. */
  get finished(): Promise<EncodedResult> {
    return this.#finished.promise;
  }

  cancel(): void {
    this.#controller.abort(new Error('The client cancelled the run'));
  }

  add(event: SessionEvent): void {
    this.#lastId += 1;
    this.#log.push({ id: this.#lastId, event });
    this.#logBytes += sizeOf(event);
    let gone = 0;
    while (this.#logBytes > MAX_LOG_BYTES && gone < this.#log.length - 1) {
      const oldest = this.#log[gone];
      if (oldest !== undefined) this.#logBytes -= sizeOf(oldest.event);
      gone += 1;
    }
    if (gone > 0) this.#log = this.#log.slice(gone);
    this.#wake();
  }

  finish(result: ExecutionResult): void {
    const encoded = encodeResult(result);
    const { stdout, stderr } = result;
    this.#result = encoded;
    this.#resultBytes =
      stdout.length + stderr.length + (encoded.value === undefined ? 0 : encodedSize(encoded.value)) + EVENT_BYTES;
    this.#finishedAt = Date.now();
    this.#lastId += 1;
    this.#finished.resolve(encoded);
    this.#wake();
  }

  /** Events after `id`, and how many of them are kept no more. */
  eventsAfter(id: number): { readonly events: readonly LoggedEvent[]; readonly dropped: number } {
    const firstId = this.#log[0]?.id ?? this.#lastId + 1;
    return {
      events: id < firstId ? this.#log : this.#log.slice(id - firstId + 1),
      dropped: this.#log.length === 0 ? 0 : Math.max(0, firstId - id - 1),
    };
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

function sizeOf(event: SessionEvent): number {
  return EVENT_BYTES + (event.type === 'log' ? event.text.length : 0);
}
