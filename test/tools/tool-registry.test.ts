import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileToolStore } from '../../src/storage/file/file-tool-store.ts';
import { formatToolProblem } from '../../src/tools/tool-problem.ts';
import { ToolRegistry } from '../../src/tools/tool-registry.ts';
import { callContext, exampleFile } from './load.ts';

let folder = '';
let store: FileToolStore;
let registry: ToolRegistry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tool-registry-'));
  store = new FileToolStore(folder);
  registry = new ToolRegistry(store, { basePath: folder, env: process.env });
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A tool that prints a word. */
const echo = (name: string, word: string): string => JSON.stringify({ name, command: ['echo', word], output: 'lines' });
const toolNames = (): string[] => registry.tools().map(({ name }) => name);
const call = async (...path: string[]): Promise<unknown> => registry.callable(path)({}, callContext());

describe('refresh', () => {
  it('takes in what is added, changed and removed', async () => {
    await registry.refresh();
    expect(registry.tools()).toEqual([]);
    await store.write('b.yaml', echo('b', 'one'));
    await store.write('a.yaml', echo('a', 'two'));
    await registry.refresh();
    expect(toolNames()).toEqual(['a', 'b']);
    await store.write('b.yaml', echo('b', 'three'));
    await store.delete('a.yaml');
    await registry.refresh();
    expect(toolNames()).toEqual(['b']);
    expect(await call('b')).toEqual(['three']);
    await expect(call('a')).rejects.toMatchObject({ code: 'UNKNOWN_TOOL' });
  });

  it('keeps what has not changed', async () => {
    await store.write('a.yaml', echo('a', 'one'));
    await registry.refresh();
    const [before] = registry.tools();
    await store.write('b.yaml', echo('b', 'two'));
    await registry.refresh();
    expect(registry.tools()[0]).toBe(before);
    const tools = registry.tools();
    await registry.refresh();
    expect(registry.tools()).toBe(tools);
  });

  it('lets calls under way end with the tool they began with', async () => {
    await store.write(
      'a.yaml',
      JSON.stringify({ name: 'a', command: ['sh', '-c', 'sleep 0.3; echo old'], output: 'lines' }),
    );
    await registry.refresh();
    const running = call('a');
    await store.delete('a.yaml');
    await registry.refresh();
    await expect(call('a')).rejects.toMatchObject({ code: 'UNKNOWN_TOOL' });
    expect(await running).toEqual(['old']);
  });

  it('sees what changed before it was asked, also when asked together', async () => {
    await store.write('a.yaml', echo('a', 'one'));
    const first = registry.refresh();
    await store.write('b.yaml', echo('b', 'two'));
    await Promise.all([first, registry.refresh(), registry.refresh()]);
    expect(toolNames()).toEqual(['a', 'b']);
  });
});

describe('problems', () => {
  it('of one file stop no other', async () => {
    await store.write('bad.yaml', 'name: bad\ntimeout: soon\ncommnd: x');
    await store.write('broken.yml', 'name: [');
    await store.write('good.yaml', echo('good', 'x'));
    await symlink('nowhere', join(folder, 'gone.yaml'));
    await mkdir(join(folder, 'folder.yaml'));
    await registry.refresh();
    expect(toolNames()).toEqual(['good']);
    expect(registry.problems().map(({ origin, line }) => `${origin}:${line}`)).toEqual(
      expect.arrayContaining(['tools/bad.yaml:2', 'tools/bad.yaml:3', 'tools/broken.yml:1']),
    );
    const [unreadable] = registry.problems().filter(({ origin }) => origin === 'tools/folder.yaml');
    expect(unreadable && formatToolProblem(unreadable)).toBe(
      'tools/folder.yaml:1:1: it is not a regular file; expected a YAML file',
    );
    await store.write('bad.yaml', echo('bad', 'y'));
    await store.write('broken.yml', echo('broken', 'y'));
    await registry.refresh();
    expect(toolNames()).toEqual(['bad', 'broken', 'good']);
  });

  it('of files that can’t be read are told once, and cost later refreshes nothing', async () => {
    await symlink('nowhere', join(folder, 'gone.yaml'));
    await registry.refresh();
    const before = registry.problems();
    expect(before.map(formatToolProblem)).toEqual([
      'tools/gone.yaml:1:1: it is a symbolic link that leads nowhere; expected a YAML file',
    ]);
    await registry.refresh();
    expect(registry.problems()).toBe(before);
    await writeFile(join(folder, 'nowhere'), echo('found', 'x'));
    await registry.refresh();
    expect([toolNames(), registry.problems()]).toEqual([['found'], []]);
  });

  it('are two files of one name: the first wins, and the other takes over', async () => {
    await store.write('2.yaml', '# a comment\nname: docker-compose');
    await store.write('1.yaml', echo('docker_compose', 'first'));
    await registry.refresh();
    expect(await call('docker_compose')).toEqual(['first']);
    expect(registry.problems()).toEqual([
      {
        origin: 'tools/2.yaml',
        line: 2,
        column: 7,
        snippet: '2 | name: docker-compose\n          ^',
        message: 'name: "docker_compose" is already defined in tools/1.yaml',
        expected: 'another name',
      },
    ]);
    await store.write('2.yaml', echo('docker-compose', 'second'));
    await store.delete('1.yaml');
    await registry.refresh();
    expect(registry.problems()).toEqual([]);
    expect(await call('docker_compose')).toEqual(['second']);
  });
});

describe('call', () => {
  beforeEach(async () => {
    await store.write('curl.yaml', exampleFile('curl.yaml'));
    await store.write('x.yaml', JSON.stringify({ name: 'my-tool', command: 'echo', recipes: { 'say-it': {} } }));
    await registry.refresh();
  });

  it('finds names as they stand and as identifiers', async () => {
    for (const path of [['my-tool', 'say-it'], ['my_tool', 'say_it'], ['my_tool'], ['my-tool', '']])
      expect(await call(...path)).toBe('\n');
  });

  it.each<[string[], string, string]>([
    [['crul'], 'UNKNOWN_TOOL', 'Unknown tool: crul. Available: curl, my_tool. Did you mean curl?'],
    [['zzzzzz'], 'UNKNOWN_TOOL', 'Unknown tool: zzzzzz. Available: curl, my_tool'],
    [[], 'UNKNOWN_TOOL', 'Unknown tool: . Available: curl, my_tool'],
    [['__proto__'], 'UNKNOWN_TOOL', 'Unknown tool: __proto__. Available: curl, my_tool'],
    [
      ['curl', 'gte'],
      'UNKNOWN_CALLABLE',
      'Unknown callable: curl.gte. Available: curl.get, curl. Did you mean curl.get?',
    ],
    [
      ['curl', 'get', 'x'],
      'UNKNOWN_CALLABLE',
      'Unknown callable: curl.get.x. Available: curl.get, curl. Did you mean curl.get?',
    ],
    [['serach'], 'UNKNOWN_TOOL', 'Unknown tool: serach. Available: curl, my_tool. Did you mean search?'],
    [
      ['curl', 'lst'],
      'UNKNOWN_CALLABLE',
      'Unknown callable: curl.lst. Available: curl.get, curl. Did you mean curl.list?',
    ],
    [
      ['x'.repeat(100_000)],
      'UNKNOWN_TOOL',
      `Unknown tool: ${'x'.repeat(100)}... (100000 characters). Available: curl, my_tool`,
    ],
    [
      ['curl', 'x'.repeat(100_000)],
      'UNKNOWN_CALLABLE',
      `Unknown callable: curl.${'x'.repeat(95)}... (100005 characters). Available: curl, curl.get`,
    ],
  ])('%j is an error that says what there is', async (path, code, message) => {
    await expect(call(...path)).rejects.toMatchObject({ code, message });
  });

  it('describes a tool by either name', () => {
    expect(registry.tool('my-tool')).toBe(registry.tool('my_tool'));
    expect(() => registry.tool('nope')).toThrow('Unknown tool: nope. Available: curl, my_tool');
  });

  it('names five tools, the nearest first', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'zebra']) await store.write(`${name}.yaml`, echo(name, name));
    await registry.refresh();
    await expect(call('zebar')).rejects.toMatchObject({
      message: 'Unknown tool: zebar. Available: zebra, a, b, c, curl, and 3 more. Did you mean zebra?',
      details: { name: 'zebar', nearest: ['zebra'] },
    });
  });

  it('says so when there is no tool at all', async () => {
    await using empty = new ToolRegistry(new FileToolStore(join(folder, 'nowhere')), { basePath: folder, env: {} });
    await empty.refresh();
    expect(() => empty.callable(['x'])).toThrow('Unknown tool: x. Available: none');
  });
});
