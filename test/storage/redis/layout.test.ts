import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactContent } from '../../../src/contracts/artifact-store.ts';
import { isCodeModeError } from '../../../src/errors/code-mode-error.ts';
import { redisScratch } from '../../support/redis-scratch.ts';
import { RedisServer } from '../../support/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const CURL = { name: 'curl', description: 'Fetches', schema: { positional: [{ name: 'url', required: true }] } };

function text(value: string): ArtifactContent {
  return { type: 'text', data: Buffer.from(value) };
}

describe('what py-code-mode wrote', () => {
  it('reads: tools as JSON, which is YAML', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await client.hSet(`${prefix}:tools:__tools__`, { curl: JSON.stringify(CURL), broken: '{"name":', 'a/b': '{}' });
    const listed = await stores.tools.list();
    expect(listed.map(({ name }) => name)).toEqual(['a/b.yaml', 'broken.yaml', 'curl.yaml']);
    const curl = await stores.tools.read('curl.yaml');
    expect(JSON.parse(curl?.text ?? '')).toEqual(CURL);
    expect(curl).toMatchObject({ origin: 'tools/curl.yaml', version: listed[2]?.version });
    expect((await stores.tools.read('broken.yaml'))?.text).toBe('{"name":');
    await expect(stores.tools.read('a/b.yaml')).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });

  it('reads: skills, which are Python', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    const parameters = [{ name: 'url', type: 'str', description: '', required: true, default: null }];
    const python = { name: 'fetch', description: 'Fetches', source: 'def run(url):\n  return url\n', parameters };
    await client.hSet(`${prefix}:skills:__skills__`, {
      fetch: JSON.stringify(python),
      odd: '[]',
      _own: '{}',
      list: '{}',
    });
    await stores.skills.write('report', 'export const run = () => 1;');
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['fetch', 'list', 'odd', 'report']);
    const fetch = await stores.skills.read('fetch');
    expect(fetch).toMatchObject({
      origin: 'skills/fetch.py',
      source: python.source,
      python: { description: 'Fetches' },
    });
    expect(await stores.skills.read('report')).not.toHaveProperty('python');
    await expect(stores.skills.read('odd')).rejects.toMatchObject({ code: 'INVALID_SKILL' });
    await expect(stores.skills.write('fetch', 'export const run = 1')).rejects.toMatchObject({ code: 'SKILL_EXISTS' });
    await stores.skills.write('fetch', 'export const run = () => 1;', { overwrite: true });
    expect(await stores.skills.read('fetch')).not.toHaveProperty('python');
  });

  it('reads: artifacts, with their index', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    const key = `${prefix}:artifacts`;
    const entry = (type: string | undefined, own = {}): string =>
      JSON.stringify({
        description: `a ${type}`,
        created_at: '2024-05-06T07:08:09.123456+00:00',
        metadata: { ...own, ...(type === undefined ? {} : { _data_type: type }) },
      });
    const bytes = Buffer.from([0, 255, 128, 10]);
    await client.set(`${key}:raw`, bytes);
    await client.set(`${key}:deep/data.json`, '{"a":[1,2]}');
    await client.set(`${key}:note`, 'Zoë');
    await client.set(`${key}:guess.json`, '[1]');
    await client.set(`${key}:wrong.json`, '{"a":NaN}');
    await client.hSet(`${key}:__index__`, {
      raw: entry('bytes', { own: 1 }),
      'deep/data.json': entry('json'),
      note: entry('text'),
      'guess.json': entry(undefined),
      'wrong.json': entry('json'),
      gone: entry('text'),
      '../up': entry('text'),
      torn: '{"desc',
    });
    const { artifacts, damaged } = await stores.artifacts.list();
    expect(artifacts.map(({ name, type, sizeBytes }) => [name, type, sizeBytes])).toEqual([
      ['deep/data.json', 'json', 11],
      ['guess.json', 'json', 3],
      ['note', 'text', 4],
      ['raw', 'bytes', 4],
      ['wrong.json', 'json', 9],
    ]);
    expect(damaged.map(({ name }) => name)).toEqual(['../up', 'gone', 'torn']);
    expect(artifacts[3]).toMatchObject({
      description: 'a bytes',
      metadata: { own: 1 },
      createdAt: '2024-05-06T07:08:09.123Z',
    });
    expect((await stores.artifacts.load('raw')).content.data).toEqual(new Uint8Array(bytes));
    expect(Buffer.from((await stores.artifacts.load('deep/data.json')).content.data).toString()).toBe('{"a":[1,2]}');
    await expect(stores.artifacts.load('wrong.json')).rejects.toMatchObject({ code: 'DAMAGED' });
    await expect(stores.artifacts.load('gone')).rejects.toMatchObject({ code: 'DAMAGED' });
    await stores.artifacts.save('gone', text('back'));
    expect(await stores.artifacts.delete('torn')).toBe(true);
  });
});

describe('what it reads', () => {
  it('is written in its layout', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await stores.tools.write('curl.yaml', 'name: curl # a comment\ndescription: Fetches\ntimeout: 5\n');
    expect(await client.hGetAll(`${prefix}:tools:__tools__`)).toEqual({
      curl: '{"name":"curl","description":"Fetches","timeout":5}',
    });
    await stores.skills.write('report', 'export const run = () => 1;');
    const skill: unknown = JSON.parse((await client.hGet(`${prefix}:skills:__skills__`, 'report')) ?? '');
    expect(skill).toEqual({
      name: 'report',
      description: '',
      source: 'export const run = () => 1;',
      parameters: [],
      language: 'typescript',
    });
    const metadata = { of: 'me', _data_type: 'mine' };
    await stores.artifacts.save('a/b.json', { type: 'json', data: Buffer.from('{}') }, { description: 'd', metadata });
    expect(await client.get(`${prefix}:artifacts:a/b.json`)).toBe('{}');
    const entry: unknown = JSON.parse((await client.hGet(`${prefix}:artifacts:__index__`, 'a/b.json')) ?? '');
    const created_at: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    expect(entry).toMatchObject({ description: 'd', created_at, metadata: { of: 'me', _data_type: 'json' } });
    expect((await stores.artifacts.info('a/b.json'))?.metadata).toEqual(metadata);
  });

  it('a tool that it changed counts, not the text that was written here before', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await stores.tools.write('curl.yaml', 'name: curl # mine');
    const before = await stores.tools.read('curl.yaml');
    await client.hSet(`${prefix}:tools:__tools__`, 'curl', JSON.stringify(CURL));
    const after = await stores.tools.read('curl.yaml');
    expect(JSON.parse(after?.text ?? '')).toEqual(CURL);
    expect(after?.version).not.toBe(before?.version);
  });

  it('an artifact called __index__ leaves the index alone', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await stores.artifacts.save('other', text('o'));
    await stores.artifacts.save('__index__', text('i'));
    expect(await client.type(`${prefix}:artifacts:__index__`)).toBe('hash');
    expect((await stores.artifacts.list()).artifacts).toHaveLength(2);
    expect(await stores.artifacts.delete('__index__')).toBe(true);
    expect(Buffer.from((await stores.artifacts.load('other')).content.data).toString()).toBe('o');
  });

  it('keys of another kind are named and hurt nothing else', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await stores.artifacts.save('a', text('a'));
    await stores.artifacts.save('b', text('b'));
    await client.del(`${prefix}:artifacts:a`);
    await client.hSet(`${prefix}:artifacts:a`, 'x', 'y');
    const { artifacts, damaged } = await stores.artifacts.list();
    expect([artifacts[0]?.name, damaged[0]?.name]).toEqual(['b', 'a']);
    await stores.artifacts.save('a', text('again'));
    await client.set(`${prefix}:skills:__skills__`, 'no hash');
    await expect(stores.skills.list()).rejects.toMatchObject({ code: 'STORAGE' });
    await expect(stores.skills.list()).rejects.toThrow('Cannot list skills/: Redis answered WRONGTYPE');
    expect((await stores.artifacts.list()).artifacts).toHaveLength(2);
  });

  it('keys of another kind let no change be half done', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    const failed = { code: 'STORAGE', message: expect.stringContaining('WRONGTYPE') as unknown };
    await stores.tools.write('old.yaml', 'name: old');
    await stores.artifacts.save('old', text('old'));
    const keysBefore = await client.hGetAll(`${prefix}:tools:__tools__`);
    for (const key of ['__sources__', '__changes__']) {
      await client.del(`${prefix}:tools:${key}`);
      await client.set(`${prefix}:tools:${key}`, 'a text');
      await expect(stores.tools.write('new.yaml', 'name: new')).rejects.toMatchObject(failed);
      await expect(stores.tools.writeAll(new Map([['new.yaml', 'name: new']]))).rejects.toMatchObject(failed);
      await expect(stores.tools.delete('old.yaml')).rejects.toMatchObject(failed);
      expect(await client.hGetAll(`${prefix}:tools:__tools__`)).toEqual(keysBefore);
      await client.del(`${prefix}:tools:${key}`);
    }
    await client.del(`${prefix}:artifacts:.names`);
    await client.set(`${prefix}:artifacts:.names`, 'a text');
    await expect(stores.artifacts.save('old', text('new'))).rejects.toMatchObject(failed);
    await expect(stores.artifacts.save('new', text('new'))).rejects.toMatchObject(failed);
    await expect(stores.artifacts.delete('old')).rejects.toMatchObject(failed);
    expect(await client.get(`${prefix}:artifacts:old`)).toBe('old');
    expect(await client.exists(`${prefix}:artifacts:new`)).toBe(0);
    expect((await stores.artifacts.list()).artifacts.map(({ name }) => name)).toEqual(['old']);
  });

  it('a name that there is none of gets near ones, of those that py-code-mode wrote too', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    const nearest = async (name: string): Promise<unknown> =>
      stores.artifacts
        .load(name)
        .catch((error: unknown) => (isCodeModeError(error) ? error.details['nearest'] : error));
    expect(await nearest('a')).toEqual([]);
    const entry = JSON.stringify({ created_at: '2024-05-06T07:08:09+00:00' });
    await client.hSet(`${prefix}:artifacts:__index__`, 'theirs.json', entry);
    expect(await nearest('their.json')).toEqual(['theirs.json']);
    const names = Array.from({ length: 5_000 }, (_, index) => `day-${index}-of-the-year.json`);
    await client.hSet(`${prefix}:artifacts:__index__`, Object.fromEntries(names.map((name) => [name, entry])));
    await client.zAdd(
      `${prefix}:artifacts:.names`,
      names.concat('day-1234-of-the-year.jso').map((value) => ({ value, score: 0 })),
    );
    // The last of them is gone from the index: never named.
    expect(await nearest('day-1234-of-the-year.jso')).toMatchObject({ 0: 'day-1234-of-the-year.json' });
    server.cli('CONFIG', 'RESETSTAT');
    await nearest('day-4321-of-the-yaer.json');
    expect(server.cli('INFO', 'commandstats')).not.toMatch(/cmdstat_(?:hkeys|hgetall|hscan)/);
  });

  it('a large artifact that could not be saved leaves nothing temporary behind', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    await client.set(`${prefix}:artifacts:__index__`, 'no hash');
    const large = { type: 'bytes', data: new Uint8Array(2_500_000) } as const;
    await expect(stores.artifacts.save('large', large)).rejects.toMatchObject({ code: 'STORAGE' });
    expect(await client.keys(`${prefix}:artifacts:.temp:*`)).toEqual([]);
  });

  it('a large artifact leaves nothing temporary behind, also when it is refused', async () => {
    await using scratch = await redisScratch(server);
    const { client, prefix, stores } = scratch;
    const data = new Uint8Array(2_500_000);
    await stores.artifacts.save('large', { type: 'bytes', data });
    await expect(stores.artifacts.save('large/below', { type: 'bytes', data })).rejects.toMatchObject({
      code: 'INVALID_NAME',
    });
    expect(await client.keys(`${prefix}:artifacts:.temp:*`)).toEqual([]);
    expect(await client.ttl(`${prefix}:artifacts:large`)).toBe(-1);
  });
});

describe('prefixes', () => {
  it('that look alike never see each other', async () => {
    await using first = await redisScratch(server, { prefix: 'alike' });
    await using second = await redisScratch(server, { prefix: 'alike:more' });
    await using third = await redisScratch(server, { prefix: 'alike*' });
    for (const [index, { stores }] of [first, second, third].entries()) {
      await stores.artifacts.save('x', text(`${index}`));
      await stores.skills.write('x', `// ${index}`);
      await stores.tools.write('x.yaml', `name: x${index}`);
    }
    for (const [index, { stores }] of [first, second, third].entries()) {
      expect(Buffer.from((await stores.artifacts.load('x')).content.data).toString()).toBe(`${index}`);
      expect((await stores.skills.read('x'))?.source).toBe(`// ${index}`);
      expect((await stores.tools.list()).length).toBe(1);
    }
    const prefixes = { tools: 'mine-t', skills: 'mine-s', artifacts: 'mine-a' };
    await using named = await redisScratch(server, { prefixes });
    await named.stores.skills.write('x', 'x');
    expect(await named.client.hKeys('mine-s:__skills__')).toEqual(['x']);
  });
});
