import { Agent, request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as requestHttps } from 'node:https';

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Received {
  readonly status: number;
  header(name: string): string | undefined;
  /** To be read to its end, or left by `return`, which cuts the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Carries requests to a server, whatever the way there. */
export interface Transport {
  /** Rejects when there is no answer. */
  send(request: Sent): Promise<Received>;
  close(): void;
}

/** As `fetch` of the platform is called. */
export type Fetch = (request: Request) => Promise<Response>;

/** By Node's own client: quicker than `fetch`, and over unix sockets too. */
export class HttpTransport implements Transport {
  readonly #base: URL;
  readonly #socketPath: string | undefined;
  readonly #agent: Agent;
  readonly #request: typeof requestHttp;

  constructor(base: URL, socketPath?: string) {
    const isTls = base.protocol === 'https:';
    this.#base = base;
    this.#socketPath = socketPath;
    this.#request = isTls ? requestHttps : requestHttp;
    this.#agent = new (isTls ? TlsAgent : Agent)({ keepAlive: true, maxFreeSockets: 16 });
  }

  send({ method, path, headers, body, signal }: Sent): Promise<Received> {
    const { promise, resolve, reject } = Promise.withResolvers<Received>();
    const target = this.#socketPath === undefined ? addressOf(this.#base) : { socketPath: this.#socketPath };
    const outgoing = this.#request({
      ...target,
      method,
      path: basePathOf(this.#base) + path,
      headers: { host: this.#base.host, ...headers, ...lengthOf(body) },
      agent: this.#agent,
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => resolve(receivedFrom(incoming)));
    outgoing.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function addressOf({ hostname, port, protocol }: URL): { readonly host: string; readonly port: string | number } {
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: port || (protocol === 'https:' ? 443 : 80) };
}

/** Without a slash at its end. */
function basePathOf({ pathname }: URL): string {
  return pathname.replace(/\/+$/, '');
}

function lengthOf(body: string | Uint8Array | undefined): Readonly<Record<string, string>> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function receivedFrom(incoming: IncomingMessage): Received {
  return {
    status: incoming.statusCode ?? 0,
    header(name) {
      const value = incoming.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    body: isSmall(incoming) ? inOnePiece(incoming) : incoming,
  };
}

const SMALL_BYTES = 65_536;

function isSmall({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? Infinity) <= SMALL_BYTES;
}

/** Most answers are small: a stream's own iterator takes longer to make than they take to read. */
function inOnePiece(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  incoming.on('error', reject);
  incoming.on('end', () => resolve(Buffer.concat(chunks)));
  incoming.on('close', () => reject(new Error('the connection ended before the answer did')));
  // Whoever reads it is told; nobody has to.
  promise.catch(() => undefined);
  return {
    async *[Symbol.asyncIterator]() {
      yield await promise;
    },
  };
}

/** By a `fetch` of the caller's: `server.fetch` for a server in this process. */
export class FetchTransport implements Transport {
  readonly #base: URL;
  readonly #fetch: Fetch;

  constructor(base: URL, fetch: Fetch) {
    this.#base = base;
    this.#fetch = fetch;
  }

  async send({ method, path, headers, body, signal }: Sent): Promise<Received> {
    const url = new URL(basePathOf(this.#base) + path, this.#base);
    const content = typeof body === 'string' || body === undefined ? body : new Uint8Array(body);
    const init = { method, headers, redirect: 'manual' as const, ...(signal === undefined ? {} : { signal }) };
    const request = new Request(url, content === undefined ? init : { ...init, body: content });
    const response = await this.#fetch(request);
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: response.body ?? nothing(),
    };
  }

  close(): void {
    // What is under way has its own signal.
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
