/** What is used of node-redis, by its shape: the package is needed by those alone who use Redis. */

export type RedisArgument = string | Buffer;

interface CommandOptions {
  readonly typeMapping: Readonly<Record<number, unknown>>;
  /** How long a command may wait to be sent, in milliseconds; 0: for ever. */
  readonly timeout: number;
}

interface Connection {
  readonly isOpen: boolean;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  off(event: 'error', listener: (error: unknown) => void): unknown;
}

/** What `createClient()` or `createClientPool()` of node-redis makes. */
export interface RedisSingleLike extends Connection {
  sendCommand(args: RedisArgument[], options?: CommandOptions): Promise<unknown>;
}

/** What `createCluster()` of node-redis makes. */
export interface RedisClusterLike extends Connection {
  readonly nodeByAddress: ReadonlyMap<string, unknown>;
  sendCommand(
    firstKey: RedisArgument | undefined,
    isReadonly: boolean | undefined,
    args: RedisArgument[],
    options?: CommandOptions,
  ): Promise<unknown>;
}

/** What `createSentinel()` of node-redis makes. */
export interface RedisSentinelLike extends Connection {
  getMasterNode(): unknown;
  sendCommand(isReadonly: boolean | undefined, args: RedisArgument[], options?: CommandOptions): Promise<unknown>;
}

export type RedisClientLike = RedisSingleLike | RedisClusterLike | RedisSentinelLike;

/** Text as bytes (`$` of the protocol): artifacts are no text, and the stores decode what is. */
const BYTES = { 36: Buffer };

export function isClient(value: unknown): value is RedisClientLike {
  if (typeof value !== 'object' || value === null) return false;
  return ['sendCommand', 'on', 'off'].every((method) => typeof Reflect.get(value, method) === 'function');
}

export function isCluster(client: RedisClientLike): client is RedisClusterLike {
  return 'nodeByAddress' in client;
}

export function isSentinel(client: RedisClientLike): client is RedisSentinelLike {
  return 'getMasterNode' in client;
}

/**
 * Sends a command to the master that has `key`.
 *
 * @param timeoutMs how long it may wait to be sent
 */
export async function send(
  client: RedisClientLike,
  key: string,
  args: RedisArgument[],
  timeoutMs: number,
): Promise<unknown> {
  const options = { typeMapping: BYTES, timeout: timeoutMs };
  if (isCluster(client)) return client.sendCommand(key, false, args, options);
  if (isSentinel(client)) return client.sendCommand(false, args, options);
  return client.sendCommand(args, options);
}
