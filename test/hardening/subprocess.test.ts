import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SubprocessExecutor } from '../../src/executors/subprocess/subprocess-executor.ts';
import { openTempSession } from '../support/temp-session.ts';
import { withstand } from './attack.ts';
import type { Attack } from './attack.ts';
import { POISONING, REACHING_OUT } from './isolation-attacks.ts';
import { CPU, ENCODING, MEMORY, NATIVE } from './resource-attacks.ts';

const TOOLS = {
  'tools/echo.yaml': 'name: echo\ncommand: echo\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'skills/double.ts': '/** Doubles. */\nexport function run(n: number) { return n * 2 }\n',
};

/** Ways that lead somewhere in V8, or in isolated-vm, and nowhere in QuickJS. */
const SPECIFIC: readonly Attack[] = [
  {
    name: 'WebAssembly, whose memory is no part of the limit',
    code: `const names = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'gc', 'd8', 'ivm', '$0']; names.filter((name) => name in globalThis || (0, eval)('typeof ' + name) !== 'undefined')`,
    value: [],
  },
  {
    name: 'call sites by Error.prepareStackTrace',
    code: `let seen = 'nothing'; try { Error.prepareStackTrace = (_, sites) => { seen = String(sites[0].getThis()); return '' } } catch (error) { seen = (error as Error).name }; try { await tools.nothing() } catch (error) { void (error as Error).stack } seen`,
    value: 'TypeError',
  },
  {
    name: 'call sites by a class of its own',
    code: `class Trap extends Error { static prepareStackTrace(_: unknown, sites: unknown[]) { return sites } } const box = {}; Error.captureStackTrace(box, Trap); [typeof new Trap('x').stack, typeof (box as { stack: unknown }).stack]`,
    value: ['string', 'string'],
  },
  {
    name: "the host's stack in errors that cross",
    code: `Error.stackTraceLimit = 1000; const stacks: string[] = []; const failures = [() => tools.echo({}), () => artifacts.load('none'), () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])), () => atob('%'), () => new URL(''), () => new Intl.NumberFormat('xx-invalid-locale-x')]; for (const fail of failures) { try { await fail() } catch (error) { stacks.push(String((error as Error).stack)) } } stacks.join()`,
    value: expect.not.stringMatching(/node_modules|\/src\/|\/dist\/|file:|isolate\.ts/u),
  },
  {
    name: 'functions of the runtime through the stack of a getter',
    code: `const seen: unknown[] = []; const spy = { get text() { const f = spy; void f; try { seen.push((Object.getOwnPropertyDescriptor(spy, 'text') as { get: { caller?: unknown } }).get.caller) } catch (error) { seen.push((error as Error).name) } return 'x' } }; await tools.echo(spy); [...new Set(seen)]`,
    value: ['TypeError'],
  },
  {
    name: 'the species of promises',
    code: `const spied: unknown[] = []; Object.defineProperty(Promise, Symbol.species, { configurable: true, get() { return class extends Promise<unknown> { constructor(executor: never) { super(executor); spied.push(1) } } } }); await tools.echo({ text: 'x' }); const count = spied.length; Object.defineProperty(Promise, Symbol.species, { configurable: true, get() { return this } }); count`,
    value: 0,
  },
  {
    name: 'output that catches being told to stop',
    code: 'for (;;) { try { console.log("x".repeat(1000)) } catch {} }',
    ends: ['OUTPUT_LIMIT'],
    options: { stdoutBytes: 10_000 },
  },
  {
    name: 'calls that catch being told to stop',
    code: 'for (;;) { try { await tools.echo({ text: "x" }) } catch {} }',
    ends: ['CALL_LIMIT'],
    options: { hostCalls: 3 },
  },
  {
    name: 'time that passes in functions of the host',
    code: 'for (;;) new URL("http://a/b?c=d")',
    ends: ['CPU_LIMIT'],
    options: { cpuTimeMs: 200 },
  },
  {
    name: 'a rejection whose message never comes to an end',
    code: `Promise.reject(Object.defineProperty(new Error(), 'message', { get() { for (;;); } })); 1`,
    ends: ['CPU_LIMIT'],
    options: { cpuTimeMs: 200 },
  },
  {
    name: 'a rejection that looks as if the isolate were gone',
    code: `Promise.reject(new Error('Isolate was disposed during execution')); 1`,
    ends: ['MEMORY_LIMIT'],
  },
  {
    name: 'buffers that fill the memory at once',
    code: 'globalThis.all = []; for (;;) (globalThis as unknown as { all: unknown[] }).all.push(new ArrayBuffer(5e7))',
    ends: ['MEMORY_LIMIT'],
  },
  {
    name: 'parts of one text without end',
    code: `const text = 'x,'.repeat(2e7); const parts = []; for (;;) parts.push(text.split(','))`,
    ends: ['MEMORY_LIMIT', 'SANDBOX_CRASHED', 'CPU_LIMIT'],
  },
];

/** V8 does them well within the limits. */
const HARMLESS = ['many short native operations', 'a chain of a million promises'];
/** Here the code meets another limit first. */
const ENDS = new Map<string, Attack['ends']>([['endless microtasks', ['CPU_LIMIT', 'MEMORY_LIMIT']]]);

function forV8(attacks: readonly Attack[]): readonly Attack[] {
  return attacks
    .filter(({ name }) => !HARMLESS.includes(name))
    .map((attack) => {
      const ends = ENDS.get(attack.name) ?? attack.ends;
      return ends === undefined ? attack : { ...attack, ends };
    });
}

describe('V8 in a process', () => {
  const executor = new SubprocessExecutor();
  let session: Awaited<ReturnType<typeof openTempSession>>;
  let neighbour: Awaited<ReturnType<typeof openTempSession>>;
  beforeAll(async () => {
    session = await openTempSession(TOOLS, { executor });
    neighbour = await openTempSession(TOOLS, { executor });
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await neighbour[Symbol.asyncDispose]();
    await executor.close();
  });

  describe.each([
    ['reaching out', REACHING_OUT],
    ['CPU', CPU],
    ['encoding', ENCODING],
    ['memory and stack', MEMORY],
    ['native loops', NATIVE],
    ['ways of V8', SPECIFIC],
  ] as const)('withstands: %s', (_class, attacks) => {
    it.each(forV8(attacks))('$name', { timeout: 60_000 }, async (attack) => {
      await withstand(attack, session, neighbour);
    });
  });

  it.each(POISONING)('is not poisoned for later runs: $name', async (attack) => {
    await using poisonedSession = await openTempSession(TOOLS, { executor });
    const poisoned = await poisonedSession.run(attack.code);
    expect(poisoned.ok ? poisoned.value : poisoned.error).toEqual(attack.value);
    expect(
      await poisonedSession.run(
        `const answer = { list: [1, { two: 2 }], text: await tools.echo({ text: 'still' }), skill: await skills.double(21) }; console.log('seen'); answer`,
      ),
    ).toMatchObject({ ok: true, stdout: 'seen\n', value: { list: [1, { two: 2 }], text: 'still\n', skill: 42 } });
  });
});

it.each(['v8', 'quickjs'] as const)('does nothing of what was called as the run ended: %s', async (engine) => {
  await using executor = new SubprocessExecutor({ engine });
  await using session = await openTempSession(TOOLS, { executor });
  const calls: string[] = [];
  const result = await session.run(
    "artifacts.save('late.txt', 'x'); skills.create('late', 'export const run = () => 1'); 1",
    { onEvent: ({ type }) => type.startsWith('call-') && calls.push(type) },
  );
  // Each was only told: what is begun first ends later.
  expect(calls).toEqual(['call-start', 'call-end', 'call-start', 'call-end']);
  expect(result).toMatchObject({ ok: true, toolCalls: [{ outcome: 'cancelled' }, { outcome: 'cancelled' }] });
  expect(result.warnings.join()).toContain('artifacts.save was called and not awaited');
  expect(await session.listArtifacts()).toEqual([]);
  expect((await session.listSkills()).map(({ name }) => name)).not.toContain('late');
});
