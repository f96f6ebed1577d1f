import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { writeResponse } from './write-response.ts';

export type ListenOptions =
  | {
      /** Default: `127.0.0.1`. */
      readonly host?: string;
      /** 0: any that is free. */
      readonly port: number;
    }
  | {
      /** A unix socket, for its owner alone. */
      readonly socketPath: string;
    };

/** Where a server listens. */
export type ListenAddress =
  | { readonly host: string; readonly port: number; readonly url: string }
  | { readonly socketPath: string };

/** To send a request's head, and all of it: a client that is slower holds a connection, and nothing else. Milliseconds. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
const KEEP_ALIVE_MS = 30_000;
/** A client that has not read what was sent for so long is cut off. Milliseconds. */
const STALLED_MS = 30_000;
const CHECK_MS = 2_000;
const MAX_CONNECTIONS = 4_096;

export interface NodeListener {
  readonly address: ListenAddress;
  /** Takes no more connections, waits for those that are busy, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export interface ListenTimes {
  readonly headersMs?: number;
  readonly requestMs?: number;
  readonly stalledMs?: number;
}

/** Serves `fetch` over HTTP. @throws {CodeModeError} `UNAVAILABLE` when the address can't be listened on. */
export async function listenHttp(
  fetch: (request: Request) => Promise<Response> | Response,
  place: ListenOptions,
  times: ListenTimes = {},
): Promise<NodeListener> {
  const server = createServer({
    headersTimeout: times.headersMs ?? HEADERS_MS,
    requestTimeout: times.requestMs ?? REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(CHECK_MS, times.headersMs ?? CHECK_MS),
    // What two servers in a row read differently smuggles requests.
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  server.maxConnections = MAX_CONNECTIONS;
  // Its own classes would replace the process's Request and Response.
  const options = { overrideGlobalObjects: false };
  server.on('request', (incoming, outgoing) => {
    const answer = async (request: Request): Promise<Response> => {
      // Its own way to write looks for the end of each body before the head is sent, and waits a millisecond for it.
      await writeResponse(await fetch(request), outgoing);
      return RESPONSE_ALREADY_SENT;
    };
    void getRequestListener(answer, options)(incoming, outgoing);
  });
  cutStalled(server, times.stalledMs ?? STALLED_MS);
  const address = await bind(server, place);
  return { address, close: (graceMs) => close(server, graceMs) };
}

/** Ends connections that have something to send and make no progress, and those that nobody uses. */
function cutStalled(server: Server, stalledMs: number): void {
  const busy = new WeakSet<Socket>();
  server.on('request', ({ socket }, outgoing) => {
    busy.add(socket);
    outgoing.on('close', () => busy.delete(socket));
  });
  server.timeout = stalledMs;
  server.on('timeout', (socket: Socket) => {
    // A run may take its time: then nothing waits to be sent.
    if (busy.has(socket) && socket.writableLength === 0) socket.setTimeout(stalledMs);
    else socket.destroy();
  });
}

async function bind(server: Server, options: ListenOptions): Promise<ListenAddress> {
  if ('socketPath' in options) await removeStaleSocket(options.socketPath);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.once('listening', resolve);
  if ('socketPath' in options) server.listen(options.socketPath);
  else server.listen(options.port, options.host ?? '127.0.0.1');
  try {
    await promise;
  } catch (cause) {
    throw cannotListen(options, cause instanceof Error ? cause.message : String(cause), cause);
  }
  server.removeListener('error', reject);
  if ('socketPath' in options) {
    await chmod(options.socketPath, 0o600);
    return options;
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw cannotListen(options, 'it has no port');
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return { host: bound.address, port: bound.port, url: `http://${host}:${bound.port}` };
}

/** A server that was killed leaves its socket behind. What is no socket stays, and so does one that answers. */
async function removeStaleSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw cannotListen({ socketPath: path }, 'there is a file that is no socket');
  if (await answers(path)) throw cannotListen({ socketPath: path }, 'another process listens there');
  await unlink(path);
}

async function answers(path: string): Promise<boolean> {
  const { createConnection } = await import('node:net');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection(path);
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  const answer = await promise;
  socket.destroy();
  return answer;
}

function cannotListen(options: ListenOptions, problem: string, cause?: unknown): CodeModeError {
  const place = 'socketPath' in options ? options.socketPath : `${options.host ?? '127.0.0.1'}:${options.port}`;
  return new CodeModeError('UNAVAILABLE', `Cannot listen on ${place}: ${problem}`, { cause });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await promise;
  clearTimeout(timer);
}
