import { execFile, spawnSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.ts';
import { TempFolder } from '../support/temp-session.ts';
import { blocksOf } from './examples.ts';
import type { Block } from './markdown.ts';
import { PAGES, ROOT } from './markdown.ts';

/** A command and what it is said to print. */
interface Step {
  readonly command: string;
  readonly output: string;
}

// The command line runs from the build.
beforeAll(() => {
  const { status, output } = spawnSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, encoding: 'utf8' });
  expect(status, output.join('')).toBe(0);
}, 120_000);

describe('commands of the documentation', () => {
  it.each(
    PAGES.flatMap((page) => blocksOf(page, 'console').map((block) => [`${page.path}:${block.line}`, block] as const)),
  )('%s: print what it says', async (_, block) => {
    using folder = new TempFolder();
    const repository = join(folder.path, 'repository');
    const environment = await makeMachine(folder, repository);
    await using redis = block.text.includes('REDIS_URL') ? await RedisServer.start() : undefined;
    if (redis !== undefined) environment['REDIS_URL'] = redis.url;
    for (const { command, output } of stepsOf(block)) {
      expect(await runInShell(command, repository, environment), command).toMatch(patternOf(output));
    }
  });
});

/** A repository with two commits, and `ts-code-mode` on the PATH. */
async function makeMachine(folder: TempFolder, repository: string): Promise<NodeJS.ProcessEnv> {
  const bin = join(folder.path, 'bin');
  await mkdir(bin);
  await mkdir(repository, { recursive: true });
  await symlink(join(ROOT, 'bin', 'ts-code-mode.js'), join(bin, 'ts-code-mode'));
  const environment = {
    PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: folder.path,
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const commit = 'git commit --quiet --allow-empty --message';
  await runInShell(
    `git init --quiet && ${commit} 'First commit' && ${commit} 'Add the parser'`,
    repository,
    environment,
  );
  return environment;
}

function stepsOf({ text }: Block): Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...lines] = step.trimEnd().split('\n');
      return { command, output: lines.join('\n') };
    });
}

/** What a command prints, on both streams, as a terminal shows it. */
function runInShell(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd, env }, (_error, stdout, stderr) => {
      resolve((stdout + stderr).trimEnd());
    });
  });
}

/** `…` stands for anything. */
function patternOf(output: string): RegExp {
  const parts = output.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^]*')}$`, 'u');
}
