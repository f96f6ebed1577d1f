import type { ExecutionResult } from '../../contracts/execution.ts';
import type { Capability, Executor, Sandbox, SandboxRunOptions, StartRequest } from '../../contracts/executor.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import { acquireWorkspace } from '../../workspace/shared-workspaces.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { ActiveRun } from '../in-process/active-run.ts';
import { ChildStarter } from './child-starter.ts';
import type { Isolation } from './child-starter.ts';
import { ISOLATION_LAYERS } from './confinement.ts';
import type { IsolationLayer } from './confinement.ts';
import type { EngineName } from './messages.ts';
import { SubprocessPool } from './subprocess-pool.ts';
import type { SubprocessSession } from './subprocess-session.ts';

export interface SubprocessExecutorOptions {
  /** Layers without which no session starts. Default: none. */
  readonly requireIsolation?: readonly IsolationLayer[];
  /**
   * Whose code a session runs: sessions of one domain may share a process, others never do. Default: each session is
   * a domain of its own.
   */
  readonly trustDomain?: string | ((sessionId: string) => string);
  /** What guests run in. Default: `v8`, or `quickjs` where isolated-vm can't be loaded. */
  readonly engine?: EngineName;
  /** Processes that are started in advance, about 60 MB each. Default: 1. */
  readonly warmProcesses?: number;
}

/**
 * Runs code in V8, in confined processes: as fast as Node, and what it breaks is not the host.
 *
 * Tools, skills and artifacts stay in this process. A run that is cut off may leave variables half changed, or, where its
 * process had to be ended, gone; the result's warnings say so.
 *
 * @example
 * ```ts
 * await using executor = new SubprocessExecutor({ requireIsolation: ['bubblewrap'] });
 * await using session = await Session.open({ storage, executor });
 * ```
 */
export class SubprocessExecutor implements Executor {
  readonly name = 'subprocess';
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>([
    'reset',
    'cancel',
    'events',
    'cpu-limit',
    'memory-limit',
    'local-processes',
  ]);
  readonly #pool: SubprocessPool;
  readonly #trustDomain: SubprocessExecutorOptions['trustDomain'];
  readonly #engine: EngineName;
  readonly #sandboxes = new Set<SubprocessSandbox>();
  #closed = false;

  /** @throws {CodeModeError} `INVALID_OPTION`, naming the option. */
  constructor(options: SubprocessExecutorOptions = {}) {
    const { requireIsolation = [], trustDomain, engine = 'v8', warmProcesses = 1 } = options;
    checkOptions({ ...options, requireIsolation, engine, warmProcesses });
    this.#trustDomain = trustDomain;
    this.#engine = engine;
    this.#pool = new SubprocessPool(
      new ChildStarter(engine, requireIsolation),
      warmProcesses,
      trustDomain !== undefined,
    );
  }

  /**
   * Which layers confine the processes of this executor, and why others do not. Starts one if none has started.
   *
   * @throws {CodeModeError} `UNSUPPORTED` without a required layer, `SANDBOX_CRASHED` when no process starts.
   */
  isolation(): Promise<Isolation> {
    return this.#pool.isolation();
  }

  /** @throws {CodeModeError} as {@link isolation}. */
  async start(request: StartRequest): Promise<Sandbox> {
    if (this.#closed) throw new CodeModeError('SESSION_CLOSED', 'Cannot start a session: the executor is closed');
    const { sessionId, access, limits } = request;
    const domain = typeof this.#trustDomain === 'function' ? this.#trustDomain(sessionId) : this.#trustDomain;
    const workspace = await acquireWorkspace(access, request.embedder);
    try {
      const session = await this.#pool.openSession(domain, limits);
      const warning = await this.#engineWarning();
      const sandbox = new SubprocessSandbox({ pool: this.#pool, session, workspace, sessionId, warning }, () =>
        this.#sandboxes.delete(sandbox),
      );
      this.#sandboxes.add(sandbox);
      return sandbox;
    } catch (error) {
      await workspace.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.close()));
    await this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #engineWarning(): Promise<string | undefined> {
    const { engine, missing } = await this.#pool.isolation();
    if (engine === this.#engine) return undefined;
    return `This session runs in QuickJS, which computes several times slower: isolated-vm can't be loaded (${missing['v8-isolate'] ?? ''}).`;
  }
}

interface SandboxParts {
  readonly pool: SubprocessPool;
  readonly session: SubprocessSession;
  readonly workspace: Workspace;
  readonly sessionId: string;
  /** For the first run. */
  readonly warning: string | undefined;
}

class SubprocessSandbox implements Sandbox {
  readonly #parts: SandboxParts;
  readonly #onClose: () => void;
  #runs = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(parts: SandboxParts, onClose: () => void) {
    this.#parts = parts;
    this.#onClose = onClose;
  }

  run(code: string, options: SandboxRunOptions): Promise<ExecutionResult> {
    return this.#enqueue(() => this.#run(code, options));
  }

  async reset(): Promise<void> {
    const { pool, session } = this.#parts;
    await this.#enqueue(async () => pool.resetSession(session));
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
    const { pool, session, workspace, sessionId, warning } = this.#parts;
    const number = ++this.#runs;
    const run = new ActiveRun({
      ...options,
      number,
      runId: `${sessionId}-${number}`,
      source,
      dispatcher: workspace,
      onStop: (error) => pool.stopRun(session, error),
    });
    if (number === 1 && warning !== undefined) run.warn(warning);
    const refused = this.#refusal(source, options);
    if (refused === undefined) {
      workspace.beginRun();
      pool.startRun(session, run);
    } else {
      run.finish({ ok: false, error: toErrorData(refused) });
    }
    const result = await run.result;
    return { ...result, warnings: [...result.warnings, ...workspace.warnings()] };
  }

  #refusal(source: string, { limits }: SandboxRunOptions): CodeModeError | undefined {
    if (this.#closing !== undefined)
      return new CodeModeError('SESSION_CLOSED', 'Cannot run: the session is closed; open another');
    const { size } = this.#parts.session;
    for (const name of ['memoryBytes', 'stackBytes'] as const) {
      if (limits[name] === size[name]) continue;
      return new CodeModeError(
        'UNSUPPORTED',
        `Cannot run with ${name} ${limits[name]}: the session's process keeps the ${size[name]} that it was started with; set it for the session`,
      );
    }
    const bytes = Buffer.byteLength(source);
    if (bytes <= limits.sourceBytes) return undefined;
    return new CodeModeError(
      'SOURCE_LIMIT',
      `Cannot run: the source takes ${bytes} bytes; the limit (sourceBytes) is ${limits.sourceBytes}. Save large data as an artifact and load it`,
    );
  }

  async #close(): Promise<void> {
    const { pool, session, workspace } = this.#parts;
    pool.closeSession(session);
    await this.#queue;
    await workspace.release();
    this.#onClose();
  }
}

function checkOptions({
  requireIsolation,
  trustDomain,
  engine,
  warmProcesses,
}: Required<Omit<SubprocessExecutorOptions, 'trustDomain'>> & Pick<SubprocessExecutorOptions, 'trustDomain'>): void {
  const stray = requireIsolation.find((layer) => !ISOLATION_LAYERS.includes(layer));
  if (stray !== undefined) throw invalid('requireIsolation', stray, `some of ${ISOLATION_LAYERS.join(', ')}`);
  if (trustDomain !== undefined && typeof trustDomain !== 'function' && typeof trustDomain !== 'string')
    throw invalid('trustDomain', trustDomain, 'a text, or a function of the session id');
  if (engine !== 'v8' && engine !== 'quickjs') throw invalid('engine', engine, 'v8 or quickjs');
  if (!(Number.isInteger(warmProcesses) && warmProcesses >= 0 && warmProcesses <= 64))
    throw invalid('warmProcesses', warmProcesses, 'an integer from 0 to 64');
}

function invalid(name: string, value: unknown, expected: string): CodeModeError {
  return new CodeModeError(
    'INVALID_OPTION',
    `Cannot make a SubprocessExecutor: ${name} is ${String(value)}; expected ${expected}`,
  );
}
