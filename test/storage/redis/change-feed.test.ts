import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStores } from '../../../src/storage/open-stores.ts';
import { redisScratch } from '../../support/redis-scratch.ts';
import type { RedisScratch } from '../../support/redis-scratch.ts';
import { RedisServer } from '../../support/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

async function namesOf({ stores }: Pick<RedisScratch, 'stores'>): Promise<readonly string[]> {
  return (await stores.skills.list()).map(({ name }) => name);
}

/** How many commands clients sent to the server while `work` ran, those inside of scripts left out. */
async function commandsDuring(work: () => Promise<unknown>): Promise<Record<string, number>> {
  server.cli('CONFIG', 'RESETSTAT');
  await work();
  const stats = [...server.cli('INFO', 'commandstats').matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)];
  const counts = Object.fromEntries(stats.map(([, name = '', calls]) => [name, Number(calls)]));
  const { evalsha = 0, hscan = 0, hmget = 0 } = counts;
  return { evalsha, hscan, hmget };
}

describe('a listing', () => {
  it('is one round trip while nothing changes, and the same array', async () => {
    await using scratch = await redisScratch(server);
    const { skills } = scratch.stores;
    await skills.writeAll(new Map(Array.from({ length: 2_000 }, (_, index) => [`s${index}`, `// ${index}`])));
    const first = await skills.list();
    expect(first).toHaveLength(2_000);
    let again: unknown;
    const counts = await commandsDuring(async () => {
      again = await skills.list();
    });
    expect(counts).toEqual({ evalsha: 1, hscan: 0, hmget: 0 });
    expect(again).toBe(first);
  });

  it('is one round trip after changes, too', async () => {
    await using scratch = await redisScratch(server);
    await using other = await openStores(scratch.access);
    await scratch.stores.skills.write('a', '1');
    expect(await namesOf(scratch)).toEqual(['a']);
    await other.skills.write('b', '1');
    await other.skills.delete('a');
    await other.skills.write('a', '2');
    let names: readonly string[] = [];
    const counts = await commandsDuring(async () => {
      names = await namesOf(scratch);
    });
    expect(names).toEqual(['a', 'b']);
    expect(counts).toEqual({ evalsha: 1, hscan: 0, hmget: 0 });
    const [a] = await scratch.stores.skills.list();
    expect(a?.version).toBe((await other.skills.read('a'))?.version);
  });

  it('reads all again when the stream was cut off before what it knew', async () => {
    await using scratch = await redisScratch(server);
    await using other = await openStores(scratch.access);
    const { client, prefix } = scratch;
    await other.skills.write('first', '1');
    expect(await namesOf(scratch)).toEqual(['first']);
    await Promise.all(Array.from({ length: 50 }, (_, index) => other.skills.write(`s${index}`, 'x')));
    await other.skills.delete('first');
    await client.xTrim(`${prefix}:skills:__changes__`, 'MAXLEN', 3);
    expect(await namesOf(scratch)).toHaveLength(50);
    await client.del(`${prefix}:skills:__changes__`);
    await other.skills.delete('s0');
    expect(await namesOf(scratch)).toHaveLength(49);
  });

  it('keeps the stream short', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await Promise.all(
      Array.from({ length: 1_500 }, (_, at) => stores.skills.write('same', `// ${at}`, { overwrite: true })),
    );
    expect(await client.xLen(`${prefix}:skills:__changes__`)).toBeLessThan(1_200);
  });

  it('sees what py-code-mode adds and removes, and an emptied server', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix } = scratch;
    expect(await namesOf(scratch)).toEqual([]);
    await client.hSet(`${prefix}:skills:__skills__`, { theirs: '{"source":""}' });
    expect(await namesOf(scratch)).toEqual(['theirs']);
    await scratch.stores.skills.write('ours', 'x');
    await client.hDel(`${prefix}:skills:__skills__`, 'theirs');
    expect(await namesOf(scratch)).toEqual(['ours']);
    await client.del([`${prefix}:skills:__skills__`, `${prefix}:skills:__changes__`]);
    expect(await namesOf(scratch)).toEqual([]);
    await scratch.stores.skills.write('again', 'x');
    expect(await namesOf(scratch)).toEqual(['again']);
  });

  it('sees within a minute what py-code-mode wrote over', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await stores.skills.write('same', 'one');
    const [before] = await stores.skills.list();
    await client.hSet(`${prefix}:skills:__skills__`, { same: '{"source":"two"}' });
    expect((await stores.skills.read('same'))?.source).toBe('two');
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      vi.advanceTimersByTime(performance.now() + 180_000);
      const [after] = await stores.skills.list();
      expect(after?.version).not.toBe(before?.version);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is right while others change the store without pause', async () => {
    await using scratch = await redisScratch(server);
    await using other = await openStores(scratch.access);
    const expected = new Set<string>();
    const writing = (async () => {
      for (let at = 0; at < 400; at += 1) {
        const name = `n${at % 50}`;
        if (at % 3 === 2) {
          await other.skills.delete(name);
          expected.delete(name);
        } else {
          await other.skills.write(name, `// ${at}`, { overwrite: true });
          expected.add(name);
        }
      }
    })();
    for (let reads = 0; reads < 50; reads += 1) await scratch.stores.skills.list();
    await writing;
    expect(await namesOf(scratch)).toEqual([...expected].toSorted());
  });
});
