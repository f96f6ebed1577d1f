import { createClient } from '@redis/client';
import type { RedisClientType } from '@redis/client';
import type { RedisStorageAccess, Stores } from '../../src/contracts/storage.ts';
import { openStores } from '../../src/storage/open-stores.ts';
import type { RedisStorageOptions } from '../../src/storage/redis/redis-options.ts';
import { RedisStorage } from '../../src/storage/redis/redis-storage.ts';
import type { RedisServer } from './redis-server.ts';

let count = 0;

export interface RedisScratch extends AsyncDisposable {
  /** Nobody else's. */
  readonly prefix: string;
  readonly access: RedisStorageAccess;
  readonly stores: Stores;
  /** A client of the test's own, to look behind the storage and to write as others do. */
  readonly client: RedisClientType;
}

/** A storage of its own in a server. */
export async function redisScratch(server: RedisServer, options: RedisStorageOptions = {}): Promise<RedisScratch> {
  count += 1;
  const prefix = `scratch${count}`;
  const named = options.prefixes === undefined ? { prefix } : {};
  const access = new RedisStorage({ url: server.url, ...named, ...options }).access();
  const stores = await openStores(access);
  const client = createClient({ url: server.url });
  await client.connect();
  return {
    prefix,
    access,
    stores,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await stores[Symbol.asyncDispose]();
    },
  };
}
