import './errors/require-node.ts';

export { RedisStorage } from './storage/redis/redis-storage.ts';
export type { RedisStorageOptions } from './storage/redis/redis-options.ts';
export type {
  RedisClientLike,
  RedisClusterLike,
  RedisSentinelLike,
  RedisSingleLike,
} from './storage/redis/redis-client.ts';
export type { RedisPrefixes, RedisSentinel, RedisServer, RedisStorageAccess, RedisTls } from './contracts/storage.ts';
export { decodeAccess, encodeAccess } from './storage/access-text.ts';
