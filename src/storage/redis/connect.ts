import type { RedisServer } from '../../contracts/storage.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import type { RedisClientLike } from './redis-client.ts';
import { isTransient } from './redis-failure.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_RECONNECT_DELAY_MS = 500;
/** How often the sentinels are asked who is the master. */
const SENTINEL_SCAN_MS = 1_000;

/** A client of our own. */
export interface OwnClient {
  readonly client: RedisClientLike;
  connect(): Promise<unknown>;
  /** Ends it at once; what waits for a reply fails. */
  destroy(): unknown;
}

/**
 * Makes a client, not yet connected.
 *
 * @throws {CodeModeError} `UNSUPPORTED` when `@redis/client` is not installed
 */
export async function makeClient(server: RedisServer): Promise<OwnClient> {
  const { createClient, createCluster, createSentinel } = await loadRedis();
  const { topology, nodes, sentinel, database = 0 } = server;
  // What fails is tried again one level up, where it is known how long.
  const shared = { disableOfflineQueue: true, socket: socketOf(server), ...credentialsOf(server) };
  const [first = { host: 'localhost', port: 6379 }] = nodes;
  if (topology === 'cluster') {
    const rootNodes = nodes.map((node) => ({ socket: { ...node } }));
    const client = createCluster({ rootNodes, defaults: shared });
    return own(client);
  }
  if (topology === 'sentinel') {
    const client = createSentinel({
      name: sentinel?.name ?? '',
      sentinelRootNodes: nodes.map((node) => ({ ...node })),
      scanInterval: SENTINEL_SCAN_MS,
      nodeClientOptions: { ...shared, database },
      sentinelClientOptions: { socket: socketOf(server), ...credentialsOf(sentinel ?? {}) },
    });
    return own(client);
  }
  return own(createClient({ ...shared, database, socket: { ...first, ...shared.socket } }));
}

function own(client: RedisClientLike & Pick<OwnClient, 'connect' | 'destroy'>): OwnClient {
  return { client, connect: () => client.connect(), destroy: () => client.destroy() };
}

async function loadRedis() {
  try {
    return await import('@redis/client');
  } catch (cause) {
    const message = 'Cannot open the Redis storage: @redis/client is not installed; run "npm install @redis/client"';
    throw new CodeModeError('UNSUPPORTED', message, { cause });
  }
}

function socketOf({ tls }: RedisServer) {
  const shared = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A wrong password stays wrong; all else is worth another try.
    reconnectStrategy: (retries: number, cause: Error) =>
      isTransient(cause) ? Math.min(50 * 2 ** retries, MAX_RECONNECT_DELAY_MS) : (false as const),
  };
  return tls === undefined ? shared : { ...shared, ...tls, tls: true as const };
}

function credentialsOf({ username, password }: Pick<RedisServer, 'username' | 'password'>) {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}
