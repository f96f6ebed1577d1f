import type { ErrorData } from '../../errors/error-data.ts';
import type { SourceRecord } from '../../guest/compile/map-stack.ts';
import type { EncodedValue } from '../../protocol/codec/message.ts';
import type { SessionImage } from './session-image.ts';

/**
 * The wire between the host's thread and a worker.
 *
 * The host sends one slice at a time and waits for its end: so at most one session is ever at work in a
 * worker, nothing lies queued in a worker that has to be ended, and the guilty session is known.
 */

/** What every worker needs to make VMs. Shared, never changed. */
export interface BaseImage {
  /** A SharedArrayBuffer with the memory of a VM whose namespaces are installed and that ran nothing. */
  readonly memory: SharedArrayBuffer;
  readonly stackPointer: number;
  readonly runtimePtr: number;
  readonly contextPtr: number;
  /** Tokens of the prelude's functions, by name. */
  readonly tokens: Readonly<Record<string, number>>;
}

export interface WorkerStart {
  readonly type: 'start';
  /** The engine, compiled for `defaults.memoryBytes`. */
  readonly engine: WebAssembly.Module;
  /** What spare VMs are made for. */
  readonly defaults: { readonly memoryBytes: number; readonly stackBytes: number };
  /** Absent in the first worker, which builds it. */
  readonly base: BaseImage | undefined;
  /** Two 32-bit cells: {@link CONTROL}. */
  readonly control: SharedArrayBuffer;
}

/** Cells of {@link WorkerStart.control}. */
export const CONTROL = {
  /** The host writes 1: the guest's code is to be interrupted at the next poll. */
  interrupt: 0,
  /** The worker counts polls: a count that stands still means a native loop. */
  heartbeat: 1,
} as const;

export interface SliceLimits {
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** CPU time left to the run. */
  readonly cpuTimeMs: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly resultBytes: number;
  readonly callArgumentBytes: number;
  /** Left to the run. */
  readonly hostCalls: number;
  /** Left beside those under way. */
  readonly hostCallsInFlight: number;
  readonly skillDepth: number;
}

/** An answer to a host call. */
export interface CallAnswer {
  readonly id: number;
  readonly ok: boolean;
  /** The value, or an {@link ErrorData}. */
  readonly encoded: EncodedValue;
}

export type ToWorker =
  | WorkerStart
  | {
      readonly type: 'slice';
      readonly session: number;
      /** Number of the run, counted by the host. */
      readonly run: number;
      /** The state to start from, when this worker doesn't hold the session's VM. `null`: a fresh session. */
      readonly image?: SessionImage | null;
      /** What the run may still use; absent: the worker that did the last slice has it. */
      readonly limits?: SliceLimits;
      /** Starts a run; absent: goes on with the one under way. */
      readonly cell?: { readonly file: string; readonly source: string };
      readonly answers: readonly CallAnswer[];
      /** Encoded size of the arguments of all calls under way. */
      readonly callBytesInFlight: number;
      /** Sources by file; sent with `image`. */
      readonly sources?: Readonly<Record<string, SourceRecord>>;
    }
  /** The VM is not needed any more. `discard`: nor is its state. */
  | { readonly type: 'drop'; readonly session: number; readonly discard: boolean };

/** A host call as the guest's runtime wrote it; see `GuestHost.issueCall`. The worker looks at its size alone. */
export interface IssuedCall {
  readonly text: string;
  readonly parts: readonly (ArrayBuffer | string)[];
}

export type RunOutcome =
  | { readonly ok: true; readonly encoded: EncodedValue }
  /** `keepState`: false when the VM was thrown away and the session goes back to the state before the run. */
  | { readonly ok: false; readonly error: ErrorData; readonly keepState: boolean };

export type FromWorker =
  | { readonly type: 'ready'; readonly base?: BaseImage }
  /** While a slice is under way. */
  | { readonly type: 'log'; readonly session: number; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'calls'; readonly session: number; readonly calls: readonly IssuedCall[] }
  /** State of a session, before its worker does anything else. `midRun`: a run is under way in it. */
  | {
      readonly type: 'image';
      readonly session: number;
      readonly run: number;
      readonly image: SessionImage;
      readonly midRun: boolean;
    }
  | {
      readonly type: 'slice-end';
      readonly session: number;
      readonly cpuTimeMs: number;
      /** Calls that were issued last. */
      readonly calls: readonly IssuedCall[];
      /** Milliseconds until the guest's next timer; absent: none is set. */
      readonly nextTimerMs?: number;
      /** Present when the run is over. */
      readonly outcome?: RunOutcome;
      /** Calls that nobody awaited, by name, and other things worth saying. */
      readonly warnings?: readonly string[];
      /** What this slice compiled, by file. */
      readonly sources?: Readonly<Record<string, SourceRecord>>;
    };
