import { randomUUID } from 'node:crypto';
import type { ExecutionResult } from '../contracts/execution.ts';
import type { Executor } from '../contracts/executor.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { Session } from '../session.ts';
import { HostedSession } from './hosted-session.ts';
import type { RunRequest } from './hosted-session.ts';
import type { Metrics } from './metrics.ts';
import { RequestProblem } from './request-problem.ts';
import type { RunRecord } from './run-record.ts';
import type { ServerSettings } from './server-options.ts';
import type { Client } from './token-book.ts';

const MAX_SWEEP_MS = 15_000;
const MAX_RETRY_S = 60;

/**
 * The sessions of all clients. A client finds its own alone: another's id is as unknown to it as one that never was.
 */
export class SessionTable {
  readonly #settings: ServerSettings;
  readonly #executor: Executor;
  readonly #metrics: Metrics;
  /** By client, then by id. */
  readonly #clients = new Map<string, Map<string, HostedSession>>();
  /** Runs that ended, the oldest first. */
  readonly #kept = new Map<RunRecord, HostedSession>();
  #keptBytes = 0;
  #count = 0;
  readonly #sweeper: NodeJS.Timeout;
  #state: 'open' | 'closed' = 'open';

  constructor(settings: ServerSettings, executor: Executor, metrics: Metrics) {
    this.#settings = settings;
    this.#executor = executor;
    this.#metrics = metrics;
    const sweepMs = Math.min(MAX_SWEEP_MS, settings.idleMs / 2, settings.keepResultsMs / 2);
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs).unref();
  }

  get size(): number {
    return this.#count;
  }

  get activeRuns(): number {
    return this.#all().reduce((sum, { activeRuns }) => sum + activeRuns, 0);
  }

  /** @throws {RequestProblem} 429 when there are as many as may be, 503 when the server closes. */
  async open(client: Client): Promise<HostedSession> {
    const hosted = this.#add(client, randomUUID());
    try {
      await hosted.session.start();
      return hosted;
    } catch (error) {
      await this.close(hosted, 'failed');
      throw error;
    }
  }

  /** The client's session of that id, made when there is none: as the original's API has it. @throws as `open` */
  findOrOpen(client: Client, id: string): HostedSession {
    const hosted = this.#clients.get(client.name)?.get(id) ?? this.#add(client, id);
    hosted.touch();
    return hosted;
  }

  /** @throws {CodeModeError} `UNKNOWN_SESSION` */
  find(client: Client, id: string): HostedSession {
    const hosted = this.#clients.get(client.name)?.get(id);
    if (hosted === undefined)
      throw new CodeModeError(
        'UNKNOWN_SESSION',
        'Cannot find the session: there is none of that id; it may have been closed, or expired; open another',
      );
    hosted.touch();
    return hosted;
  }

  /** @throws {RequestProblem} as `HostedSession.startRun`; 503 when the server closes. */
  startRun(hosted: HostedSession, request: RunRequest): RunRecord {
    if (this.#state === 'closed' && !hosted.hasRun(request.name))
      throw new RequestProblem(503, 'UNAVAILABLE', 'Cannot start the run: the server is going down');
    return hosted.startRun(request);
  }

  list(client: Client): readonly HostedSession[] {
    return [...(this.#clients.get(client.name)?.values() ?? [])];
  }

  async close(hosted: HostedSession, why: 'closed' | 'expired' | 'failed'): Promise<void> {
    const own = this.#clients.get(hosted.client.name);
    if (own?.get(hosted.session.id) === hosted) {
      own.delete(hosted.session.id);
      if (own.size === 0) this.#clients.delete(hosted.client.name);
      this.#count -= 1;
      this.#metrics.sessionEnded(why);
      for (const [record, owner] of this.#kept) if (owner === hosted) hosted.forget(record);
    }
    await hosted.close();
  }

  /** Takes no new sessions; runs that are under way after `graceMs` are cancelled. */
  async closeAll(graceMs: number): Promise<void> {
    this.#state = 'closed';
    clearInterval(this.#sweeper);
    const deadline = performance.now() + graceMs;
    while (this.activeRuns > 0 && performance.now() < deadline) await wait(Math.min(20, graceMs));
    for (const hosted of this.#all()) hosted.cancelRuns();
    await Promise.all(this.#all().map((hosted) => this.close(hosted, 'closed')));
  }

  #add(client: Client, id: string): HostedSession {
    if (this.#state === 'closed')
      throw new RequestProblem(503, 'UNAVAILABLE', 'Cannot open a session: the server is going down');
    const own = this.#clients.get(client.name) ?? new Map<string, HostedSession>();
    if (this.#count >= this.#settings.maxSessions || own.size >= client.maxSessions)
      throw new RequestProblem(
        429,
        'SESSION_LIMIT',
        'Cannot open a session: there are as many as may be; close one, or try again later',
        { 'retry-after': String(this.#retryAfterS()) },
      );
    const { limits, maxQueuedRuns } = this.#settings;
    const session = new Session({ storage: client.storage, executor: this.#executor, id, limits });
    const hosted: HostedSession = new HostedSession(client, session, {
      maxQueuedRuns,
      onFinish: (record, result) => this.#keep(hosted, record, result),
      onForget: (record) => {
        if (this.#kept.delete(record)) this.#keptBytes -= record.bytes;
      },
    });
    own.set(id, hosted);
    this.#clients.set(client.name, own);
    this.#count += 1;
    this.#metrics.sessionOpened();
    return hosted;
  }

  #keep(hosted: HostedSession, record: RunRecord, result: ExecutionResult): void {
    this.#metrics.runEnded(result);
    if (this.#clients.get(hosted.client.name)?.get(hosted.session.id) !== hosted) return;
    this.#kept.set(record, hosted);
    this.#keptBytes += record.bytes;
    for (const [oldest, owner] of this.#kept) {
      if (this.#keptBytes <= this.#settings.keepResultsBytes || oldest === record) break;
      owner.forget(oldest);
    }
  }

  #sweep(): void {
    const oldest = Date.now() - this.#settings.keepResultsMs;
    for (const [record, hosted] of this.#kept) {
      if (record.finishedAt > oldest) break;
      hosted.forget(record);
    }
    for (const hosted of this.#all()) {
      if (hosted.idleMs > this.#settings.idleMs)
        void this.close(hosted, 'expired').catch((error: unknown) => this.#settings.onError(error));
    }
  }

  /** Until the next session expires, if nobody uses it. Seconds. */
  #retryAfterS(): number {
    const idleMs = Math.max(0, ...this.#all().map((hosted) => hosted.idleMs));
    return Math.min(MAX_RETRY_S, Math.max(1, Math.ceil((this.#settings.idleMs - idleMs) / 1000)));
  }

  #all(): HostedSession[] {
    return [...this.#clients.values()].flatMap((own) => [...own.values()]);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
