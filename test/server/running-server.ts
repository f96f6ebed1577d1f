import type { SessionServerOptions } from '../../src/server/server-options.ts';
import { SessionServer } from '../../src/server/session-server.ts';
import { SCOPES } from '../../src/server/token-book.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { TempFolder } from '../support/temp-session.ts';

export const ADA = 'token-of-ada-0123456789';
export const BOB = 'token-of-bob-0123456789';

/** Tokens by name; each may do everything. */
export const TOKENS = [
  { name: 'ada', token: ADA, scopes: SCOPES },
  { name: 'bob', token: BOB, scopes: SCOPES },
] as const;

export interface Asked {
  readonly method?: string;
  readonly token?: string | null;
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a server answered, read. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `text` as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** A server on a free port, over a folder of its own. */
export class RunningServer implements AsyncDisposable {
  readonly server: SessionServer;
  readonly url: string;
  readonly folder: TempFolder;

  private constructor(server: SessionServer, url: string, folder: TempFolder) {
    this.server = server;
    this.url = url;
    this.folder = folder;
  }

  static async start(
    options: Partial<SessionServerOptions> = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<RunningServer> {
    const folder = new TempFolder();
    await folder.write(files);
    const tokens = options.auth === 'none' ? [] : TOKENS;
    const server = new SessionServer({ storage: new FileStorage({ basePath: folder.path }), tokens, ...options });
    const { url } = await server.listen({ port: 0 });
    return new RunningServer(server, url, folder);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Asks as Ada, unless `token` says otherwise; null: without a token. */
  send(path: string, { method, token = ADA, json, body, headers, signal }: Asked = {}): Promise<Response> {
    const content = json === undefined ? body : JSON.stringify(json);
    return fetch(this.url + path, {
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async ask(path: string, asked: Asked = {}): Promise<Answered> {
    const response = await this.send(path, asked);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  }

  /** Opens a session. */
  async open(token = ADA): Promise<string> {
    const { status, json } = await this.ask('/v1/sessions', { method: 'POST', token });
    if (status !== 201) throw new Error(`The session was refused with ${status}`);
    return fieldOf(json, 'id');
  }

  run(session: string, code: string, asked: Asked = {}): Promise<Answered> {
    return this.ask(`/v1/sessions/${session}/runs`, { json: { code }, ...asked });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close({ graceMs: 0 });
    this.folder[Symbol.dispose]();
  }
}

function fieldOf(value: unknown, name: string): string {
  return typeof value === 'object' && value !== null ? String(Reflect.get(value, name)) : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
