import { encodedSize } from '../../protocol/codec/encode.ts';
import type { IssuedCall, SliceLimits, ToWorker } from './messages.ts';
import { refusal } from './run-failures.ts';
import type { Violation } from './slice-meter.ts';

/** Calls leave the guest's thread after this time, not at the end of a slice that goes on: the host works on them meanwhile. */
const FLUSH_AFTER_MS = 0.3;
/** The arguments of all calls under way may take so many times `callArgumentBytes`: the host holds them all. */
const ARGUMENTS_IN_FLIGHT = 4;
/** Of a host call's name, as JSON: results and events repeat it. */
export const MAX_NAME_CHARACTERS = 1_000;

export type OutletMessage =
  | { readonly type: 'log'; readonly session: number; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'calls'; readonly session: number; readonly calls: readonly IssuedCall[] };

export interface GuestOutletOptions {
  readonly session: number;
  readonly post: (message: OutletMessage) => void;
  /** A limit was broken that ends the run. */
  readonly violate: (violation: Violation) => void;
}

/** What leaves a session's guest while a slice runs, held to the run's limits: output and host calls. */
export class GuestOutlet {
  readonly #options: GuestOutletOptions;
  #stdoutLeft = 0;
  #stderrLeft = 0;
  #callsLeft = 0;
  #inFlightLeft = 0;
  #callArgumentBytes = 0;
  #callBytesInFlight = 0;
  #calls: IssuedCall[] = [];
  #callsSince = 0;

  constructor(options: GuestOutletOptions) {
    this.#options = options;
  }

  /** A slice begins: takes what the run may still use. */
  enter({
    limits,
    answers,
    callBytesInFlight,
  }: Pick<Extract<ToWorker, { type: 'slice' }>, 'limits' | 'answers' | 'callBytesInFlight'>): void {
    // Limits are of what is left now: the calls that are answered here are under way no more.
    if (limits !== undefined) this.#take(limits);
    else this.#inFlightLeft += answers.length;
    this.#callBytesInFlight = callBytesInFlight;
  }

  /** A host call of the guest: see `GuestHost.issueCall`. */
  issueCall(text: string, parts: readonly (ArrayBuffer | string)[]): string | undefined {
    const headLength = text.indexOf('\n');
    if (headLength > MAX_NAME_CHARACTERS) {
      return refusal(
        'INVALID_ARGUMENTS',
        `Cannot make a host call: its name takes ${headLength} characters; expected at most ${MAX_NAME_CHARACTERS}`,
      );
    }
    const size = encodedSize({ text, plain: false, parts }) - headLength - 1;
    const refused = this.#refuseSize(size);
    if (refused !== undefined) return refused;
    if (this.#callsLeft <= 0)
      return this.#refuseCall('Cannot make another host call: the run has made as many as hostCalls allows');
    if (this.#inFlightLeft <= 0) {
      return this.#refuseCall(
        `Cannot make another host call: as many as hostCallsInFlight allows are under way; await some before starting more`,
      );
    }
    this.#callsLeft -= 1;
    this.#inFlightLeft -= 1;
    this.#callBytesInFlight += size;
    const now = performance.now();
    if (this.#calls.length === 0) this.#callsSince = now;
    this.#calls.push({ text, parts });
    this.flushWhenOld(now);
    return undefined;
  }

  /** Console output. What exceeds the limit is not posted. */
  log(stream: 'stdout' | 'stderr', text: string): void {
    const size = Buffer.byteLength(text);
    const left = (stream === 'stdout' ? this.#stdoutLeft : this.#stderrLeft) - size;
    if (stream === 'stdout') this.#stdoutLeft = left;
    else this.#stderrLeft = left;
    if (left >= 0) {
      this.#options.post({ type: 'log', session: this.#options.session, stream, text });
      return;
    }
    this.#options.violate({
      code: 'OUTPUT_LIMIT',
      message: `Cannot write more to ${stream}: the run has written as much as ${stream}Bytes allows; print less, or save it as an artifact`,
    });
  }

  /** Posts the calls that wait. */
  flush(): void {
    if (this.#calls.length > 0)
      this.#options.post({ type: 'calls', session: this.#options.session, calls: this.takeCalls() });
  }

  /** Polled while guest code runs. */
  flushWhenOld(now: number): void {
    if (this.#calls.length > 0 && now - this.#callsSince > FLUSH_AFTER_MS) this.flush();
  }

  takeCalls(): IssuedCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  #take(limits: SliceLimits): void {
    this.#callArgumentBytes = limits.callArgumentBytes;
    this.#callsLeft = limits.hostCalls;
    this.#inFlightLeft = limits.hostCallsInFlight;
    this.#stdoutLeft = limits.stdoutBytes;
    this.#stderrLeft = limits.stderrBytes;
  }

  /** The guest's runtime has held the arguments to `callArgumentBytes`; it is looked at again, since this is the boundary. */
  #refuseSize(size: number): string | undefined {
    if (size > this.#callArgumentBytes) {
      return refusal(
        'CALL_SIZE_LIMIT',
        `Cannot make a host call: its arguments take ${size} bytes; the limit (callArgumentBytes) is ${this.#callArgumentBytes}`,
      );
    }
    if (this.#callBytesInFlight + size <= this.#callArgumentBytes * ARGUMENTS_IN_FLIGHT) return undefined;
    return refusal(
      'CALL_SIZE_LIMIT',
      `Cannot make another host call: the arguments of those under way take as much as is allowed (${ARGUMENTS_IN_FLIGHT} times callArgumentBytes); await some before starting more`,
    );
  }

  #refuseCall(message: string): string {
    this.#options.violate({ code: 'CALL_LIMIT', message });
    return refusal('CALL_LIMIT', message);
  }
}
