import type { Embedder } from './embedder.ts';
import type { Facade } from './facade.ts';
import type { Limits } from './limits.ts';
import type { EventListener, ExecutionResult } from './execution.ts';
import type { StorageAccess } from './storage.ts';

/**
 * What an executor may or may not be able to do. What it lacks it refuses with `UNSUPPORTED`. `own-storage`: it has tools,
 * skills and artifacts of its own (see {@link HostedExecutor}). `rollback`: a run that is cut off leaves the variables as
 * they were before it; without, they may be half changed, or gone, and the result's warnings say which.
 */
export type Capability =
  | 'reset'
  | 'cancel'
  | 'events'
  | 'cpu-limit'
  | 'memory-limit'
  | 'local-processes'
  | 'own-storage'
  | 'rollback';

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

/**
 * An executor with the capability `own-storage`: its sandboxes have tools, skills and artifacts of their own, as those on a
 * server have. A session over it is opened without a storage.
 */
export interface HostedExecutor extends Omit<Executor, 'start'> {
  start(request: Omit<StartRequest, 'access' | 'embedder'>): Promise<HostedSandbox>;
}

export interface StartRequest {
  readonly sessionId: string;
  readonly access: StorageAccess;
  readonly limits: Limits;
  /** What searches compare meanings by; `null`: words alone. Absent: the one that comes with the package. */
  readonly embedder?: Embedder | null;
}

/** The sandbox of one session: variables persist in it from run to run. */
export interface Sandbox extends AsyncDisposable {
  /** Where its tools, skills and artifacts are to be asked for. Absent: they are those of the session's storage. */
  readonly facade?: Facade;
  /** Runs queue in order. Never rejects for what the agent's code did, nor after `close`. */
  run(code: string, options: SandboxRunOptions): Promise<ExecutionResult>;
  /** Forgets every variable. Waits for the runs that were queued before it. */
  reset(): Promise<void>;
  /** Ends a run in flight and what it started. Idempotent. */
  close(): Promise<void>;
}

export interface HostedSandbox extends Sandbox {
  readonly facade: Facade;
}

export interface SandboxRunOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  readonly onEvent?: EventListener;
}
