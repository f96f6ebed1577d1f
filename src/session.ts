import { randomUUID } from 'node:crypto';

import * as z from 'zod';

import type { ArtifactInfo } from './contracts/artifact-store.ts';
import type { Embedder } from './contracts/embedder.ts';
import type { EventListener, ExecutionResult } from './contracts/execution.ts';
import type { Capability, Executor, HostedExecutor, Sandbox } from './contracts/executor.ts';
import type {
  CallToolOptions,
  CreateSkillOptions,
  Facade,
  LoadedArtifact,
  SaveArtifactOptions,
  SkillHit,
  SkillWithSource,
  ToolHit,
} from './contracts/facade.ts';
import { DEFAULT_LIMITS } from './contracts/limits.ts';
import type { Limits } from './contracts/limits.ts';
import type { Skill } from './contracts/skill.ts';
import type { Storage } from './contracts/storage.ts';
import type { Tool } from './contracts/tool.ts';
import { CodeModeError } from './errors/code-mode-error.ts';
import { toErrorData } from './errors/error-data.ts';
import { nearestNames } from './errors/nearest.ts';
import { InProcessExecutor } from './executors/in-process/in-process-executor.ts';
import { checkEmbedder } from './search/check-embedder.ts';
import { acquireWorkspace } from './workspace/shared-workspaces.ts';
import { WorkspaceFacade } from './workspace/workspace-facade.ts';

export interface SessionOptions {
  /** Where tools, skills and artifacts live. */
  readonly storage: Storage;
  /** Where code runs. Default: {@link InProcessExecutor} on the process's shared threads. The session does not close it. */
  readonly executor?: Executor;
  /** Names the session in events and run ids. Default: a random UUID. */
  readonly id?: string;
  /** Defaults for every run: see {@link Limits} and {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<Limits>;
  /**
   * What `tools.search` and `skills.search` compare meanings by: one of `ts-code-mode/embedders` or your own; `null`: words
   * alone. Default: the table of word pieces that comes with the package.
   */
  readonly embedder?: Embedder | null;
}

/** Options of a session whose executor has tools, skills and artifacts of its own. */
export interface HostedSessionOptions extends Omit<SessionOptions, 'storage' | 'executor' | 'embedder'> {
  /** Such as a RemoteExecutor. The session does not close it. */
  readonly executor: HostedExecutor;
}

/** Options of one run: its limits (`timeoutMs`, `cpuTimeMs`, ...) beside what follows its course. */
export interface RunOptions extends Partial<Limits> {
  /** Aborting it ends the run with `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called as things happen: output, host calls. */
  readonly onEvent?: EventListener;
}

interface SessionParts {
  readonly sandbox: Sandbox;
  readonly facade: Facade;
  /** The session needs the storage no more. */
  readonly release: () => Promise<void>;
}

/**
 * Runs an agent's TypeScript with `tools`, `skills` and `artifacts` at hand. Variables persist from run to run.
 *
 * @example
 * ```ts
 * await using session = await Session.open({ storage: new FileStorage({ basePath: './storage' }) });
 * const result = await session.run('[1, 2, 3].map((n) => n * n)');
 * if (result.ok) console.log(result.value); // [ 1, 4, 9 ]
 * else console.error(result.error.message);
 * ```
 */
export class Session implements AsyncDisposable {
  readonly id: string;
  readonly #executor: Executor | HostedExecutor;
  readonly #openParts: () => Promise<SessionParts>;
  readonly #limits: Limits;
  #state: 'new' | 'started' | 'closed' = 'new';
  #parts: Promise<SessionParts> | undefined;

  /** @throws {CodeModeError} `INVALID_OPTION`, naming the option. */
  constructor(options: SessionOptions | HostedSessionOptions) {
    checkNames('make a session', options, ['storage', 'executor', 'id', 'limits', 'embedder']);
    const { id, executor, limits = {} } = options;
    if (executor !== undefined && typeof executor.start !== 'function')
      throw invalidOption('executor', executor, 'an Executor such as new InProcessExecutor()');
    if (id !== undefined && (typeof id !== 'string' || id === ''))
      throw invalidOption('id', id, 'a text that is not empty');
    this.id = id ?? randomUUID();
    this.#limits = resolveLimits(limits, DEFAULT_LIMITS);
    if (isHosted(options)) {
      this.#executor = options.executor;
      this.#openParts = () => this.#openHosted(options.executor);
    } else {
      const { storage, executor: given = new InProcessExecutor(), embedder } = options;
      if (embedder !== undefined && embedder !== null) checkEmbedder(embedder);
      this.#executor = given;
      this.#openParts = () => this.#openOver(storage, given, embedder);
    }
  }

  /** Makes a session and starts it. @throws {CodeModeError} `INVALID_OPTION`, `STORAGE`. */
  static async open(options: SessionOptions | HostedSessionOptions): Promise<Session> {
    const session = new Session(options);
    await session.start();
    return session;
  }

  /** Opens the storage and the sandbox. The first `run` does it too. */
  async start(): Promise<void> {
    await this.#started();
  }

  /**
   * Runs TypeScript. Runs of one session queue in order.
   *
   * Never throws for what the code did, nor when the session is closed: the result says so.
   *
   * @throws {CodeModeError} `INVALID_OPTION` before anything starts.
   */
  async run(code: string, options: RunOptions = {}): Promise<ExecutionResult> {
    if (typeof code !== 'string') throw invalidOption('code', code, 'TypeScript text');
    checkNames('run', options, ['signal', 'onEvent', ...Object.keys(DEFAULT_LIMITS)]);
    const { signal, onEvent, ...given } = options;
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw invalidOption('signal', signal, 'an AbortSignal');
    if (onEvent !== undefined && typeof onEvent !== 'function') throw invalidOption('onEvent', onEvent, 'a function');
    const limits = resolveLimits(given, this.#limits);
    try {
      const { sandbox } = await this.#started();
      return await sandbox.run(code, {
        limits,
        ...(signal === undefined ? {} : { signal }),
        ...(onEvent === undefined ? {} : { onEvent }),
      });
    } catch (error) {
      return {
        ok: false,
        error: toErrorData(error),
        runId: this.id,
        stdout: '',
        stderr: '',
        durationMs: 0,
        cpuTimeMs: 0,
        toolCalls: [],
        warnings: [],
      };
    }
  }

  /** Forgets every variable; tools, skills and artifacts stay. */
  async reset(): Promise<void> {
    const { sandbox } = await this.#started();
    await sandbox.reset();
  }

  supports(capability: Capability): boolean {
    return this.#executor.capabilities.has(capability);
  }

  /** TypeScript declarations of `tools`, `skills` and `artifacts` as they are now: what an agent should see. */
  async types(): Promise<string> {
    return (await this.#facade()).types();
  }

  async listTools(): Promise<readonly Tool[]> {
    return (await this.#facade()).listTools();
  }

  async searchTools(query: string, limit?: number): Promise<readonly ToolHit[]> {
    return (await this.#facade()).searchTools(query, limit);
  }

  /** Calls a tool as the agent's code would: `callTool('curl.get', { url })`. @throws {CodeModeError} what the call failed with. */
  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: CallToolOptions = {},
  ): Promise<unknown> {
    return (await this.#facade()).callTool(name, args, options);
  }

  async listSkills(): Promise<readonly Skill[]> {
    return (await this.#facade()).listSkills();
  }

  async searchSkills(query: string, limit?: number): Promise<readonly SkillHit[]> {
    return (await this.#facade()).searchSkills(query, limit);
  }

  /** @throws {CodeModeError} `UNKNOWN_SKILL`, with near names. */
  async getSkill(name: string): Promise<SkillWithSource> {
    return (await this.#facade()).getSkill(name);
  }

  /** @throws {CodeModeError} `INVALID_SKILL`, `INVALID_NAME`, `SYNTAX_ERROR`, `SKILL_EXISTS`. */
  async addSkill(name: string, source: string, options: CreateSkillOptions = {}): Promise<Skill> {
    return (await this.#facade()).addSkill(name, source, options);
  }

  /** True when there was one. */
  async removeSkill(name: string): Promise<boolean> {
    return (await this.#facade()).removeSkill(name);
  }

  async listArtifacts(): Promise<readonly ArtifactInfo[]> {
    return (await this.#facade()).listArtifacts();
  }

  /** `data`: bytes, text or a JSON value. @throws {CodeModeError} `INVALID_NAME`, `INVALID_DATA`, `QUOTA`, `STORAGE`. */
  async saveArtifact(name: string, data: unknown, options: SaveArtifactOptions = {}): Promise<ArtifactInfo> {
    return (await this.#facade()).saveArtifact(name, data, options);
  }

  /** @throws {CodeModeError} `UNKNOWN_ARTIFACT`, `DAMAGED`, `INVALID_NAME`. */
  async loadArtifact(name: string): Promise<LoadedArtifact> {
    return (await this.#facade()).loadArtifact(name);
  }

  /** An artifact's data as a stream, for large ones. @throws as `loadArtifact`. */
  async streamArtifact(name: string): Promise<ReadableStream<Uint8Array>> {
    return (await this.#facade()).streamArtifact(name);
  }

  /** True when there was one. */
  async deleteArtifact(name: string): Promise<boolean> {
    return (await this.#facade()).deleteArtifact(name);
  }

  /** Problems of tool files and skills, as text: what `ts-code-mode tools check` prints. */
  async problems(): Promise<readonly string[]> {
    return (await this.#facade()).problems();
  }

  /** Ends a run in flight and what it started. Idempotent. */
  async close(): Promise<void> {
    const parts = this.#parts;
    this.#state = 'closed';
    this.#parts = undefined;
    // What could not be opened has nothing to close.
    const opened = await parts?.catch(() => undefined);
    await opened?.sandbox.close();
    await opened?.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #facade(): Promise<Facade> {
    return (await this.#started()).facade;
  }

  #started(): Promise<SessionParts> {
    if (this.#state === 'closed')
      throw new CodeModeError('SESSION_CLOSED', 'Cannot use the session: it is closed; open another');
    this.#parts ??= this.#openParts();
    this.#state = 'started';
    return this.#parts;
  }

  async #openOver(storage: Storage, executor: Executor, embedder: Embedder | null | undefined): Promise<SessionParts> {
    const access = storage.access();
    const workspace = await acquireWorkspace(access, embedder);
    const release = (): Promise<void> => workspace.release();
    try {
      const sandbox = await executor.start({
        sessionId: this.id,
        access,
        limits: this.#limits,
        ...(embedder !== undefined && { embedder }),
      });
      return { sandbox, facade: sandbox.facade ?? new WorkspaceFacade(workspace), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #openHosted(executor: HostedExecutor): Promise<SessionParts> {
    const sandbox = await executor.start({ sessionId: this.id, limits: this.#limits });
    return { sandbox, facade: sandbox.facade, release: async () => undefined };
  }
}

/** @throws {CodeModeError} `INVALID_OPTION` for a storage that would not be used, and for one that is missing. */
function isHosted(options: SessionOptions | HostedSessionOptions): options is HostedSessionOptions {
  const storage: unknown = 'storage' in options ? options.storage : undefined;
  const hosted = options.executor?.capabilities.has('own-storage') === true;
  if (hosted && 'embedder' in options && options.embedder !== undefined)
    throw invalidOption('embedder', options.embedder, `none: ${options.executor?.name} searches by its own`);
  if (hosted && storage !== undefined)
    throw invalidOption(
      'storage',
      storage,
      `none: ${options.executor?.name} has tools, skills and artifacts of its own`,
    );
  const isStorage = typeof storage === 'object' && storage !== null && 'access' in storage;
  if (!hosted && !(isStorage && typeof storage.access === 'function'))
    throw invalidOption('storage', storage, 'a Storage such as new FileStorage({ basePath })');
  return hosted;
}

const positiveInteger = z.int().positive();

/** What the engine can hold: a heap of less does not start, a stack of more does not fit its thread. Bytes. */
const LIMIT_RANGES: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['memoryBytes', [1_048_576, 2_147_483_648]],
  ['stackBytes', [16_384, 524_288]],
]);

/** Checks each given limit and fills in the others. */
function resolveLimits(given: Partial<Limits>, defaults: Limits): Limits {
  if (typeof given !== 'object' || given === null)
    throw invalidOption('limits', given, 'an object such as { timeoutMs: 30_000 }');
  checkNames('use these limits', given, Object.keys(DEFAULT_LIMITS));
  for (const [name, value] of Object.entries(given)) {
    if (!positiveInteger.safeParse(value).success) throw invalidOption(name, value, 'a positive integer');
    const [least, most] = LIMIT_RANGES.get(name) ?? [1, Number.MAX_SAFE_INTEGER];
    if (value < least || value > most) throw invalidOption(name, value, `an integer from ${least} to ${most}`);
  }
  return { ...defaults, ...given };
}

function checkNames(action: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', options, 'an object');
  const stray = Object.keys(options).find((name) => !known.includes(name));
  if (stray === undefined) return;
  const near = nearestNames(stray, known);
  throw new CodeModeError(
    'INVALID_OPTION',
    `Cannot ${action}: there is no option ${stray}; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `expected ${known.join(', ')}`}`,
  );
}

function invalidOption(name: string, value: unknown, expected: string): CodeModeError {
  return new CodeModeError(
    'INVALID_OPTION',
    `Cannot use the option ${name}: got ${shownOption(value)}; expected ${expected}`,
  );
}

function shownOption(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'an object of another kind';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
