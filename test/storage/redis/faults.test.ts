import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactContent } from '../../../src/contracts/artifact-store.ts';
import type { Stores } from '../../../src/contracts/storage.ts';
import { isCodeModeError } from '../../../src/errors/code-mode-error.ts';
import { openStores } from '../../../src/storage/open-stores.ts';
import { RedisStorage } from '../../../src/storage/redis/redis-storage.ts';
import { CuttingProxy } from '../../support/cutting-proxy.ts';
import type { CutPlace } from '../../support/cutting-proxy.ts';
import { RedisServer } from '../../support/redis-server.ts';

let server: RedisServer;
let inspector: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  server = await RedisServer.start();
  inspector = await connect();
});
afterAll(async () => {
  inspector.destroy();
  await server[Symbol.asyncDispose]();
});

function connect() {
  return createClient({ url: server.url }).connect();
}

const LARGE: ArtifactContent = { type: 'bytes', data: Uint8Array.from({ length: 2_300_000 }, (_, at) => at % 251) };

/** Uses everything once; what each step answered. */
async function script({ tools, skills, artifacts, searchCache }: Stores): Promise<readonly unknown[]> {
  const steps: (() => Promise<unknown>)[] = [
    () => tools.write('curl.yaml', 'name: curl # a comment'),
    () => tools.list(),
    () => tools.read('curl.yaml'),
    () => tools.write('curl.yaml', 'name: curl'),
    () => skills.write('report', 'one'),
    () => skills.write('report', 'one'),
    () => skills.write('report', 'two', { overwrite: true }),
    () =>
      skills.writeAll(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      ),
    () => skills.list(),
    () => skills.delete('a'),
    () => skills.delete('a'),
    () => skills.list(),
    () => skills.read('report'),
    () => artifacts.save('small', text('1'), { description: 'first' }),
    () => artifacts.save('folder/large', LARGE),
    () => artifacts.save('folder', text('over a folder')),
    () => artifacts.save('small', text('2'), { metadata: { second: true } }),
    () => artifacts.load('small'),
    async () =>
      Buffer.concat(await Array.fromAsync((await artifacts.stream('folder/large')).stream)).equals(LARGE.data),
    () => artifacts.list(),
    () => artifacts.delete('small'),
    () => artifacts.delete('small'),
    () => artifacts.info('small'),
    () => artifacts.load('small'),
    () => searchCache.write('space', new Map([['aa', new Uint8Array([1])]])),
    async () => [...(await searchCache.read('space', ['aa']))],
    () => tools.delete('curl.yaml'),
    () => tools.list(),
  ];
  const answers: unknown[] = [];
  for (const step of steps) {
    answers.push(
      await step().catch((error: unknown) => (isCodeModeError(error) ? `${error.code}: ${error.message}` : error)),
    );
  }
  return answers;
}

function text(value: string): ArtifactContent {
  return { type: 'text', data: Buffer.from(value) };
}

/** Without the times. */
function plain(answers: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(answers).replaceAll(/"createdAt":"[^"]+"/g, '"createdAt":"now"'));
}

/** What is in Redis below a prefix, but for what goes by itself. */
async function keysBelow(prefix: string): Promise<readonly string[]> {
  const keys = await inspector.keys(`${prefix}:*`);
  const lasting: string[] = [];
  for (const key of keys) {
    const isTemporary = /:(?:__done__|\.done|\.temp):/.test(key) && (await inspector.ttl(key)) > 0;
    if (!isTemporary) lasting.push(key.slice(prefix.length));
  }
  return lasting.toSorted();
}

/** How many changes the streams tell of. */
async function changes(prefix: string): Promise<readonly number[]> {
  return Promise.all(['tools', 'skills'].map((store) => inspector.xLen(`${prefix}:${store}:__changes__`)));
}

async function runScript(url: string, prefix: string): Promise<unknown> {
  await using stores = await openStores(new RedisStorage({ url, prefix }).access());
  return plain(await script(stores));
}

describe('a connection cut at every command', () => {
  it.each<CutPlace>(['before', 'after'])(
    '%s it is executed: nothing lost, doubled or half-written',
    { timeout: 120_000 },
    async (place) => {
      await using proxy = await CuttingProxy.start(server.port);
      const prefix = `uncut-${place}`;
      // Also makes the server know the scripts.
      const expected = await runScript(server.url, prefix);
      await runScript(proxy.url, `counted-${place}`);
      const count = proxy.commands;
      expect(count).toBeGreaterThan(30);
      const exists: unknown = expect.stringMatching(/^SKILL_EXISTS/);
      expect(expected).toMatchObject({ 5: exists, 9: true, 10: false, 20: true });
      for (let at = 1; at <= count; at += 1) {
        const cut = `cut-${place}-${at}`;
        proxy.cutAt(at, place);
        expect(await runScript(proxy.url, cut), `command ${at}`).toEqual(expected);
        expect(proxy.cuts, `command ${at}`).toBe(1);
        expect(await keysBelow(cut), `command ${at}`).toEqual(await keysBelow(prefix));
        expect(await changes(cut), `command ${at}`).toEqual(await changes(prefix));
      }
    },
  );

  it('again and again: what was answered holds', async () => {
    await using proxy = await CuttingProxy.start(server.port);
    await using stores = await openStores(new RedisStorage({ url: proxy.url, prefix: 'often' }).access());
    const timer = setInterval(() => proxy.cutAll(), 40);
    const names = Array.from({ length: 60 }, (_, index) => `s${index}`);
    try {
      await Promise.all(names.map((name) => stores.skills.write(name, `// ${name}`)));
      for (const name of names.slice(0, 10)) await stores.artifacts.save(name, text(name));
    } finally {
      clearInterval(timer);
    }
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(names.toSorted());
    expect((await stores.artifacts.list()).artifacts).toHaveLength(10);
    expect(server.cli('XLEN', 'often:skills:__changes__')).toBe('60');
  });
});
