import type { ErrorData } from '../errors/error-data.ts';

/** One host call of a run, as the result reports it. */
export interface ToolCallRecord {
  /** Unique in the session; parallel calls keep their ids in issue order. */
  readonly id: number;
  /** `tools.curl.get`, `skills.list`, `artifacts.save`. */
  readonly name: string;
  readonly durationMs: number;
  readonly outcome: 'ok' | 'error' | 'cancelled';
  /** Present when the outcome is `error`. */
  readonly error?: { readonly code: string; readonly message: string };
}

interface ResultBase {
  readonly runId: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time, without waiting for a free worker. Milliseconds. */
  readonly durationMs: number;
  /** CPU time of the agent's own code. Milliseconds. */
  readonly cpuTimeMs: number;
  readonly toolCalls: readonly ToolCallRecord[];
  /** What is worth knowing: a call nobody awaited, a tool file that does not load, state that was rolled back. */
  readonly warnings: readonly string[];
}

export interface ExecutionSuccess extends ResultBase {
  readonly ok: true;
  readonly value: unknown;
}

export interface ExecutionFailure extends ResultBase {
  readonly ok: false;
  readonly error: ErrorData;
}

/** What {@link Session.run} answers. It never throws for what the agent's code did. */
export type ExecutionResult = ExecutionSuccess | ExecutionFailure;

/** What happens during a run, as it happens. */
export type SessionEvent =
  | { readonly type: 'run-start'; readonly runId: string }
  | {
      readonly type: 'log';
      readonly runId: string;
      /** `guest`: console output of the agent's code. `tool`: stderr of a command that a call started. */
      readonly source: 'guest' | 'tool';
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
      /** The host call whose tool wrote this. */
      readonly callId?: number;
    }
  | { readonly type: 'call-start'; readonly runId: string; readonly callId: number; readonly name: string }
  | {
      readonly type: 'call-end';
      readonly runId: string;
      readonly callId: number;
      readonly name: string;
      readonly durationMs: number;
      readonly outcome: 'ok' | 'error' | 'cancelled';
    }
  | { readonly type: 'run-end'; readonly runId: string; readonly ok: boolean; readonly durationMs: number };

export type EventListener = (event: SessionEvent) => void;
