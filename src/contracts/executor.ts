import type { Limits } from './limits.ts';
import type { EventListener, ExecutionResult } from './execution.ts';
import type { StorageAccess } from './storage.ts';

/** What an executor may or may not be able to do. What it lacks it refuses with `UNSUPPORTED`. */
export type Capability = 'reset' | 'cancel' | 'events' | 'cpu-limit' | 'memory-limit' | 'local-processes';

/** Where code runs. One executor serves any number of sessions. */
export interface Executor extends AsyncDisposable {
  /** `in-process`, `subprocess`, `container`, `remote`. */
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Makes a sandbox whose namespaces read from the storage that `access` describes. */
  start(request: StartRequest): Promise<Sandbox>;
  /** Ends every sandbox it started. Idempotent. */
  close(): Promise<void>;
}

export interface StartRequest {
  readonly sessionId: string;
  readonly access: StorageAccess;
  readonly limits: Limits;
}

/** The sandbox of one session: variables persist in it from run to run. */
export interface Sandbox extends AsyncDisposable {
  /** Runs queue in order. Never rejects for what the agent's code did, nor after `close`. */
  run(code: string, options: SandboxRunOptions): Promise<ExecutionResult>;
  /** Forgets every variable. Waits for the runs that were queued before it. */
  reset(): Promise<void>;
  /** Ends a run in flight and what it started. Idempotent. */
  close(): Promise<void>;
}

export interface SandboxRunOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  readonly onEvent?: EventListener;
}
