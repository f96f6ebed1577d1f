import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLine } from './command-line.ts';
import type { Started } from './command-line.ts';

/** Writes its group's id, says so on stderr, and waits, with a child of its own. */
function waitingTool(home: string, prelude = ''): string {
  const script = `${prelude} echo $$ > ${join(home, 'pid')}; echo started >&2; sleep 300 & wait; sleep 300`;
  return `name: wait\ncommand: [sh, -c, ${JSON.stringify(script)}]\n`;
}

function untilToolStarted({ child }: Started): Promise<void> {
  return new Promise((resolve) => {
    let seen = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes('started')) resolve();
    });
  });
}

/** The kernel may take a moment to bury what was killed. */
async function untilGroupIsGone(home: string): Promise<void> {
  const groupId = Number(await readFile(join(home, 'pid'), 'utf8'));
  await expect.poll(() => isAlive(groupId), { timeout: 10_000 }).toBe(false);
}

function isAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch {
    return false;
  }
}

describe('signals', () => {
  it.each([
    { signal: 'SIGINT', code: 130, args: ['run', '-e', 'await tools.wait()'] },
    { signal: 'SIGINT', code: 130, args: ['tools', 'call', 'wait'] },
    { signal: 'SIGTERM', code: 143, args: ['run', '-e', 'await tools.wait()'] },
  ] as const)('$signal cancels $args and what it started', async ({ signal, code, args }) => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('tools/wait.yaml', waitingTool(commandLine.home));
    const started = commandLine.start(args);
    await untilToolStarted(started);
    started.child.kill(signal);
    const outcome = await started.outcome;
    expect(outcome).toMatchObject({ code, signal: null, stdout: '' });
    expect(outcome.stderr).toMatch(/^started\n(?:.*\n)*interrupted\n$/);
    await untilGroupIsGone(commandLine.home);
  });

  it('ends at once at the second Ctrl-C, whatever the tool does', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('tools/wait.yaml', waitingTool(commandLine.home, `trap '' TERM INT;`));
    const started = commandLine.start(['tools', 'call', 'wait']);
    await untilToolStarted(started);
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    expect(await started.outcome).toMatchObject({ code: 130, stdout: '' });
    await untilGroupIsGone(commandLine.home);
  });

  it('ends a run that computes', async () => {
    await using commandLine = await CommandLine.open();
    const started = commandLine.start(['run', '--cpu', '60', '-e', `console.log('started'); while (true) {}`]);
    await untilToolStarted(started);
    started.child.kill('SIGINT');
    expect(await started.outcome).toMatchObject({ code: 130, stdout: '' });
  });
});
