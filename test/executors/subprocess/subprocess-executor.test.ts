import { describe, expect, it } from 'vitest';

import { ConfinedChild } from '../../../src/executors/subprocess/confined-child.ts';
import { confine } from '../../../src/executors/subprocess/confinement.ts';
import { SubprocessExecutor } from '../../../src/executors/subprocess/subprocess-executor.ts';
import { openTempSession } from '../../support/temp-session.ts';
import { isAlive, sandboxes, until } from './processes.ts';

const NAP = {
  'tools/nap.yaml':
    'name: nap\ncommand: sleep\nschema:\n  positional:\n    - {name: seconds, type: number, required: true}\n',
};

describe('options', () => {
  it.each([
    [{ requireIsolation: ['walls'] }, /requireIsolation is walls; expected some of v8-isolate/],
    [{ trustDomain: 5 }, /trustDomain is 5/],
    [{ engine: 'jsc' }, /engine is jsc; expected v8 or quickjs/],
    [{ warmProcesses: -1 }, /warmProcesses is -1/],
  ])('%j is refused', (options, message) => {
    expect(() => void Reflect.construct(SubprocessExecutor, [options])).toThrow(message);
  });

  it('refuses to start without a layer that is required', async () => {
    await using executor = new SubprocessExecutor({
      engine: 'quickjs',
      requireIsolation: ['permission', 'v8-isolate'],
    });
    await expect(openTempSession({}, { executor })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { lacking: ['v8-isolate'] },
    });
    await until(() => sandboxes().length === 0);
  });

  it('tells what confines its processes', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0 });
    const { engine, layers } = await executor.isolation();
    expect(engine).toBe('v8');
    expect(layers).toContain('permission');
    await using quickjs = new SubprocessExecutor({ engine: 'quickjs', warmProcesses: 0 });
    expect((await quickjs.isolation()).layers).toContain('quickjs');
  });

  it('gives a session the memory that it asks for, and refuses another in a run', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0 });
    const fill = 'globalThis.all = Array.from({ length: 200 }, () => new Uint8Array(1e6).fill(1)); all.length';
    await using large = await openTempSession({}, { executor, limits: { memoryBytes: 256 * 1024 * 1024 } });
    expect(await large.run(fill)).toMatchObject({ ok: true, value: 200 });
    expect(await large.run('1', { memoryBytes: 1e8 })).toMatchObject({ ok: false, error: { code: 'UNSUPPORTED' } });
    expect(await large.run('1', { stackBytes: 1e5 })).toMatchObject({ ok: false, error: { code: 'UNSUPPORTED' } });
    await using small = await openTempSession({}, { executor });
    expect(await small.run(fill)).toMatchObject({ ok: false, error: { code: 'MEMORY_LIMIT' } });
  });
});

it('says in V8, too, which lines of the code led to an error', async () => {
  await using executor = new SubprocessExecutor({ warmProcesses: 0 });
  await using session = await openTempSession({}, { executor });
  await session.run('const inner = async () => {\n  await null;\n  throw new Error("deep");\n}');
  const result = await session.run('async function outer() {\n  await inner();\n}\nawait outer()');
  expect(result).toMatchObject({
    ok: false,
    error: { message: 'deep', location: { file: 'run-1.ts', line: 3 } },
  });
  expect(result.ok ? '' : result.error.stack).toMatch(
    /^    at inner \(run-1\.ts:3:\d+\)\n    at outer \(run-2\.ts:2:\d+\)\n    at run-2\.ts:4:\d+$/,
  );
});

it('runs QuickJS in a process that can not load isolated-vm, and says why', async () => {
  const { args, ...confinement } = confine({
    engine: 'v8',
    stackBytes: 524_288,
    dataBytes: 2 ** 31,
    without: new Map(),
  });
  const child = new ConfinedChild({ ...confinement, args: args.filter((arg) => arg !== '--allow-addons') }, 2 ** 40, {
    onMessage: () => undefined,
    onExit: () => undefined,
  });
  child.ref();
  const { engine, reason } = await child.ready;
  expect(engine).toBe('quickjs');
  expect(reason).toMatch(/addon/i);
  await child.close();
});

describe('processes', () => {
  it('are one for each session, and end with it', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0 });
    const first = await openTempSession({}, { executor });
    const second = await openTempSession({}, { executor });
    expect(sandboxes()).toHaveLength(2);
    await first[Symbol.asyncDispose]();
    await until(() => sandboxes().length === 1);
    expect(await second.run('1')).toMatchObject({ ok: true, value: 1 });
    await second[Symbol.asyncDispose]();
    await until(() => sandboxes().length === 0);
  });

  it('are shared by sessions of one trust domain alone', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0, trustDomain: (id) => id.split('/')[0] ?? '' });
    const sessions = await Promise.all(
      Array.from({ length: 6 }, (_, index) => openTempSession({}, { executor, id: `ours/${index}` })),
    );
    const ours = sandboxes();
    expect(ours.length).toBeLessThan(6);
    await using theirs = await openTempSession({}, { executor, id: 'theirs/1' });
    expect(sandboxes()).toHaveLength(ours.length + 1);
    await Promise.all(sessions.map((session, index) => session.run(`let mine = ${index}`)));
    const values = await Promise.all(sessions.map(async (session) => session.run('mine')));
    expect(values.map((result) => (result.ok ? result.value : result.error))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await theirs.run('typeof mine')).toMatchObject({ ok: true, value: 'undefined' });

    for (const id of ours) process.kill(id, 'SIGKILL');
    await until(() => !ours.some(isAlive));
    await Promise.all(
      sessions.map(async (session) => {
        // The host may not have heard yet that the process is gone: then this run ends with it.
        const first = await session.run('typeof mine');
        expect(first.ok ? 'SANDBOX_CRASHED' : first.error.code).toBe('SANDBOX_CRASHED');
        const result = first.ok ? first : await session.run('typeof mine');
        expect(result).toMatchObject({ ok: true, value: 'undefined' });
        expect([...first.warnings, ...result.warnings].join()).toContain('variables are gone');
      }),
    );
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  });

  it('are started in advance, and end with the executor', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 2 });
    await using session = await openTempSession({}, { executor });
    await until(() => sandboxes().length === 3);
    await session.close();
    await executor.close();
    await until(() => sandboxes().length === 0);
    await expect(openTempSession({}, { executor })).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });

  it('that are killed end their run with an error, and the next run has another and is told what is lost', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0 });
    await using session = await openTempSession(NAP, { executor });
    await session.run('let kept = 1');
    for (const code of ['for (;;);', 'await tools.nap({ seconds: 30 })']) {
      const running = session.run(code, { cpuTimeMs: 60_000 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const id of sandboxes()) process.kill(id, 'SIGKILL');
      const result = await running;
      expect(result).toMatchObject({ ok: false, error: { code: 'SANDBOX_CRASHED' } });
      expect(result.warnings.join()).toContain('variables are gone');
      expect(await session.run('typeof kept')).toMatchObject({ ok: true, value: 'undefined', warnings: [] });
    }
  });

  it('end when a run that spins is cancelled, and the session answers again', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0 });
    await using session = await openTempSession({}, { executor });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const result = await session.run('for (;;);', { signal: controller.signal, cpuTimeMs: 60_000 });
    expect(result).toMatchObject({ ok: false, error: { code: 'ABORTED' } });
    expect(result.warnings.join()).toContain('variables are gone');
    expect(await session.run('1')).toMatchObject({ ok: true, value: 1, warnings: [] });
  });

  it('outlive a run that is cancelled while it waits: what it did is kept, and its calls are not answered later', async () => {
    await using executor = new SubprocessExecutor({ warmProcesses: 0 });
    await using session = await openTempSession(NAP, { executor });
    const result = await session.run(
      'let half = 1; setInterval(() => { half += 1 }, 1); await tools.nap({ seconds: 30 })',
      {
        timeoutMs: 200,
      },
    );
    expect(result).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(result.warnings.join()).toContain('may be half done');
    const later = await session.run('const seen = half; await tools.nap({ seconds: 0.1 }); [seen > 0, half === seen]');
    expect(later).toMatchObject({ ok: true, value: [true, true], warnings: [] });
  });
});
