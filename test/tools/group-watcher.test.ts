import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WATCHER_COMMANDS } from '../../src/tools/group-watcher.ts';
import { signalGroup, startGroup, untrackGroup } from '../../src/tools/process-groups.ts';

const urlOf = (path: string): string => JSON.stringify(new URL(`../../src/tools/${path}`, import.meta.url).href);

/** What a test that fails may leave behind. */
const groups: number[] = [];
afterEach(() => {
  for (const groupId of groups.splice(0)) endGroup(groupId);
});

function endGroup(groupId: number): void {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // It is gone, as it should be.
  }
}

/** A host that runs a script, and what the script prints: ids of processes, between spaces. */
async function startHost(script: string): Promise<{ host: ChildProcess; ids: number[] }> {
  const host = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => {
    host.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  const ids = line.trim().split(' ').map(Number);
  groups.push(...ids, ...(host.pid === undefined ? [] : [host.pid]));
  return { host, ids };
}

/** A zombie has ended too: it only waits for a parent to ask. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) [ZX] /u.test(status);
}

async function expectGone(pid: number): Promise<void> {
  await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), 10_000);
}

async function watchersOf({ pid }: ChildProcess): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
  const found: number[] = [];
  for (const child of children)
    if (/group-watcher-process|ts-code-mode-watcher/u.test(await readFile(`/proc/${child}/cmdline`, 'utf8')))
      found.push(child);
  return found;
}

/** Whether a signal still does to a process what it does by default. Node minds SIGINT and SIGTERM from its start. */
async function minds(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const masks = [...status.matchAll(/^Sig(?:Ign|Cgt):\s+(\w+)$/gmu)].map(([, mask = '0']) => BigInt(`0x${mask}`));
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  return masks.every((mask) => (mask & bit) === 0n);
}

const sleepers = (count: number): string => `
  const { spawn } = await import('node:child_process');
  const ids = Array.from({ length: ${count} }, () => spawn('sleep', ['100'], { detached: true, stdio: 'ignore' }).pid);
`;

/** Groups by {@link startGroup}, as calls of tools start them. */
const TOOLS = `
  const { spawn } = await import('node:child_process');
  const { startGroup } = await import(${urlOf('process-groups.ts')});
  const run = (command, ...args) => startGroup(() => spawn(command, args, { detached: true, stdio: 'ignore' }));
`;

describe.each(WATCHER_COMMANDS.map((command, index) => [command[0], index] as const))('on %s', (_, index) => {
  const WATCH = `
    const { GroupWatcher, WATCHER_COMMANDS } = await import(${urlOf('group-watcher.ts')});
    const watcher = new GroupWatcher([['/no/such/shell'], WATCHER_COMMANDS[${index}]]);
  `;

  it('kills the groups that are left when the host is killed, and ends', async () => {
    const { host, ids } = await startHost(`${WATCH}${sleepers(4)}
      for (const id of ids) watcher.add(id);
      watcher.remove(ids[0]);
      watcher.remove(ids[2]);
      watcher.remove(1);
      console.log(...ids);
      setInterval(() => {}, 1000);
    `);
    const [watcher = 0] = await watchersOf(host);
    host.kill('SIGKILL');
    const [first = 0, second = 0, third = 0, fourth = 0] = ids;
    for (const pid of [second, fourth, watcher]) await expectGone(pid);
    for (const pid of [first, third]) expect(await isAlive(pid)).toBe(true);
  });

  it('is passed by signals to the host and its terminal', async () => {
    const { host, ids } = await startHost(`${WATCH}${sleepers(1)}
      watcher.add(ids[0]);
      process.on('SIGINT', () => {});
      console.log(...ids);
      setInterval(() => {}, 1000);
    `);
    const [watcher = 0] = await watchersOf(host);
    await vi.waitFor(async () => expect(await minds(watcher, 'SIGQUIT')).toBe(false), 10_000);
    process.kill(-(host.pid ?? 0), 'SIGINT');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(watcher, signal);
    process.kill(-(host.pid ?? 0), 'SIGKILL');
    for (const pid of [...ids, watcher]) await expectGone(pid);
  });

  it('keeps no host alive', async () => {
    const host = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `${WATCH} watcher.add(2 ** 22); console.log(watcher.isWatching)`,
    ]);
    expect(await text(host.stdout)).toBe('true\n');
    expect(host.exitCode ?? (await new Promise((resolve) => host.once('exit', resolve)))).toBe(0);
  });
});

describe('one for a process', () => {
  it('is started by the first group, and knows the others', async () => {
    const { host, ids } = await startHost(`${TOOLS}
      console.log(run('sleep', '100').pid, run('sleep', '100').pid, run('sleep', '100').pid);
    `);
    const watchers = await watchersOf(host);
    expect(watchers).toHaveLength(1);
    host.kill('SIGKILL');
    for (const pid of [...ids, ...watchers]) await expectGone(pid);
  });

  it('is replaced when it was killed, by one that knows what is alive', async () => {
    const { host, ids } = await startHost(`${TOOLS}
      const { setTimeout: delay } = await import('node:timers/promises');
      const first = run('sleep', '100').pid;
      process.once('SIGUSR2', async () => {
        await delay(50);
        console.log(run('sleep', '100').pid);
      });
      console.log(first);
    `);
    const [killed = 0] = await watchersOf(host);
    process.kill(killed, 'SIGKILL');
    await expectGone(killed);
    const second = new Promise<number>((resolve) => {
      host.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    host.kill('SIGUSR2');
    const pids = [...ids, await second];
    host.kill('SIGKILL');
    for (const pid of pids) await expectGone(pid);
  });

  it('forgets a group as soon as nobody is in it: its id may soon be that of another one', async () => {
    const watching = (): number => process.listenerCount('exit');
    const before = watching();
    const child = startGroup(() => spawn('true', { detached: true, stdio: 'ignore' }));
    expect(watching()).toBe(before + 1);
    await once(child, 'exit');
    expect(watching()).toBe(before);
  });

  it('keeps an eye on a group that has lost its leader', async () => {
    const watching = (): number => process.listenerCount('exit');
    const before = watching();
    const child = startGroup(() => spawn('sh', ['-c', 'sleep 100 &'], { detached: true, stdio: 'ignore' }));
    groups.push(child.pid ?? 0);
    await once(child, 'exit');
    expect(watching()).toBe(before + 1);
    signalGroup(child.pid ?? 0, 'SIGKILL');
    untrackGroup(child.pid ?? 0);
    expect(watching()).toBe(before);
  });
});
