import { execFileSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';
import { containing } from '../tools/matchers.ts';

const FILES = {
  'tools/echo.yaml': 'name: echo\ncommand: echo\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'tools/cat.yaml': 'name: cat\ncommand: cat\nmax_output_bytes: 50000000\nschema:\n  stdin: input\n',
};

/** A tool that starts a process of its own, which has to die with it. */
const NAP = {
  ...FILES,
  'tools/nap.yaml': 'name: nap\ncommand: [sh, -c]\nschema:\n  positional:\n    - {name: script, required: true}\n',
};

function isRunning(marker: string): boolean {
  return execFileSync('ps', ['ax', '-o', 'args'], { encoding: 'utf8' }).includes(marker);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(condition()).toBe(true);
}

describe('limits of host calls', () => {
  it.each([
    ['calls in a run', 'for (;;) await tools.echo({ text: "x" })', { hostCalls: 5 }, 'CALL_LIMIT'],
    [
      'calls at once',
      'await Promise.all(Array.from({ length: 50 }, () => tools.echo({ text: "x" })))',
      { hostCallsInFlight: 10 },
      'CALL_LIMIT',
    ],
    ['calls that are never awaited', 'for (;;) tools.echo({ text: "x" })', {}, 'CALL_LIMIT'],
    [
      'calls whose errors are swallowed',
      'for (;;) { try { await tools.nothing({}) } catch {} }',
      { hostCalls: 20 },
      'CALL_LIMIT',
    ],
    ['arguments', 'await tools.echo({ text: "x".repeat(2e6) })', { callArgumentBytes: 1_000_000 }, 'CALL_SIZE_LIMIT'],
    ['results', 'await tools.cat({ input: "x".repeat(2e6) })', { callResultBytes: 1_000_000 }, 'CALL_SIZE_LIMIT'],
    [
      'arguments of calls at once',
      'const big = "x".repeat(9e5); await Promise.all(Array.from({ length: 6 }, () => tools.cat({ input: big })))',
      { callArgumentBytes: 1_000_000 },
      'CALL_SIZE_LIMIT',
    ],
    [
      'arguments of calls one after another, which are as many as one likes',
      'const big = "x".repeat(9e5); for (let i = 0; i < 8; i++) await tools.cat({ input: big }); "fine"',
      { callArgumentBytes: 1_000_000 },
      'fine',
    ],
    ['functions as arguments', 'await tools.echo({ text: () => 1 })', {}, 'NOT_TRANSFERABLE'],
    ['arguments that run for ever', 'await tools.echo({ get text() { for (;;); } })', { cpuTimeMs: 200 }, 'CPU_LIMIT'],
  ] as const)('%s', async (_name, code, limits, expected) => {
    await using session = await openTempSession(FILES);
    await session.run('let kept = 1');
    const result = await session.run(code, limits);
    expect(result.ok ? result.value : result.error.code).toBe(expected);
    expect(await session.run('kept')).toMatchObject({ ok: true, value: 1 });
    expect(await session.run('await tools.echo({ text: "still" })')).toMatchObject({ ok: true, value: 'still\n' });
  });
});

describe('what a run leaves behind', () => {
  it('kills the processes of a call that nobody awaited, grandchildren included', async () => {
    await using session = await openTempSession(NAP);
    const result = await session.run(
      'tools.nap({ script: "sleep 31.4159 & sleep 31.4159; wait" }); await new Promise((resolve) => setTimeout(resolve, 200)); 1',
    );
    expect(result).toMatchObject({ ok: true, value: 1, toolCalls: [{ outcome: 'cancelled' }] });
    expect(result.warnings.join()).toContain('tools.nap was called and not awaited');
    await until(() => !isRunning('sleep 31.4159'));
  });

  it('kills the processes of a run that is closed', async () => {
    const session = await openTempSession(NAP);
    const run = session.run('await tools.nap({ script: "sleep 27.1828" })');
    await until(() => isRunning('sleep 27.1828'));
    await session[Symbol.asyncDispose]();
    expect(await run).toMatchObject({ ok: false, error: { code: 'SESSION_CLOSED' } });
    await until(() => !isRunning('sleep 27.1828'));
  });

  it('does nothing of what was called as the run ended', async () => {
    await using session = await openTempSession(NAP);
    const events: string[] = [];
    const result = await session.run(
      "artifacts.save('late.txt', 'x'); skills.create('late', 'export const run = () => 1'); tools.nap({ script: 'sleep 16.1803' }); 1",
      { onEvent: (event) => events.push(event.type) },
    );
    expect(result).toMatchObject({
      ok: true,
      value: 1,
      toolCalls: [{ outcome: 'cancelled' }, { outcome: 'cancelled' }, { outcome: 'cancelled' }],
    });
    expect(events.filter((type) => type.startsWith('call-'))).toEqual(
      Array.from({ length: 3 }, () => ['call-start', 'call-end']).flat(),
    );
    expect(await session.listArtifacts()).toEqual([]);
    expect(await session.listSkills()).toEqual([]);
    expect(isRunning('sleep 16.1803')).toBe(false);
  });

  it('cancels timers: none fires in a later run', async () => {
    await using session = await openTempSession();
    await session.run(
      'globalThis.fired = 0; setInterval(() => { fired += 1 }, 1); setTimeout(() => { fired += 1 }, 5)',
    );
    await session.run('await new Promise((resolve) => setTimeout(resolve, 60))');
    expect(await session.run('fired')).toMatchObject({ ok: true, value: 0 });
  });

  it('drops answers that come after the run: a later call with the same number is not answered by them', async () => {
    await using session = await openTempSession(NAP);
    await session.run('await tools.nap({ script: "sleep 0.3; echo old" })', { timeoutMs: 100 });
    expect(await session.run('await tools.nap({ script: "sleep 0.5; echo new" })')).toMatchObject({
      ok: true,
      value: 'new\n',
    });
  });
});

describe('values that are small to send and endless to write out', () => {
  it.each([
    ['an artifact', "await artifacts.save('bomb.json', bomb)", 'INVALID_DATA'],
    ['metadata', "await artifacts.save('a', 'text', '', { bomb })", 'INVALID_ARGUMENTS'],
    ['a tool argument', 'await tools.echo({ text: bomb })', 'INVALID_ARGUMENTS'],
    ['a skill', "await skills.create('bomb', bomb)", 'INVALID_ARGUMENTS'],
  ])('are refused: %s', async (_what, code, expected) => {
    await using session = await openTempSession(FILES);
    const result = await session.run(
      `let bomb: unknown = [1]; for (let i = 0; i < 60; i++) bomb = [bomb, bomb]; ${code}`,
    );
    expect(result.ok ? result.value : result.error.code).toBe(expected);
    expect(await session.run('1 + 1')).toMatchObject({ ok: true, value: 2 });
  });
});

describe('the host goes on', () => {
  it.each([
    ['an error that quotes megabytes', "await artifacts.save('\\u0001'.repeat(3e6), NaN)", {}, 'INVALID_DATA'],
    ['a name of megabytes', "await tools['x'.repeat(12e6)]()", {}, 'INVALID_ARGUMENTS'],
    ['an error larger than a result may be', 'await tools.nothing()', { callResultBytes: 100 }, 'UNKNOWN_TOOL'],
    [
      'text that repeats',
      "const o = { s: 'x'.repeat(1e6) }; await artifacts.save('x', Array(300).fill(o))",
      {},
      'INVALID_DATA',
    ],
    ['regular expressions', "[1, 2, 3].map((n) => new RegExp('[a-z0-9]{3}'.repeat(700) + n))", {}, 'INVALID_DATA'],
  ] as const)('after %s', async (_what, code, limits, expected) => {
    await using session = await openTempSession(FILES);
    const result = await session.run(code, limits);
    expect(result.ok ? result.value : result.error.code).toBe(expected);
    expect(await session.run('1 + 1')).toMatchObject({ ok: true, value: 2 });
  });
});

describe('the host does not stand still for what it is given', () => {
  const KEYS = 'Array.from({ length: 40_000 }, (_, index) => BigInt(index) << 64n)';
  it.each([
    ['keys that collide', `new Set(${KEYS})`, 'it takes too long'],
    ['entries that collide', `new Map(${KEYS}.map((key) => [key, 1]))`, 'it takes too long'],
    ['regular expressions', `Array.from({ length: 400 }, () => /\\p{RGI_Emoji}/v)`, 'regular expressions are too long'],
  ])('%s', async (_what, value, message) => {
    await using session = await openTempSession();
    const result = await session.run(`await artifacts.exists(${value} as unknown as string)`);
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'INVALID_DATA', message: containing(message) },
    });
    expect(await session.run('await artifacts.exists("a")')).toMatchObject({ ok: true, value: false });
  });
});

describe('names and records of artifacts', () => {
  it('that are long are cut in messages', async () => {
    await using session = await openTempSession();
    const result = await session.run(`await artifacts.save('x'.repeat(1e6), NaN)`);
    expect(result).toMatchObject({ ok: false, error: { code: 'INVALID_DATA' } });
    expect(result.ok ? '' : result.error.message.length).toBeLessThan(300);
  });

  it.each([
    ['metadata', `undefined, { note: 'x'.repeat(65_536) }`, 'the metadata takes 65547 bytes'],
    ['a description', `'x'.repeat(65_536)`, 'the description takes 65538 bytes'],
  ])('too large ones are refused: %s', async (_what, args, message) => {
    await using session = await openTempSession();
    const result = await session.run(`await artifacts.save('a', 'text', ${args})`);
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'INVALID_ARGUMENTS', message: containing(message) },
    });
    expect(
      await session.run(
        `await artifacts.save('b', 'text', 'fine', { note: 'x'.repeat(65_000) }); (await artifacts.list()).length`,
      ),
    ).toMatchObject({ ok: true, value: 1 });
    await expect(session.saveArtifact('c', 'text', { metadata: { note: 'x'.repeat(65_536) } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENTS',
    });
  });
});

describe('skills that call each other around the limit on depth', () => {
  it('end at the limit on host calls', async () => {
    await using session = await openTempSession({
      'skills/around.ts':
        'export async function run(n: number): Promise<number> { return globalThis.skills.around(n + 1) }\n',
    });
    expect(await session.run('await skills.around(0)', { skillDepth: 3, hostCalls: 50 })).toMatchObject({
      ok: false,
      error: { code: 'CALL_LIMIT' },
    });
    expect(await session.run('1 + 1')).toMatchObject({ ok: true, value: 2 });
  });
});

it('refuses more parts of a value than the engine takes arguments, and takes as many', async () => {
  await using session = await openTempSession({}, { limits: { memoryBytes: 268_435_456 } });
  await session.run('const many = Array.from({ length: 65_001 }, () => new Uint8Array(1))');
  expect(await session.run('many')).toMatchObject({
    ok: false,
    error: { code: 'NOT_TRANSFERABLE', message: containing('more than 65000 byte arrays') },
  });
  expect(await session.run('many.slice(1)')).toMatchObject({ ok: true, value: { length: 65_000 } });
});
