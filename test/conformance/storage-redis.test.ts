import { afterAll, beforeAll, describe, it } from 'vitest';
import type { RedisStorageOptions } from '../../src/storage/redis/redis-options.ts';
import { openStores } from '../../src/storage/open-stores.ts';
import { RedisStorage } from '../../src/storage/redis/redis-storage.ts';
import { describeStorage } from '../../src/testing/storage-conformance.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import { RedisServer } from '../support/redis-server.ts';

let count = 0;

/** @param connect how to reach a server that is running by then */
function describeRedis(name: string, connect: () => RedisStorageOptions, cli: (...args: string[]) => void): void {
  const underTest = {
    async create(options?: { readonly artifactQuotaBytes?: number }) {
      count += 1;
      const storage = new RedisStorage({ ...connect(), prefix: `{app${count}}`, ...options });
      return { storage, cleanup: async () => {} };
    },
    open: openStores,
    async damageArtifact(access: Parameters<typeof openStores>[0], artifact: string) {
      if (access.kind !== 'redis') throw new Error('not a Redis');
      cli('HSET', `${access.prefixes.artifacts}:__index__`, artifact, '{"name":');
    },
  };
  describeStorage(name, underTest, { describe, it });
}

describe('on one server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  describeRedis(
    'RedisStorage',
    () => ({ url: server.url }),
    (...args) => server.cli(...args),
  );
});

describe('on a cluster of three', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());
  describeRedis(
    'RedisStorage',
    () => ({ url: cluster.urls.slice(0, 1), cluster: true }),
    (...args) => cluster.nodes[0]?.cli('-c', ...args),
  );
});
