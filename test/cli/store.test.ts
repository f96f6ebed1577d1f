import { mkdir, readdir, readFile, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisStorage } from '../../src/storage/redis/redis-storage.ts';
import { openStores } from '../../src/storage/open-stores.ts';
import type { Stores } from '../../src/contracts/storage.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import { RedisServer } from '../support/redis-server.ts';
import { CommandLine, parseJson } from './command-line.ts';

const TOOL = '# What greets.\nname: greet\ncommand: echo\nenv:\n  TOKEN: ${NOT_SET_HERE}\n';
const SKILL = '/** Adds. */\nexport function run(a: number, b: number): number {\n  return a + b;\n}\n';
const PASSWORD = 'p4ssw0rd';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Each test has a prefix of its own in the same Redis. */
let prefixes = 0;
function newPrefix(): string {
  prefixes += 1;
  return `test${prefixes}`;
}

async function openRedis(prefix: string): Promise<Stores> {
  return openStores(new RedisStorage({ url: server.url, prefix }).access());
}

describe('store bootstrap', () => {
  it('fills a Redis from a folder, says what it did, and finds nothing to do the second time', async () => {
    await using commandLine = await CommandLine.open({
      'tools/greet.yaml': TOOL,
      'skills/add.ts': SKILL,
      'artifacts/notes/one.txt': 'one',
    });
    const prefix = newPrefix();
    const args = ['store', 'bootstrap', '--source', '.code-mode', '--target', server.url, '--prefix', prefix];
    const first = await commandLine.call(args);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toBe(
      `${server.url}?prefix=${prefix}:\n` +
        '  tools: 1 added, 0 changed, 0 removed, 0 unchanged\n' +
        '  skills: 1 added, 0 changed, 0 removed, 0 unchanged\n' +
        '  artifacts: 1 added, 0 changed, 0 removed, 0 unchanged\n',
    );
    await using stores = await openRedis(prefix);
    expect((await stores.tools.read('greet.yaml'))?.text).toBe(TOOL);
    expect((await stores.skills.read('add'))?.source).toBe(SKILL);
    expect((await stores.artifacts.load('notes/one.txt')).content).toEqual({ type: 'text', data: bytes('one') });

    await commandLine.write('skills/add.ts', SKILL.replace('Adds', 'Sums'));
    await commandLine.write('skills/more.ts', SKILL);
    // A checkout gives files other times.
    await utimes(join(commandLine.base, 'artifacts/notes/one.txt'), 1, 1);
    const second = await commandLine.call([...args, '--json']);
    expect(parseJson(second.stdout)).toEqual({
      source: '.code-mode',
      target: `${server.url}?prefix=${prefix}`,
      dryRun: false,
      tools: { added: [], changed: [], unchanged: ['greet.yaml'], removed: [] },
      skills: { added: ['more'], changed: ['add'], unchanged: [], removed: [] },
      artifacts: { added: [], changed: [], unchanged: ['notes/one.txt'], removed: [] },
      skipped: [],
    });
  });

  it('takes a folder of skills alone or of tools alone, and the prefix of one kind', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('../skills-only/add.ts', SKILL);
    await commandLine.write('../skills-only/old.py', 'def run(): pass');
    await commandLine.write('../tools-only/greet.yaml', TOOL);
    const prefix = newPrefix();
    const bootstrap = (source: string, ...args: string[]) =>
      commandLine.call(['store', 'bootstrap', '--source', source, '--target', server.url, ...args]);
    const skills = await bootstrap('skills-only', '--prefix', prefix);
    expect(skills.code).toBe(0);
    expect(skills.stderr).toContain('left out skills/old.py: it is written in Python');
    const tools = await bootstrap('tools-only', '--prefix', `${prefix}:tools`, '--type', 'tools');
    expect(tools.code).toBe(0);
    await using stores = await openRedis(prefix);
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['add']);
    expect((await stores.tools.list()).map(({ name }) => name)).toEqual(['greet.yaml']);

    const swapped = await bootstrap('skills-only', '--prefix', `${prefix}:tools`);
    expect(swapped).toMatchObject({ code: 2 });
    expect(swapped.stderr).toContain('it holds skills, the prefix (or --type) says tools');

    await commandLine.write('../mixed/add.ts', SKILL);
    await commandLine.write('../mixed/greet.yaml', TOOL);
    const mixed = await bootstrap('mixed', '--prefix', newPrefix());
    expect(mixed).toMatchObject({ code: 2 });
    expect(mixed.stderr).toContain('it holds both tool files and skills');
    const chosen = await bootstrap('mixed', '--prefix', newPrefix(), '--type', 'skills', '--json');
    expect(parseJson(chosen.stdout)).toMatchObject({ skills: { added: ['add'] } });
  });

  it('lists all that is wrong, with file, line and column, and writes nothing', async () => {
    await using commandLine = await CommandLine.open({
      'tools/good.yaml': TOOL,
      'tools/again.yaml': TOOL,
      'tools/bad.yaml': 'name: bad\ntimeout: long\n',
      'skills/good.ts': SKILL,
      'skills/broken.ts': 'export function run( {\n',
      'skills/noRun.ts': 'export const walk = 1;\n',
      'skills/no-name.ts': SKILL,
      'artifacts/fine.txt': 'fine',
    });
    const prefix = newPrefix();
    const args = [
      'store',
      'bootstrap',
      '--source',
      '.code-mode',
      '--target',
      server.url,
      '--prefix',
      prefix,
      '--clear',
    ];
    const { code, stderr } = await commandLine.call(args);
    expect(code).toBe(1);
    expect(stderr).toContain('error: Cannot bootstrap from .code-mode: 5 problems; nothing was changed\n');
    const { stdout } = await commandLine.call([...args, '--json']);
    expect(parseJson(stdout)).toMatchObject({
      error: {
        code: 'INVALID_DATA',
        details: {
          problems: [
            { file: 'skills/no-name' },
            { file: 'tools/bad.yaml', line: 2, column: 10 },
            { file: 'tools/good.yaml', line: 2, column: 7 },
            { file: 'skills/broken.ts', line: 1 },
            { file: 'skills/noRun.ts' },
          ],
        },
      },
    });
    expect(server.cli('KEYS', `${prefix}:*`)).toBe('');
  });

  it('checks what is new or changed, with the names of all tools', async () => {
    await using commandLine = await CommandLine.open({ 'tools/b.yaml': TOOL, 'skills/add.ts': SKILL });
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    const broken = 'export function run( {\n';
    await stores.skills.write('broken', broken);
    await commandLine.write('skills/broken.ts', broken);
    const args = ['store', 'bootstrap', '--source', '.code-mode', '--target', server.url, '--prefix', prefix];
    const unchanged = await commandLine.call([...args, '--json']);
    expect(unchanged.code).toBe(0);
    expect(parseJson(unchanged.stdout)).toMatchObject({ skills: { added: ['add'], unchanged: ['broken'] } });
    await commandLine.write('skills/broken.ts', `${broken}\n`);
    await commandLine.write('tools/a.yaml', TOOL);
    const changed = await commandLine.call(args);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('2 problems; nothing was changed');
    expect(changed.stderr).toContain('skills/broken.ts');
    expect(changed.stderr).toContain('"greet" is already defined in tools/a.yaml');
    expect((await stores.tools.list()).map(({ name }) => name)).toEqual(['b.yaml']);
  });

  it('--clear removes what the source does not have, of its kinds alone', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': TOOL, 'skills/add.ts': SKILL });
    await mkdir(join(commandLine.base, 'artifacts'));
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    await stores.tools.write('old.yaml', 'name: old');
    await stores.skills.write('old', SKILL);
    await stores.artifacts.save('kept', { type: 'text', data: bytes('kept') });
    const args = ['store', 'bootstrap', '--source', '.code-mode', '--target', server.url, '--prefix', prefix];
    const dry = await commandLine.call([...args, '--clear', '--dry-run']);
    expect(dry.stdout).toBe('+ tools/greet.yaml\n- tools/old.yaml\n+ skills/add\n- skills/old\n');
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['old']);
    expect(await commandLine.call([...args, '--clear'])).toMatchObject({ code: 0 });
    expect((await stores.tools.list()).map(({ name }) => name)).toEqual(['greet.yaml']);
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['add']);
    expect(await stores.artifacts.info('kept')).toBeDefined();
  });

  it('--clear with a source that is not there, or is empty, refuses', async () => {
    await using commandLine = await CommandLine.open();
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    await stores.skills.write('kept', SKILL);
    await mkdir(join(commandLine.home, 'empty', 'skills'), { recursive: true });
    const clear = (source: string, ...args: string[]) =>
      commandLine.call(
        ['store', 'bootstrap', '--source', source, '--target', server.url, '--prefix', prefix, '--clear'].concat(args),
      );
    const missing = await clear('mistyped');
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain('Cannot use --source mistyped: there is no such folder');
    const empty = await clear('empty');
    expect(empty).toMatchObject({ code: 1 });
    expect(empty.stderr).toContain('Cannot bootstrap from empty: there is nothing in it; nothing was changed');
    expect(await clear('empty', '--type', 'skills')).toMatchObject({ code: 1 });
    expect(await clear('empty/skills')).toMatchObject({ code: 2 });
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['kept']);
  });

  it('that fails in the middle of --clear leaves what was there', async () => {
    await using commandLine = await CommandLine.open({ 'skills/add.ts': SKILL });
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    await stores.skills.write('old', SKILL);
    const args = [
      'store',
      'bootstrap',
      '--source',
      '.code-mode',
      '--target',
      server.url,
      '--prefix',
      prefix,
      '--clear',
    ];
    server.cli('CONFIG', 'SET', 'maxmemory', '1');
    try {
      const { code, stderr } = await commandLine.call(args);
      expect(stderr).toContain('Cannot write skills/');
      expect(code).toBe(1);
    } finally {
      server.cli('CONFIG', 'SET', 'maxmemory', '0');
    }
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['old']);
    expect(await commandLine.call(args)).toMatchObject({ code: 0 });
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['add']);
  });

  it('works on a Redis Cluster, whose prefix needs a hash tag', async () => {
    await using cluster = await RedisCluster.start();
    await using commandLine = await CommandLine.open({
      'tools/greet.yaml': TOOL,
      'skills/add.ts': SKILL,
      'artifacts/one.txt': 'one',
    });
    const target = `${cluster.urls[0]}?cluster=true`;
    const bootstrap = (prefix: string) =>
      commandLine.call(['store', 'bootstrap', '--source', '.code-mode', '--target', target, '--prefix', prefix]);
    const plain = await bootstrap('app');
    expect(plain.code).toBe(2);
    expect(plain.stderr).toContain('hash tag');
    expect(await bootstrap('{app}')).toMatchObject({ code: 0 });
    const diff = await commandLine.call([
      'store',
      'diff',
      '--source',
      '.code-mode',
      '--target',
      target,
      '--prefix',
      '{app}',
    ]);
    expect(diff).toMatchObject({ code: 0, stdout: '= tools/greet.yaml\n= skills/add\n= artifacts/one.txt\n' });
  });

  it('is told of each change by sessions that are open', async () => {
    await using commandLine = await CommandLine.open({ 'skills/add.ts': SKILL });
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    expect(await stores.skills.list()).toEqual([]);
    await commandLine.call([
      'store',
      'bootstrap',
      '--source',
      '.code-mode',
      '--target',
      server.url,
      '--prefix',
      prefix,
    ]);
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['add']);
  });

  it('interrupted in the middle leaves a store that is whole, and goes on where it was', async () => {
    await using commandLine = await CommandLine.open();
    const count = 2_000;
    const source = `${SKILL}${'// padding\n'.repeat(2_000)}`;
    await Promise.all(Array.from({ length: count }, (_, i) => commandLine.write(`skills/s${i}.ts`, source)));
    const prefix = newPrefix();
    const args = ['store', 'bootstrap', '--source', '.code-mode', '--target', server.url, '--prefix', prefix];
    const { child, outcome } = commandLine.start(args);
    const key = `${prefix}:skills:__skills__`;
    while (server.cli('HLEN', key) === '0' && child.exitCode === null) await sleep(1);
    // The batch under way is not answered before the signal came.
    server.pause();
    child.kill('SIGINT');
    await sleep(200);
    server.resume();
    const { code, stderr } = await outcome;
    expect(stderr).toContain('interrupted\n');
    expect(code).toBe(130);
    const written = Number(server.cli('HLEN', key));
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(count);
    await using stores = await openRedis(prefix);
    for (const { name } of (await stores.skills.list()).slice(0, 50)) {
      expect((await stores.skills.read(name))?.source).toBe(source);
    }
    const again = await commandLine.call([...args, '--json']);
    expect(parseJson(again.stdout)).toMatchObject({ skills: { changed: [], removed: [] } });
    expect(server.cli('HLEN', key)).toBe(`${count}`);
  });
});

describe('store pull', () => {
  it('keeps descriptions, metadata and times of artifacts, and comes back the same', async () => {
    await using commandLine = await CommandLine.open();
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    await stores.tools.write('greet.yaml', TOOL);
    await stores.skills.write('add', SKILL);
    const data = { type: 'bytes', data: new Uint8Array([0, 255, 10]) } as const;
    const told = { description: 'Three bytes.', metadata: { of: ['a', 1] }, createdAt: '2020-02-02T02:02:02.222Z' };
    await stores.artifacts.save('a/b.bin', data, told);
    const target = ['--target', server.url, '--prefix', prefix];
    const pulled = await commandLine.call(['store', 'pull', ...target, '--dest', 'backup']);
    expect(pulled).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(join(commandLine.home, 'backup/tools/greet.yaml'), 'utf8')).toBe(TOOL);
    expect(await readFile(join(commandLine.home, 'backup/skills/add.ts'), 'utf8')).toBe(SKILL);
    expect(await readFile(join(commandLine.home, 'backup/artifacts/a/b.bin'))).toEqual(Buffer.from(data.data));
    const listed = await commandLine.call(['artifacts', 'list', '--base', 'backup', '--json']);
    expect(parseJson(listed.stdout)).toEqual([{ name: 'a/b.bin', type: 'bytes', sizeBytes: 3, ...told }]);

    const back = newPrefix();
    const there = await commandLine.call(['store', 'copy', '--from', 'backup', '--to', `${server.url}?prefix=${back}`]);
    expect(there.code).toBe(0);
    await using copied = await openRedis(back);
    expect(await copied.artifacts.load('a/b.bin')).toMatchObject({ content: data, info: told });
    const diff = await commandLine.call(['store', 'diff', '--source', `${server.url}?prefix=${back}`, ...target]);
    expect(diff).toMatchObject({ code: 0, stdout: '= tools/greet.yaml\n= skills/add\n= artifacts/a/b.bin\n' });
  });

  it('leaves out what can’t be read, names it, copies the rest, and answers 1', async () => {
    await using commandLine = await CommandLine.open();
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    await stores.tools.write('greet.yaml', TOOL);
    await stores.skills.write('add', SKILL);
    await stores.artifacts.save('fine.txt', { type: 'text', data: bytes('fine') });
    const entry = (type: string): string =>
      JSON.stringify({ created_at: '2024-05-06T07:08:09+00:00', metadata: { _data_type: type } });
    const index = `${prefix}:artifacts:__index__`;
    server.cli('HSET', index, 'ghost.txt', '{"metadata":{"_data_type":"text"}}', 'wrong.json', entry('json'));
    server.cli('SET', `${prefix}:artifacts:wrong.json`, '{"a":NaN}');
    server.cli('HSET', `${prefix}:skills:__skills__`, 'broken', 'not json');
    const target = ['--target', server.url, '--prefix', prefix];
    const pulled = await commandLine.call(['store', 'pull', ...target, '--dest', 'backup']);
    expect(pulled.code).toBe(1);
    expect(pulled.stderr).toContain('left out skills/broken: Cannot load skills/broken');
    expect(pulled.stderr).toContain('left out artifacts/ghost.txt: its entry in the index is not readable\n');
    expect(pulled.stderr).toContain(
      'left out artifacts/wrong.json: Cannot load artifacts/wrong.json: it does not hold',
    );
    expect(pulled.stderr).toContain('  artifacts: 1 added, 0 changed');
    expect(await readdir(join(commandLine.home, 'backup/skills'))).toEqual(['add.ts']);
    expect(await readFile(join(commandLine.home, 'backup/artifacts/fine.txt'), 'utf8')).toBe('fine');

    const source = ['--source', `${server.url}?prefix=${prefix}`, '--target', 'backup', '--json'];
    const diff = await commandLine.call(['store', 'diff', ...source]);
    expect(diff.code).toBe(1);
    expect(parseJson(diff.stdout)).toMatchObject({
      same: false,
      skills: { added: [], changed: [], unchanged: ['add'], removed: [] },
      artifacts: { unchanged: ['fine.txt'], removed: [] },
      skipped: [{ name: 'broken' }, { name: 'ghost.txt' }],
    });
    // With checking on, all or nothing.
    const copied = await commandLine.call([
      'store',
      'copy',
      '--from',
      `${server.url}?prefix=${prefix}`,
      '--to',
      'other',
    ]);
    expect(copied.code).toBe(1);
    expect(copied.stderr).toContain('2 problems; nothing was changed');
    await expect(readdir(join(commandLine.home, 'other'))).rejects.toThrow('ENOENT');
  });

  it('puts one kind into the folder itself, and makes nothing for a prefix that has nothing', async () => {
    await using commandLine = await CommandLine.open();
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    // Does not load: pulled all the same, to be repaired.
    await stores.skills.write('broken', 'export function run( {');
    await commandLine.call([
      'store',
      'pull',
      '--target',
      server.url,
      '--prefix',
      `${prefix}:skills`,
      '--dest',
      'skills',
    ]);
    expect(await readdir(join(commandLine.home, 'skills'))).toEqual(['broken.ts']);
    const none = await commandLine.call([
      'store',
      'pull',
      '--target',
      server.url,
      '--prefix',
      'mistyped',
      '--dest',
      'no',
    ]);
    expect(none).toMatchObject({ code: 1 });
    expect(none.stderr).toContain(`Cannot pull from ${server.url}?prefix=mistyped: there is nothing in it`);
    await expect(readdir(join(commandLine.home, 'no'))).rejects.toThrow('ENOENT');
  });
});

describe('store copy', () => {
  it('copies between folders and refuses what one of them can not hold, before it writes', async () => {
    await using commandLine = await CommandLine.open({ 'skills/add.ts': SKILL, 'artifacts/a': 'one' });
    await commandLine.write('../other/artifacts/a/b', 'two');
    const nested = await commandLine.call(['store', 'copy', '--from', '.code-mode', '--to', 'file:other']);
    expect(nested).toMatchObject({ code: 1 });
    expect(nested.stderr).toContain('artifacts/a/b: "a" is an artifact, in the source or the target');
    expect(await readdir(join(commandLine.home, 'other'))).toEqual(['artifacts']);
    await rm(join(commandLine.home, 'other'), { recursive: true });
    await commandLine.write('../other/skills/Add.ts', SKILL);
    const twin = await commandLine.call(['store', 'copy', '--from', '.code-mode', '--to', 'file:other']);
    expect(twin.stderr).toContain('skills/add: "Add" differs only in upper and lower case');
    expect(await readdir(join(commandLine.home, 'other', 'skills'))).toEqual(['Add.ts']);
    const copied = await commandLine.call(['store', 'copy', '--from', '.code-mode', '--to', 'file:third', '--json']);
    expect(parseJson(copied.stdout)).toMatchObject({ skills: { added: ['add'] }, artifacts: { added: ['a'] } });
  });

  it('writes through a symbolic link to a folder that is not there yet', async () => {
    await using commandLine = await CommandLine.open({ 'artifacts/a/b': 'one' });
    await mkdir(join(commandLine.home, 'disk'));
    await symlink(join(commandLine.home, 'disk'), join(commandLine.home, 'link'));
    const dry = await commandLine.call([
      'store',
      'copy',
      '--from',
      '.code-mode',
      '--to',
      'link/new/store',
      '--dry-run',
    ]);
    expect(dry).toMatchObject({ code: 0, stdout: '+ artifacts/a/b\n' });
    expect(await readdir(join(commandLine.home, 'disk'))).toEqual([]);
    const copied = await commandLine.call(['store', 'copy', '--from', '.code-mode', '--to', 'link/new/store']);
    expect(copied).toMatchObject({ code: 0 });
    expect(await readFile(join(commandLine.home, 'disk/new/store/artifacts/a/b'), 'utf8')).toBe('one');
  });

  it('leaves out skills in Python, and removes none of that name', async () => {
    await using commandLine = await CommandLine.open();
    const [from, to] = [newPrefix(), newPrefix()];
    const record = JSON.stringify({ name: 'old', description: 'Old.', source: 'def run(): pass', parameters: [] });
    for (const prefix of [from, to]) server.cli('HSET', `${prefix}:skills:__skills__`, 'old', record);
    await using stores = await openRedis(from);
    await stores.skills.write('add', SKILL);
    const ends = ['--from', `${server.url}?prefix=${from}`, '--to', `${server.url}?prefix=${to}`];
    const { code, stderr } = await commandLine.call(['store', 'copy', ...ends, '--clear']);
    expect(stderr).toContain('left out skills/old: it is written in Python');
    expect(code).toBe(0);
    const list = await commandLine.call(['store', 'list', '--target', server.url, '--prefix', to]);
    expect(list).toMatchObject({ code: 0, stdout: 'skills/add.ts\nskills/old.py\n' });
  });
});

describe('store diff', () => {
  it('answers 1 when something differs and 2 for trouble', async () => {
    await using commandLine = await CommandLine.open({ 'skills/same.ts': SKILL, 'skills/mine.ts': SKILL });
    const prefix = newPrefix();
    await using stores = await openRedis(prefix);
    await stores.skills.writeAll(
      new Map([
        ['same', SKILL],
        ['theirs', SKILL],
      ]),
    );
    const target = ['--target', server.url, '--prefix', prefix];
    const different = await commandLine.call(['store', 'diff', '--source', '.code-mode', ...target]);
    expect(different).toMatchObject({ code: 1, stdout: '+ skills/mine\n- skills/theirs\n= skills/same\n', stderr: '' });
    const json = await commandLine.call(['store', 'diff', '--source', '.code-mode', ...target, '--json']);
    expect(parseJson(json.stdout)).toMatchObject({ same: false, skills: { added: ['mine'], removed: ['theirs'] } });
    const trouble = await commandLine.call(['store', 'diff', '--source', 'nowhere', ...target, '--json']);
    expect(trouble.code).toBe(2);
    expect(parseJson(trouble.stdout)).toMatchObject({ error: { code: 'INVALID_OPTION' } });
    const closed = ['--target', 'redis://127.0.0.1:1', '--prefix', prefix];
    expect(await commandLine.call(['store', 'diff', '--source', '.code-mode', ...closed])).toMatchObject({ code: 2 });
  });
});

describe('store diff of two Redis stores', () => {
  it('compares skills in Python too', async () => {
    await using commandLine = await CommandLine.open();
    const [from, to] = [newPrefix(), newPrefix()];
    const record = (source: string): string => JSON.stringify({ name: 'n', description: '', source, parameters: [] });
    const one = record('def run(): return 1');
    server.cli('HSET', `${from}:skills:__skills__`, 'lacking', one, 'same', one, 'other', one);
    server.cli('HSET', `${to}:skills:__skills__`, 'same', one, 'other', record('def run(): return 2'));
    const ends = ['--source', `${server.url}?prefix=${from}`, '--target', `${server.url}?prefix=${to}`];
    const { code, stdout, stderr } = await commandLine.call(['store', 'diff', ...ends]);
    expect(stdout).toBe('+ skills/lacking\n~ skills/other\n= skills/same\n');
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });
});

describe('store', () => {
  it('shows no password, whatever happens', async () => {
    await using secured = await RedisServer.start({
      args: ['--requirepass', PASSWORD],
      cliArgs: ['-a', PASSWORD, '--no-auth-warning'],
    });
    await using commandLine = await CommandLine.open({ 'skills/add.ts': SKILL });
    const url = `redis://:${PASSWORD}@127.0.0.1:${secured.port}`;
    const outputs = [
      await commandLine.call(['store', 'bootstrap', '--source', '.code-mode', '--target', url, '--prefix', 'p']),
      await commandLine.call(['store', 'copy', '--from', '.code-mode', '--to', `${url}?prefix=p`, '--json']),
      await commandLine.call(['store', 'list', '--target', `${url.replace('@', 'x@')}?prefix=p`, '--json']),
      await commandLine.call(['store', 'list', '--target', 'env:STORE', '--prefix', 'p'], { env: { STORE: url } }),
    ];
    expect(outputs.map(({ code }) => code)).toEqual([0, 0, 1, 0]);
    expect(outputs.map(({ stdout, stderr }) => stdout + stderr).join('\n')).not.toContain(PASSWORD);
    expect(outputs[3]?.stdout).toBe('skills/add.ts\n');
  });

  it('says what is missing or too much', async () => {
    await using commandLine = await CommandLine.open();
    const list = (...args: string[]) => commandLine.call(['store', 'list', ...args]);
    expect((await list()).stderr).toContain('--target');
    const noPrefix = await list('--target', server.url);
    expect(noPrefix).toMatchObject({
      code: 2,
      stderr: `error: Cannot use --target ${server.url}: it has no prefix; expected --prefix NAME, or ?prefix=NAME in the URL\n`,
    });
    expect(await list('--target', '.code-mode', '--base', '.')).toMatchObject({
      code: 2,
      stderr: 'error: Cannot use --base here: expected --target alone\n',
    });
    expect(await list('--target', '.code-mode', '--type', 'all')).toMatchObject({ code: 2 });
  });
});

describe('--store', () => {
  it('makes the other commands work over a Redis', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': 'name: greet\ncommand: [echo, hello]\n' });
    await commandLine.write('../add.ts', SKILL);
    const prefix = newPrefix();
    const place = ['--store', server.url, '--prefix', prefix];
    await commandLine.call([
      'store',
      'bootstrap',
      '--source',
      '.code-mode',
      '--target',
      server.url,
      '--prefix',
      prefix,
    ]);
    expect(await commandLine.call(['skills', 'add', 'add', 'add.ts', ...place])).toMatchObject({ code: 0 });
    const code = "await artifacts.save('sum', await skills.add(1, 2)); await tools.greet()";
    expect(await commandLine.call(['run', '-e', code, ...place])).toMatchObject({ code: 0, stdout: 'hello\n' });
    const env = { STORE: `${server.url}?prefix=${prefix}` };
    const fromEnvironment = (...args: string[]) => commandLine.call(['--store', 'env:STORE', ...args], { env });
    expect(await fromEnvironment('artifacts', 'load', 'sum')).toMatchObject({ code: 0, stdout: '3' });
    expect(await fromEnvironment('tools', 'list')).toMatchObject({ code: 0, stdout: 'greet\n' });
    expect(await fromEnvironment('skills', 'list')).toMatchObject({ code: 0, stdout: 'add  Adds.\n' });
    const doctor = await fromEnvironment('doctor', '--json');
    expect(parseJson(doctor.stdout)).toMatchObject({ ok: true });
    expect(doctor.stdout).toContain(`${server.url}?prefix=${prefix}`);
    const repl = await commandLine.call(['repl', ...place], { stdin: 'await skills.add(2, 2)\n' });
    expect(repl).toMatchObject({ code: 0, stdout: '4\n' });
  });

  it('takes a folder too, and refuses what makes no sense', async () => {
    await using commandLine = await CommandLine.open({ 'skills/add.ts': SKILL });
    const list = (...args: string[]) => commandLine.call(['skills', 'list', ...args]);
    expect(await list('--store', 'file:.code-mode')).toMatchObject({ code: 0, stdout: 'add  Adds.\n' });
    const refusals = [
      await list('--store', 'nowhere'),
      await list('--store', server.url, '--base', '.code-mode'),
      await list('--prefix', 'p'),
      await list('--store', server.url, '--prefix', 'p:skills'),
      await commandLine.call(['init', '--store', server.url]),
    ];
    expect(refusals.map(({ code, stderr }) => [code, stderr])).toEqual([
      [2, 'error: Cannot use --store nowhere: there is no such folder\n'],
      [2, 'error: Cannot use both --base and --store: expected one of them\n'],
      [2, 'error: Cannot use --prefix alone: expected a Redis that --store names beside it\n'],
      [2, 'error: Cannot use the prefix of skills here: expected p, which holds all kinds\n'],
      [2, 'error: Cannot use --store here: expected a folder, or --base\n'],
    ]);
  });
});

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
