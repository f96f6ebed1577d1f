import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from '../contracts/execution.ts';
import type { Limits } from '../contracts/limits.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { toErrorData } from '../errors/error-data.ts';
import type { SessionRecord } from '../protocol/remote/api.ts';
import type { Session } from '../session.ts';
import { RequestProblem } from './request-problem.ts';
import { RunRecord } from './run-record.ts';
import type { Client } from './token-book.ts';

/** Results that a session keeps for those who ask again. */
const MAX_KEPT_RUNS = 16;
/** Names of runs whose results are gone: under these nothing is executed again. */
const MAX_GONE_RUNS = 1_000;

export interface RunRequest {
  /** Default: a random one. */
  readonly name?: string | undefined;
  /** Of all that the client asks for. */
  readonly digest: string;
  readonly code: string;
  readonly limits: Partial<Limits>;
  /** Added to those of the result. */
  readonly warnings: readonly string[];
}

export interface HostedSessionOptions {
  readonly maxQueuedRuns: number;
  readonly onFinish: (record: RunRecord, result: ExecutionResult) => void;
  /** The result of a run is kept no more. */
  readonly onForget: (record: RunRecord) => void;
}

/** A session of a client, and the runs that it can ask about. */
export class HostedSession {
  readonly client: Client;
  readonly session: Session;
  readonly #createdAt = Date.now();
  readonly #maxQueuedRuns: number;
  readonly #onFinish: HostedSessionOptions['onFinish'];
  readonly #onForget: HostedSessionOptions['onForget'];
  readonly #runs = new Map<string, RunRecord>();
  readonly #gone = new Set<string>();
  #lastUsedAt = Date.now();
  #activeRuns = 0;

  constructor(client: Client, session: Session, options: HostedSessionOptions) {
    this.client = client;
    this.session = session;
    this.#maxQueuedRuns = options.maxQueuedRuns;
    this.#onFinish = options.onFinish;
    this.#onForget = options.onForget;
  }

  get record(): SessionRecord {
    return {
      id: this.session.id,
      createdAt: new Date(this.#createdAt).toISOString(),
      lastUsedAt: new Date(this.#lastUsedAt).toISOString(),
      activeRuns: this.#activeRuns,
    };
  }

  get activeRuns(): number {
    return this.#activeRuns;
  }

  /** For how long nobody has used it, in milliseconds. */
  get idleMs(): number {
    return this.#activeRuns > 0 ? 0 : Date.now() - this.#lastUsedAt;
  }

  touch(): void {
    this.#lastUsedAt = Date.now();
  }

  /**
   * Starts a run, or answers the one that was started under that name.
   *
   * @throws {RequestProblem} 422 for a name that stands for another request, 410 when the run's result is kept no more,
   * 429 when too many runs wait.
   */
  startRun(request: RunRequest): RunRecord {
    const name = request.name ?? randomUUID();
    const known = this.#find(name);
    if (known !== undefined) {
      if (known.digest === request.digest) return known;
      throw new RequestProblem(
        422,
        'INVALID_REQUEST',
        'Cannot start the run: its idempotency key was used for another; expected a new one',
      );
    }
    if (this.#activeRuns >= this.#maxQueuedRuns)
      throw new RequestProblem(
        429,
        'SESSION_LIMIT',
        `Cannot start the run: ${this.#activeRuns} runs of the session wait or are under way; wait for one to end`,
        { 'retry-after': '1' },
      );
    const record = new RunRecord(name, request.digest);
    this.#runs.set(name, record);
    this.#activeRuns += 1;
    void this.#run(record, request);
    return record;
  }

  /** @throws {CodeModeError} `UNKNOWN_RUN` */
  run(name: string): RunRecord {
    const record = this.#find(name);
    if (record !== undefined) return record;
    throw new CodeModeError('UNKNOWN_RUN', 'Cannot find the run: the session has none of that name');
  }

  hasRun(name: string | undefined): boolean {
    return name !== undefined && this.#runs.has(name);
  }

  /** Forgets a result, but not that there was a run. */
  forget(record: RunRecord): void {
    if (!this.#runs.delete(record.name)) return;
    this.#onForget(record);
    this.#gone.add(record.name);
    const [oldest] = this.#gone;
    if (this.#gone.size > MAX_GONE_RUNS && oldest !== undefined) this.#gone.delete(oldest);
  }

  cancelRuns(): void {
    for (const record of this.#runs.values()) record.cancel();
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  #find(name: string): RunRecord | undefined {
    if (this.#gone.has(name))
      throw new RequestProblem(
        410,
        'UNKNOWN_RUN',
        'Cannot answer with the run: it ended, and its result is kept no more',
      );
    return this.#runs.get(name);
  }

  async #run(record: RunRecord, { code, limits, warnings }: RunRequest): Promise<void> {
    const result = await this.#execute(record, code, limits);
    const told = { ...result, warnings: [...result.warnings, ...warnings] };
    record.finish(told);
    this.#activeRuns -= 1;
    this.touch();
    const finished = [...this.#runs.values()].filter(({ finishedAt }) => finishedAt !== Infinity);
    for (const old of finished.slice(0, Math.max(0, finished.length - MAX_KEPT_RUNS))) this.forget(old);
    this.#onFinish(record, told);
  }

  async #execute(record: RunRecord, code: string, limits: Partial<Limits>): Promise<ExecutionResult> {
    try {
      return await this.session.run(code, { ...limits, signal: record.signal, onEvent: (event) => record.add(event) });
    } catch (error) {
      // A limit that the session does not take.
      return { ok: false, error: toErrorData(error), ...NOTHING_RAN, runId: this.session.id };
    }
  }
}

const NOTHING_RAN = { stdout: '', stderr: '', durationMs: 0, cpuTimeMs: 0, toolCalls: [], warnings: [] };
