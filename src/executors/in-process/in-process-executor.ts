import type { ExecutionResult } from '../../contracts/execution.ts';
import type { Capability, Executor, Sandbox, SandboxRunOptions, StartRequest } from '../../contracts/executor.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import { acquireWorkspace } from '../../workspace/shared-workspaces.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { ActiveRun } from './active-run.ts';
import type { PooledSession } from './pooled-session.ts';
import { WorkerPool } from './worker-pool.ts';

export interface InProcessExecutorOptions {
  /** Worker threads. Default: one pool for the whole process, with as many threads as the machine has cores. */
  readonly workers?: number;
}

/**
 * Runs code in QuickJS, in WebAssembly, in worker threads of this process: the default executor.
 *
 * One executor serves any number of sessions. Host calls are served on the thread that made the executor.
 */
export class InProcessExecutor implements Executor {
  readonly name = 'in-process';
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>([
    'reset',
    'cancel',
    'events',
    'cpu-limit',
    'memory-limit',
    'local-processes',
    'rollback',
  ]);
  readonly #pool: WorkerPool;
  readonly #ownsPool: boolean;
  readonly #sandboxes = new Set<InProcessSandbox>();

  /** @throws {CodeModeError} `INVALID_OPTION` when `workers` is no positive integer. */
  constructor(options: InProcessExecutorOptions = {}) {
    const { workers } = options;
    if (workers !== undefined && !(Number.isInteger(workers) && workers > 0 && workers <= 1024)) {
      throw new CodeModeError(
        'INVALID_OPTION',
        `Cannot make an InProcessExecutor: workers is ${String(workers)}; expected an integer from 1 to 1024`,
      );
    }
    this.#ownsPool = workers !== undefined;
    this.#pool = workers === undefined ? sharedPool() : new WorkerPool({ workers });
  }

  async start(request: StartRequest): Promise<Sandbox> {
    const workspace = await acquireWorkspace(request.access, request.embedder);
    const sandbox = new InProcessSandbox(this.#pool, workspace, request.sessionId, () =>
      this.#sandboxes.delete(sandbox),
    );
    this.#sandboxes.add(sandbox);
    return sandbox;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.close()));
    if (this.#ownsPool) await this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

class InProcessSandbox implements Sandbox {
  readonly #pool: WorkerPool;
  readonly #workspace: Workspace;
  readonly #sessionId: string;
  readonly #session: PooledSession;
  readonly #onClose: () => void;
  #runs = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(pool: WorkerPool, workspace: Workspace, sessionId: string, onClose: () => void) {
    this.#pool = pool;
    this.#workspace = workspace;
    this.#sessionId = sessionId;
    this.#session = pool.openSession();
    this.#onClose = onClose;
  }

  run(code: string, options: SandboxRunOptions): Promise<ExecutionResult> {
    return this.#enqueue(() => this.#run(code, options));
  }

  async reset(): Promise<void> {
    await this.#enqueue(async () => this.#pool.resetSession(this.#session));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #run(source: string, options: SandboxRunOptions): Promise<ExecutionResult> {
    const number = ++this.#runs;
    const runId = `${this.#sessionId}-${number}`;
    const run = new ActiveRun({
      ...options,
      number,
      runId,
      source,
      dispatcher: this.#workspace,
      onStop: (error) => this.#pool.stopRun(this.#session, error),
    });
    const refused = this.#refusal(source, options);
    if (refused === undefined) {
      this.#workspace.beginRun();
      this.#pool.startRun(this.#session, run);
    } else {
      run.finish({ ok: false, error: toErrorData(refused) });
    }
    const result = await run.result;
    return { ...result, warnings: [...result.warnings, ...this.#workspace.warnings()] };
  }

  #refusal(source: string, { limits }: SandboxRunOptions): CodeModeError | undefined {
    if (this.#closing !== undefined)
      return new CodeModeError('SESSION_CLOSED', 'Cannot run: the session is closed; open another');
    const size = Buffer.byteLength(source);
    if (size <= limits.sourceBytes) return undefined;
    return new CodeModeError(
      'SOURCE_LIMIT',
      `Cannot run: the source takes ${size} bytes; the limit (sourceBytes) is ${limits.sourceBytes}. Save large data as an artifact and load it`,
    );
  }

  async #close(): Promise<void> {
    this.#pool.closeSession(this.#session);
    await this.#queue;
    await this.#workspace.release();
    this.#onClose();
  }
}

let pool: WorkerPool | undefined;

/** Threads idle for the process's life: they hold no work, and do not keep the process alive. */
function sharedPool(): WorkerPool {
  pool ??= new WorkerPool();
  return pool;
}
