import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isCodeModeError } from '../../../src/errors/code-mode-error.ts';
import { openStores } from '../../../src/storage/open-stores.ts';
import { RedisStorage } from '../../../src/storage/redis/redis-storage.ts';
import { RedisServer } from '../../support/redis-server.ts';

describe('a Redis that is killed, again and again', () => {
  it('has what was answered, once and whole', { timeout: 60_000 }, async () => {
    await using server = await RedisServer.start({ durable: true });
    const access = new RedisStorage({ url: server.url, prefix: 'myapp' }).access();
    await using first = await openStores(access);
    await using second = await openStores(access);
    const sizes = new Map<string, number>();
    const created: string[] = [];
    const end = new AbortController();
    const artifacts = (async () => {
      for (let round = 0; !end.signal.aborted; round += 1) {
        const name = `a${round % 5}`;
        const size = round % 4 === 0 ? 1_300_000 : 1_000 + round;
        await first.artifacts.save(
          name,
          { type: 'bytes', data: new Uint8Array(size).fill(round) },
          { metadata: { size } },
        );
        sizes.set(name, size);
      }
    })();
    // Both want the same names: each must go to one of them.
    const creating = [first, second].map(async ({ skills }) => {
      for (let round = 0; !end.signal.aborted; round += 1) {
        try {
          await skills.write(`s${round}`, `// ${round}`);
          created.push(`s${round}`);
        } catch (error) {
          if (!isCodeModeError(error, 'SKILL_EXISTS')) throw error;
        }
      }
    });
    for (let kills = 0; kills < 6; kills += 1) {
      await sleep(100 + 40 * kills);
      await server.kill();
      await server.start();
    }
    end.abort();
    await Promise.all([artifacts, ...creating]);
    const listed = (await second.skills.list()).map(({ name }) => name);
    expect(created.toSorted()).toEqual(listed);
    expect(server.cli('HLEN', 'myapp:skills:__skills__')).toBe(`${listed.length}`);
    expect((await first.artifacts.list()).artifacts.map(({ name }) => name)).toEqual([...sizes.keys()].toSorted());
    for (const [name, size] of sizes) {
      const { content, info } = await second.artifacts.load(name);
      expect(content.data.byteLength).toBe(size);
      expect(info.metadata).toEqual({ size });
      expect(new Set(content.data).size).toBe(1);
    }
  });
});
