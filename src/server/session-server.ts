import { isIP } from 'node:net';
import type { Executor } from '../contracts/executor.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { InProcessExecutor } from '../executors/in-process/in-process-executor.ts';
import { Metrics } from './metrics.ts';
import { listenHttp } from './node-listener.ts';
import type { ListenAddress, ListenOptions, NodeListener } from './node-listener.ts';
import { describeApi } from './openapi.ts';
import { RequestProblem } from './request-problem.ts';
import type { Route, ServerParts } from './route.ts';
import { Router } from './router.ts';
import { ARTIFACT_ROUTES } from './routes/artifacts.ts';
import { OPERATION_ROUTES } from './routes/operations.ts';
import { ORIGINAL_ROUTES } from './routes/original.ts';
import { RUN_ROUTES } from './routes/runs.ts';
import { SESSION_ROUTES } from './routes/sessions.ts';
import { SKILL_ROUTES } from './routes/skills.ts';
import { TOOL_ROUTES } from './routes/tools.ts';
import { resolveOptions } from './server-options.ts';
import type { ServerSettings, SessionServerOptions } from './server-options.ts';
import { SessionTable } from './session-table.ts';
import { anonymous, TokenBook } from './token-book.ts';
import type { Client } from './token-book.ts';
import { Workspaces } from './workspaces.ts';

export const OWN_ROUTES: readonly Route[] = [
  ...OPERATION_ROUTES,
  ...SESSION_ROUTES,
  ...RUN_ROUTES,
  ...TOOL_ROUTES,
  ...SKILL_ROUTES,
  ...ARTIFACT_ROUTES,
];

/** How long an answer to "are you ready?" holds, and how long the storage may take to give one. Milliseconds. */
const READY_MS = 2_000;
const DEFAULT_GRACE_MS = 10_000;
/** For answers that are on their way when the last run has ended. Milliseconds. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Hosts sessions for clients over HTTP.
 *
 * @example
 * ```ts
 * await using server = new SessionServer({
 *   storage: new FileStorage({ basePath: './storage' }),
 *   tokens: [{ name: 'agent', token: process.env.AGENT_TOKEN, scopes: ['run', 'read', 'write'] }],
 * });
 * const { url } = await server.listen({ port: 8080 });
 * ```
 */
export class SessionServer implements AsyncDisposable {
  readonly #settings: ServerSettings;
  readonly #executor: Executor;
  readonly #ownsExecutor: boolean;
  readonly #tokens: TokenBook;
  readonly #sessions: SessionTable;
  readonly #workspaces = new Workspaces();
  readonly #router: Router;
  readonly #listeners: NodeListener[] = [];
  readonly #closing = Promise.withResolvers<void>();
  #state: 'open' | 'closing' = 'open';
  /** Reached from this machine alone, so that no other name than its own can lead here. */
  #isLocal = false;
  #ready: { readonly until: number; readonly answer: Promise<boolean> } | undefined;

  /** @throws {CodeModeError} `INVALID_OPTION`: also when there are no tokens and `auth` is not `'none'`. */
  constructor(options: SessionServerOptions) {
    this.#settings = resolveOptions(options);
    this.#executor = this.#settings.executor ?? new InProcessExecutor();
    this.#ownsExecutor = this.#settings.executor === undefined;
    this.#tokens = new TokenBook(this.#settings.tokens, this.#settings.storage);
    const metrics = new Metrics();
    this.#sessions = new SessionTable(this.#settings, this.#executor, metrics);
    this.#router = new Router(this.#parts(metrics)).add(OWN_ROUTES, 'error').add(ORIGINAL_ROUTES, 'detail');
  }

  /** Answers a request: for a server of your own. Never rejects. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const response = await this.#router.fetch(request);
    // A connection that is kept would wait for requests that are not taken any more.
    if (this.#state === 'closing') response.headers.set('connection', 'close');
    return response;
  };

  /** Serves over HTTP. @throws {CodeModeError} `UNAVAILABLE` when the address can't be listened on. */
  async listen<Options extends ListenOptions>(
    options: Options,
  ): Promise<
    Extract<ListenAddress, Options extends { readonly socketPath: string } ? { socketPath: string } : { url: string }>
  >;
  async listen(options: ListenOptions): Promise<ListenAddress> {
    if (this.#state !== 'open') throw new CodeModeError('UNAVAILABLE', 'Cannot listen: the server is closed');
    const listener = await listenHttp(this.fetch, options);
    this.#listeners.push(listener);
    const { address } = listener;
    this.#isLocal = 'host' in address && (address.host.startsWith('127.') || address.host === '::1');
    return address;
  }

  /**
   * Opens no more sessions, waits for runs, and cancels what is left after `graceMs` (default: 10,000). Idempotent.
   */
  async close({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#close(graceMs).then(this.#closing.resolve, this.#closing.reject);
    }
    await this.#closing.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ graceMs: 0 });
  }

  async #close(graceMs: number): Promise<void> {
    await this.#sessions.closeAll(graceMs);
    await Promise.all(this.#listeners.map((listener) => listener.close(LAST_ANSWERS_MS)));
    await this.#workspaces.close();
    if (this.#ownsExecutor) await this.#executor.close();
  }

  #parts(metrics: Metrics): ServerParts {
    return {
      settings: this.#settings,
      sessions: this.#sessions,
      metrics,
      startedAt: Date.now(),
      facadeOf: ({ storage }) => this.#workspaces.facade(storage),
      artifactsOf: ({ storage }) => this.#workspaces.artifacts(storage),
      isReady: () => this.#isReady(),
      clientOf: (request) => this.#clientOf(request),
      describe: () => describeApi([...OWN_ROUTES, ...ORIGINAL_ROUTES]),
    };
  }

  #clientOf(request: Request): Client | undefined {
    const { auth, storage } = this.#settings;
    if (auth === 'token') return this.#tokens.find(request.headers.get('authorization') ?? undefined);
    this.#refuseBrowsers(request);
    return anonymous(storage);
  }

  /** Without tokens any web page that its user looks at could use the server: by its address, or by a name of its own. */
  #refuseBrowsers({ url, headers }: Request): void {
    const { hostname } = new URL(url);
    const isName = isIP(hostname.replaceAll(/[[\]]/g, '')) === 0 && hostname !== 'localhost';
    if (headers.has('origin') || headers.has('sec-fetch-site') || (this.#isLocal && isName))
      throw new RequestProblem(403, 'UNAUTHORIZED', 'Cannot answer a web page: the server runs without tokens');
  }

  /** Everybody may ask: so the storage is not asked each time. */
  #isReady(): Promise<boolean> {
    if (this.#state !== 'open') return Promise.resolve(false);
    if (this.#ready === undefined || this.#ready.until < Date.now())
      this.#ready = { until: Date.now() + READY_MS, answer: this.#askStorage() };
    return this.#ready.answer;
  }

  async #askStorage(): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), READY_MS);
    const asked = this.#workspaces
      .facade(this.#settings.storage)
      .then((facade) => facade.listTools())
      .then(
        () => true,
        () => false,
      );
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
