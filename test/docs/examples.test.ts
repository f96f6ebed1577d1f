import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { loadToolFile } from '../../src/tools/load-tool-file.ts';
import { formatToolProblem } from '../../src/tools/tool-problem.ts';
import { RedisServer } from '../support/redis-server.ts';
import { openTempSession, TempFolder } from '../support/temp-session.ts';
import { blocksOf, cellsOf, expectedLines, kindOf, nameIn, shown, storageFilesOf } from './examples.ts';
import type { BlockKind } from './examples.ts';
import type { Block, Page } from './markdown.ts';
import { PAGES, ROOT } from './markdown.ts';

/** What the documentation takes for the reader's Redis. */
const REDIS_URL = 'redis://localhost:6379';

/** What the package exports, and the source of each: `['./redis', './src/redis.ts']`. */
const ENTRIES = Object.entries(manifest.exports).flatMap(([subpath, built]): [string, string][] =>
  built.startsWith('./dist/') ? [[subpath, built.replace('./dist/', './src/').replace(/js$/u, 'ts')]] : [],
);

/** A row for each page that has blocks of a kind. */
function pagesWith(kind: BlockKind): [path: string, page: Page][] {
  return PAGES.filter((page) => blocksOf(page, kind).length > 0).map((page) => [page.path, page]);
}

describe('blocks of the documentation', () => {
  it('are all of a kind that a test knows', () => {
    const unknown = PAGES.flatMap(({ path, blocks }) =>
      blocks.filter((block) => kindOf(block) === undefined).map(({ line, info }) => `${path}:${line} ${info}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('tool files of the documentation', () => {
  const context = { basePath: '/base', env: { ...process.env, HOME: '/home/ada' } };
  const problemsOf = (block: Block): string[] => {
    const [origin, text] = [nameIn(block.text), block.text];
    const loaded = loadToolFile({ name: origin, version: '1', origin, text }, context);
    return 'problems' in loaded ? loaded.problems.map(formatToolProblem) : [...loaded.adapter.tool.warnings];
  };

  it.each(pagesWith('tool'))('%s: load without a word', (_, page) => {
    expect(blocksOf(page, 'tool').flatMap(problemsOf)).toEqual([]);
  });

  it.each(pagesWith('broken tool'))('%s: are reported as the text below says', (_, page) => {
    for (const block of blocksOf(page, 'broken tool')) {
      const below = page.blocks[page.blocks.indexOf(block) + 1];
      expect(problemsOf(block).join('\n')).toBe(below?.text.trimEnd());
    }
  });
});

describe('cells of the documentation', () => {
  it.each(pagesWith('cells'))('%s', async (_, page) => {
    await using session = await openTempSession(storageFilesOf(page));
    for (const block of blocksOf(page, 'cells')) {
      for (const { code, expected } of cellsOf(block)) {
        const result = await session.run(code);
        const answer = expected === undefined && result.ok ? undefined : shown(result);
        expect(answer, `${page.path}:${block.line}: ${code}`).toBe(expected);
      }
    }
  });
});

describe('programs of the documentation', () => {
  it('compile', async () => {
    using folder = new TempFolder();
    const programs = PAGES.flatMap(({ path, blocks }) =>
      blocks
        .filter((block) => kindOf(block) === 'program')
        .map(({ text, line }) => [`${path.replaceAll('/', '-')}-${line}.mts`, text] as const),
    );
    await folder.write({
      ...Object.fromEntries(programs),
      'tsconfig.json': JSON.stringify({
        extends: join(ROOT, 'tsconfig.json'),
        compilerOptions: {
          paths: Object.fromEntries(
            ENTRIES.map(([subpath, file]) => [join('ts-code-mode', subpath), [join(ROOT, file)]]),
          ),
          typeRoots: [join(ROOT, 'node_modules/@types')],
        },
        include: ['*.mts', join(ROOT, 'src/**/*.d.ts')],
        exclude: [],
      }),
    });
    expect(programs.length).toBeGreaterThan(0);
    const output = await outputOf(join(ROOT, 'node_modules/.bin/tsc'), ['--pretty', 'false', '-p', '.'], folder.path);
    // What is wrong with the sources themselves is told by their own check.
    expect(output.split('\n').filter((line) => programs.some(([name]) => line.startsWith(name)))).toEqual([]);
  });

  it.each(pagesWith('program'))('%s: run, and print what they say', async (_, page) => {
    for (const block of blocksOf(page, 'program')) {
      using folder = new TempFolder();
      const name = nameIn(block.text) || 'main.mts';
      // The port that a page names may be anybody's on this machine.
      await using redis = block.text.includes(REDIS_URL) ? await RedisServer.start() : undefined;
      const text = block.text.replaceAll(REDIS_URL, redis?.url ?? '');
      await folder.write({ ...storageFilesOf(page, 'storage/'), [name]: text });
      await installSources(folder);
      const printed = await outputOf(process.execPath, [name], folder.path);
      const lines = printed.split('\n').map((line) => line.trimEnd());
      expect(
        lines.filter((line) => line !== ''),
        `${page.path}:${block.line}`,
      ).toEqual(expectedLines(block));
    }
  });
});

/** Makes `ts-code-mode` in a folder's `node_modules` mean the sources. */
async function installSources(folder: TempFolder): Promise<void> {
  const target = join(folder.path, 'node_modules', 'ts-code-mode');
  await mkdir(target, { recursive: true });
  await symlink(join(ROOT, 'src'), join(target, 'src'));
  await writeFile(
    join(target, 'package.json'),
    JSON.stringify({
      name: 'ts-code-mode',
      type: 'module',
      exports: Object.fromEntries(ENTRIES),
    }),
  );
}

/** What a command prints, on both streams. */
function outputOf(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}
