import { z } from 'zod';
import type { Capability, HostedExecutor, HostedSandbox, StartRequest } from '../../contracts/executor.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import type { RemoteSandbox } from './remote-sandbox.ts';
import type { ServerClient } from './server-client.ts';
import type { Fetch } from './transport.ts';

export interface RemoteExecutorOptions {
  /** Of the server: `https://sessions.example.com`. With `socketPath` it may be left out. */
  readonly url?: string;
  /** With the scopes `run`, `read` and `write`. Left out for a server without tokens. */
  readonly token?: string;
  /** The unix socket that the server listens on. */
  readonly socketPath?: string;
  /** Sends requests in place of Node's own client: `server.fetch` for one in this process, one of your own for proxies. */
  readonly fetch?: Fetch;
  /** How long a run goes on trying to reach a server that is lost, in milliseconds. Default: 15,000. */
  readonly reconnectMs?: number;
}

const RECONNECT_MS = 15_000;

const shape = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'expected a URL that begins with http: or https:' }).exactOptional(),
  token: z
    .string()
    .regex(/^[\x21-\x7E]{1,4096}$/, 'expected visible ASCII characters')
    .exactOptional(),
  socketPath: z.string().min(1).exactOptional(),
  fetch: z.custom<Fetch>((value) => typeof value === 'function', 'expected a function').exactOptional(),
  reconnectMs: z.int().nonnegative().default(RECONNECT_MS),
});

/**
 * Runs code on a session server (`ts-code-mode serve`). Tools, skills and artifacts are the server's: a session over it
 * is opened without a storage.
 *
 * @example
 * ```ts
 * const executor = new RemoteExecutor({ url: 'http://127.0.0.1:8080', token });
 * await using session = await Session.open({ executor });
 * ```
 */
export class RemoteExecutor implements HostedExecutor {
  readonly name = 'remote';
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>([
    'reset',
    'cancel',
    'events',
    'cpu-limit',
    'memory-limit',
    'own-storage',
  ]);
  readonly #options: z.output<typeof shape>;
  #server: Promise<ServerClient> | undefined;
  readonly #sandboxes = new Set<RemoteSandbox>();

  /** @throws {CodeModeError} `INVALID_OPTION`; the token is not shown. */
  constructor(options: RemoteExecutorOptions) {
    this.#options = checkOptions(options);
  }

  /** @throws {CodeModeError} `UNAUTHORIZED`, `SESSION_LIMIT`, `UNAVAILABLE`. */
  async start({ sessionId }: Omit<StartRequest, 'access'>): Promise<HostedSandbox> {
    // Loaded here: whoever runs code in this process has no use for an HTTP client.
    const { RemoteSandbox: Remote } = await import('./remote-sandbox.ts');
    this.#server ??= connect(this.#options);
    const sandbox: RemoteSandbox = new Remote(await this.#server, {
      sessionId,
      reconnectMs: this.#options.reconnectMs,
      onClose: () => this.#sandboxes.delete(sandbox),
    });
    await sandbox.open();
    this.#sandboxes.add(sandbox);
    return sandbox;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.close()));
    (await this.#server)?.close();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function connect({ url, token, socketPath, fetch }: z.output<typeof shape>): Promise<ServerClient> {
  const [{ ServerClient: Client }, { FetchTransport, HttpTransport }] = await Promise.all([
    import('./server-client.ts'),
    import('./transport.ts'),
  ]);
  const base = new URL(url ?? 'http://localhost');
  return new Client(fetch === undefined ? new HttpTransport(base, socketPath) : new FetchTransport(base, fetch), token);
}

function checkOptions(options: RemoteExecutorOptions): z.output<typeof shape> {
  const { data, error } = shape.safeParse(options);
  if (data === undefined) {
    const [issue] = error.issues;
    throw invalid(`${issue?.path.join('.') || 'options'}: ${issue?.message ?? 'not valid'}`);
  }
  if (data.url === undefined && data.socketPath === undefined)
    throw invalid('url: it is missing; expected the address of a session server, or socketPath');
  if (data.fetch !== undefined && data.socketPath !== undefined)
    throw invalid('both fetch and socketPath are given; expected one of them');
  return data;
}

function invalid(problem: string): CodeModeError {
  return new CodeModeError('INVALID_OPTION', `Cannot make a RemoteExecutor: ${problem}`);
}
