import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { containing, matching } from '../matchers.ts';
import { runProcess } from '../../../src/tools/cli/run-process.ts';
import type { ProcessRequest } from '../../../src/tools/cli/run-process.ts';

const ENV = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-process-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function request(argv: ProcessRequest['argv'], overrides: Partial<ProcessRequest> = {}): ProcessRequest {
  const signal = new AbortController().signal;
  return {
    argv,
    env: ENV,
    cwd: { path: folder, name: '.' },
    stdin: undefined,
    timeoutMs: 20_000,
    maxOutputBytes: 1_000_000,
    signal,
    onStderr: () => {},
    ...overrides,
  };
}

const sh = (script: string, overrides?: Partial<ProcessRequest>): ReturnType<typeof runProcess> =>
  runProcess(request(['sh', '-c', script], overrides));

/** Waits for a script to write its process ids to `pids`, one a line. */
async function pidsWritten(count: number): Promise<number[]> {
  return vi.waitFor(
    async () => {
      const pids = (await readFile(join(folder, 'pids'), 'utf8')).trim().split('\n').map(Number);
      expect(pids).toHaveLength(count);
      return pids;
    },
    { timeout: 10_000, interval: 10 },
  );
}

/** A zombie has ended too: it only waits for a parent to ask. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) [ZX] /u.test(status);
}

async function expectGone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(async () => {
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  }, 10_000);
}

describe('runProcess', () => {
  it('collects stdout as bytes and streams stderr', async () => {
    const heard: string[] = [];
    const outcome = await sh(String.raw`printf 'a\377\000b'; printf 'w\303\244rn\377' >&2; exit 3`, {
      onStderr: (text) => heard.push(text),
    });
    expect(outcome).toEqual({
      stdout: new Uint8Array([97, 255, 0, 98]),
      stderrTail: 'wärn\uFFFD',
      exitCode: 3,
      signal: null,
    });
    expect(outcome.stdout.buffer.byteLength).toBe(4);
    expect(heard.join('')).toBe('wärn\uFFFD');
  });

  it('keeps characters whole that arrive in parts', async () => {
    const { stderrTail } = await sh(String.raw`printf '\303' >&2; sleep 0.1; printf '\244' >&2`);
    expect(stderrTail).toBe('ä');
  });

  it('keeps the tail of a long stderr and streams all of it', async () => {
    let length = 0;
    const { stderrTail } = await sh('head -c 100000 /dev/zero | tr "\\0" x >&2; echo end >&2', {
      onStderr: (text) => {
        length += text.length;
      },
    });
    expect(length).toBe(100_004);
    expect(stderrTail).toHaveLength(8192);
    expect(stderrTail.endsWith('xend\n')).toBe(true);
  });

  it('closes stdin, or feeds it', async () => {
    expect((await sh('cat; echo done')).stdout).toEqual(new TextEncoder().encode('done\n'));
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    expect((await runProcess(request(['cat'], { stdin: bytes }))).stdout).toEqual(bytes);
    expect((await runProcess(request(['cat'], { stdin: '' }))).stdout).toHaveLength(0);
  });

  it('minds no command that leaves its input unread', async () => {
    const outcome = await runProcess(request(['true'], { stdin: 'x'.repeat(1_000_000) }));
    expect(outcome.exitCode).toBe(0);
  });

  it('gives the command the environment it is told, and no other', async () => {
    const { stdout } = await runProcess(request(['env'], { env: { PATH: ENV.PATH, GREETING: 'a b' } }));
    expect(new TextDecoder().decode(stdout).trim().split('\n').toSorted()).toEqual([
      'GREETING=a b',
      `PATH=${ENV.PATH}`,
    ]);
  });

  it('reports the signal that ended a command', async () => {
    expect(await sh('kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  it('passes every argument as it is', async () => {
    const args = ['', ' ', '$HOME', '`id`', '"', "'", '*', '\n', 'ä'];
    const { stdout } = await runProcess(request(['printf', '%s|', ...args]));
    expect(new TextDecoder().decode(stdout)).toBe(args.map((arg) => `${arg}|`).join(''));
  });
});

describe('a command that can not be started', () => {
  it.each<[string, ProcessRequest['argv'], string, RegExp]>([
    [
      'is not there',
      ['no-such-command'],
      'TOOL_NOT_INSTALLED',
      /^Cannot run no-such-command: there is no such command on the host's PATH; install it/u,
    ],
    ['is no program', ['/etc/passwd'], 'TOOL_NOT_INSTALLED', /may not be executed/u],
    ['gets too much', ['true', 'x'.repeat(3_000_000)], 'INVALID_ARGUMENTS', /its arguments have 3000004 bytes/u],
  ])('%s', async (_title, argv, code, message) => {
    await expect(runProcess(request(argv))).rejects.toMatchObject({ code, message: matching(message) });
  });

  it('has no folder to start in', async () => {
    await expect(
      runProcess(request(['true'], { cwd: { path: join(folder, 'nowhere'), name: 'reports/out' } })),
    ).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message:
        'Cannot run true: there is no folder "reports/out" to start it in; make it, or change cwd in the tool file',
    });
  });
});

describe('ending a command', () => {
  const FAMILY = 'echo $$ > pids; sleep 100 & echo $! >> pids; sh -c "echo \\$\\$ >> pids; sleep 101; true" & wait';

  it('ends the whole group at the time-out', async () => {
    const run = sh(FAMILY, { timeoutMs: 700 });
    const failed = expect(run).rejects.toMatchObject({
      code: 'TOOL_TIMEOUT',
      message: containing('no result within 0.7 seconds'),
    });
    const pids = await pidsWritten(3);
    await failed;
    await expectGone(pids);
  });

  it('ends the whole group when the call is aborted', async () => {
    const controller = new AbortController();
    const failed = expect(sh(FAMILY, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    const pids = await pidsWritten(3);
    controller.abort();
    await failed;
    await expectGone(pids);
  });

  it('kills what ignores SIGTERM', async () => {
    const controller = new AbortController();
    const stubborn =
      'trap "" TERM; echo $$ > pids; sh -c "trap \\"\\" TERM; echo \\$\\$ >> pids; while :; do sleep 1; done" & while :; do sleep 1; done';
    const failed = expect(sh(stubborn, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    const pids = await pidsWritten(2);
    controller.abort();
    await failed;
    await expectGone(pids);
  });

  it('kills what outlives a leader that obeys', async () => {
    const controller = new AbortController();
    const script = 'echo $$ > pids; sh -c "trap \\"\\" TERM; echo \\$\\$ >> pids; while :; do sleep 1; done" & wait';
    const failed = expect(sh(script, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    const pids = await pidsWritten(2);
    controller.abort();
    await failed;
    await expectGone(pids);
  });

  it('starts nothing for a call that is aborted already', async () => {
    await expect(sh('touch started', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(readFile(join(folder, 'started'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends a command that writes too much', async () => {
    await expect(sh('yes', { maxOutputBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'TOOL_OUTPUT_LIMIT',
      message:
        'Cannot run sh: more than 1000000 bytes of output; ask for less, or raise max_output_bytes in the tool file',
    });
    expect((await sh('head -c 1000 /dev/zero', { maxOutputBytes: 1000 })).stdout).toHaveLength(1000);
  });

  it('does not wait for ever for what holds the output open, and kills it', async () => {
    const run = sh('echo $$ > pids; sleep 100 & echo $! >> pids; echo done');
    const pids = await pidsWritten(2);
    expect(new TextDecoder().decode((await run).stdout)).toBe('done\n');
    await expectGone(pids);
  });

  it('does not wait for ever for what has left the group', async () => {
    const run = sh('setsid sh -c "echo \\$\\$ > pids; sleep 100" & sleep 0.3; echo done');
    const [pid = 0] = await pidsWritten(1);
    expect(new TextDecoder().decode((await run).stdout)).toBe('done\n');
    process.kill(-pid, 'SIGKILL');
  });

  it('hears the last words of what still writes', async () => {
    const { stdout } = await sh('(sleep 0.4; echo late) & echo early');
    expect(new TextDecoder().decode(stdout)).toBe('early\nlate\n');
  });

  it('lets a daemon go that holds no output', async () => {
    await sh('sleep 100 >/dev/null 2>&1 & echo $! > pids');
    const [pid = 0] = await pidsWritten(1);
    expect(await isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('settles once, whatever comes together', async () => {
    const controller = new AbortController();
    const runs = Array.from({ length: 30 }, async (_, index) => {
      const run = sh('sleep 0.05', { timeoutMs: 40 + index, signal: controller.signal });
      return run.then(
        ({ exitCode }) => String(exitCode),
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : 'other'),
      );
    });
    await delay(50);
    controller.abort();
    for (const outcome of await Promise.all(runs)) expect(['0', 'TOOL_TIMEOUT', 'ABORTED']).toContain(outcome);
  });
});

describe('the end of the host', () => {
  const HOST = `
    import { runProcess } from ${JSON.stringify(new URL('../../../src/tools/cli/run-process.ts', import.meta.url).href)};
    const signal = new AbortController().signal;
    const argv = ['sh', '-c', 'echo $$ > pids; sleep 100 & echo $! >> pids; wait'];
    const request = { argv, env: process.env, cwd: undefined, stdin: undefined, timeoutMs: 60000, maxOutputBytes: 10, signal, onStderr: () => {} };
    if (process.argv[2] === 'exit') process.stdin.once('data', () => process.exit(7));
    if (process.argv[2] === 'own-listener') process.on('SIGTERM', () => process.exit(9));
    if (process.argv[2] === 'uncaught') process.stdin.once('data', () => { throw new Error('on purpose'); });
    runProcess(request).catch(() => {});
    console.log('started');
  `;

  async function endHost(
    how: string,
    signal?: NodeJS.Signals,
  ): Promise<{ pids: number[]; code: number | null; signal: NodeJS.Signals | null }> {
    const script = join(folder, 'host.mjs');
    await writeFile(script, HOST);
    const host = spawn(process.execPath, [script, how], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    const started = once(host.stdout, 'data');
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      host.once('exit', (code, endedBy) => {
        resolve({ code, signal: endedBy });
      });
    });
    await started;
    const pids = await pidsWritten(2);
    if (signal === undefined) host.stdin.write('now');
    else host.kill(signal);
    return { pids, ...(await ended) };
  }

  it.each<[string, NodeJS.Signals | undefined, number | null, NodeJS.Signals | null]>([
    ['exit', undefined, 7, null],
    ['uncaught', undefined, 1, null],
    ['default', 'SIGINT', null, 'SIGINT'],
    ['default', 'SIGTERM', null, 'SIGTERM'],
    ['default', 'SIGKILL', null, 'SIGKILL'],
    ['own-listener', 'SIGTERM', 9, null],
  ])('by %s %s ends what it started, and is not changed by it', async (how, sent, code, signal) => {
    const end = await endHost(how, sent);
    expect(end).toMatchObject({ code, signal });
    await expectGone(end.pids);
  });
});
