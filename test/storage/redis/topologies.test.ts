import { createClient, createCluster, createSentinel } from '@redis/client';
import { describe, expect, it } from 'vitest';
import type { Stores } from '../../../src/contracts/storage.ts';
import { openStores } from '../../../src/storage/open-stores.ts';
import type { RedisStorageOptions } from '../../../src/storage/redis/redis-options.ts';
import { RedisStorage } from '../../../src/storage/redis/redis-storage.ts';
import { RedisCluster, RedisWithSentinel } from '../../support/redis-cluster.ts';

const prefix = '{myapp}';

function open(options: RedisStorageOptions): Promise<Stores> {
  return openStores(new RedisStorage({ prefix, ...options }).access());
}

describe('a cluster of three', () => {
  it('keeps a storage in one slot, and storages in several nodes', async () => {
    await using cluster = await RedisCluster.start();
    const prefixes = Array.from({ length: 12 }, (_, index) => `{app${index}}`);
    for (const name of prefixes) {
      await using stores = await open({ url: cluster.urls, cluster: true, prefix: name });
      await stores.skills.write('report', 'x');
      await stores.artifacts.save('large', { type: 'bytes', data: new Uint8Array(1_500_000) });
    }
    const sizes = cluster.nodes.map(
      (node) => node.cli('KEYS', '*:skills:__skills__').split('\n').filter(Boolean).length,
    );
    expect(sizes.reduce((sum, size) => sum + size)).toBe(prefixes.length);
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(1);
    const node = cluster.nodes.find((each) => each.cli('KEYS', '{app0}*') !== '');
    expect(node?.cli('KEYS', '{app0}*').split('\n').length).toBeGreaterThanOrEqual(5);
  });

  it('is used by a client of the user, and by its access elsewhere', async () => {
    await using cluster = await RedisCluster.start();
    const redis = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) });
    await redis.connect();
    const { access } = { access: new RedisStorage({ redis, prefix }).access() };
    await using stores = await openStores(access);
    await stores.skills.write('report', 'x');
    await using elsewhere = await openStores({ ...access, client: 'of another process' });
    expect((await elsewhere.skills.read('report'))?.source).toBe('x');
    await redis.close();
  });

  it('is recognised where it was taken for one server', async () => {
    await using cluster = await RedisCluster.start();
    const errors = await Promise.all(cluster.urls.map((url) => open({ url }).then(() => undefined, String)));
    const advice = 'it is a node of a cluster; set cluster: true, or give a client made by createCluster';
    expect(errors.filter((error) => error?.includes(advice) === true)).toHaveLength(2);
    const redis = createClient({ url: cluster.urls[0] ?? '' });
    await redis.connect();
    const spread = { tools: 'a', skills: 'b', artifacts: 'c' };
    const failures: unknown[] = [];
    for (const name of Object.keys(spread)) {
      try {
        await using stores = await openStores(new RedisStorage({ redis, prefixes: spread }).access());
        await stores.artifacts.save(name, { type: 'bytes', data: new Uint8Array(1) });
      } catch (error) {
        failures.push(error);
      }
    }
    for (const error of failures) expect(error).toMatchObject({ code: 'STORAGE' });
    expect(failures.length).toBeGreaterThan(0);
    redis.destroy();
  });
});

describe('a sentinel', () => {
  it('tells who is the master, also after it has changed', async () => {
    await using servers = await RedisWithSentinel.start();
    const sentinel = { name: RedisWithSentinel.masterName };
    await using stores = await open({ url: servers.url, sentinel });
    await stores.skills.write('before', 'x');
    servers.master.cli('WAIT', '1', '2000');
    await servers.master.kill();
    await stores.skills.write('after', 'x');
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['after', 'before']);
    expect(servers.replica.cli('HLEN', `${prefix}:skills:__skills__`)).toBe('2');
  });

  it('is used by a client of the user', async () => {
    await using servers = await RedisWithSentinel.start();
    const sentinelRootNodes = [{ host: '127.0.0.1', port: servers.sentinelPort }];
    const redis = createSentinel({ name: RedisWithSentinel.masterName, sentinelRootNodes });
    await redis.connect();
    const storage = new RedisStorage({ redis, prefix });
    const stores = await openStores(storage.access());
    await stores.artifacts.save('a', { type: 'bytes', data: new Uint8Array([0, 255]) });
    expect((await stores.artifacts.load('a')).content.data).toEqual(new Uint8Array([0, 255]));
    expect(storage.access().server).toBeUndefined();
    await stores[Symbol.asyncDispose]();
    expect(redis.isOpen).toBe(true);
    await redis.close();
  });
});
