import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';
import { withstand } from './attack.ts';
import type { Attack } from './attack.ts';

const TOOLS = {
  'tools/echo.yaml': 'name: echo\ncommand: echo\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'skills/double.ts': '/** Doubles. */\nexport function run(n: number) { return n * 2 }\n',
};

/** Each of these must not find what it looks for. */
const REACHING_OUT: readonly Attack[] = [
  {
    name: 'host globals',
    code: '[typeof process, typeof require, typeof module, typeof fetch, typeof Buffer, typeof WebAssembly, typeof SharedArrayBuffer, typeof Worker, typeof postMessage, typeof globalThis.std, typeof globalThis.os, typeof globalThis.bjson]',
    value: Array(12).fill('undefined'),
  },
  { name: 'the constructor of a host call', code: 'tools.echo.constructor', value: undefined },
  {
    name: 'a Function from any reachable object',
    code: `
    const seen = new Set<unknown>(); const found: string[] = [];
    const look = (value: unknown, path: string): void => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || seen.size > 20000) return;
      seen.add(value);
      try {
        const make = (value as { constructor?: { constructor?: (code: string) => () => unknown } }).constructor?.constructor;
        if (typeof make === 'function') { const escaped = make('return typeof process + typeof require')(); if (escaped !== 'undefinedundefined') found.push(path) }
      } catch {}
      for (const key of Reflect.ownKeys(value as object)) {
        try { const d = Reflect.getOwnPropertyDescriptor(value as object, key); for (const part of ['value', 'get', 'set'] as const) look(d?.[part], path + '.' + String(key)) } catch {}
      }
      look(Reflect.getPrototypeOf(value as object), path + '.__proto__');
    };
    look(globalThis, 'globalThis'); look(tools, 'tools'); look(tools.echo({ text: 'x' }), 'promise'); look(await tools.echo({ text: 'x' }).catch((e: unknown) => e), 'value');
    found`,
    value: [],
  },
  {
    name: 'dynamic import through eval',
    code: `let answer = 'none'; try { await (0, eval)('import("node:fs")'); answer = 'imported' } catch (error) { answer = 'refused' }; answer`,
    value: 'refused',
  },
  {
    name: 'import.meta through eval',
    code: `let answer = ''; try { answer = typeof (0, eval)('import.meta') } catch (error) { answer = (error as Error).name }; answer`,
    value: 'SyntaxError',
  },
  {
    name: 'Function and the async, generator constructors',
    code: `const AsyncFunction = (async () => {}).constructor as FunctionConstructor; [Function('return typeof process')(), await AsyncFunction('return typeof process')()]`,
    value: ['undefined', 'undefined'],
  },
  {
    name: 'host stacks in errors of host calls',
    code: `try { await (tools as any).nothing(); '' } catch (error) { String((error as Error).stack) + (error as Error).message }`.replace(
      'as any',
      'as unknown as Record<string, () => Promise<void>>',
    ),
    value: expect.not.stringMatching(/node_modules|\/src\/|\/dist\/|file:/u),
  },
  {
    name: 'files outside by artifact names',
    code: `const names = ['../../etc/passwd', '/etc/passwd', 'a/../../b', 'C:\\\\x', 'a\\0b', '.records/x', '.artifacts.json', '', '.', '..', 'a//b', 'con', '~/x'.replace('~', '..')]; const out: unknown[] = []; for (const name of names) { try { await artifacts.save(name, 'x'); out.push(name) } catch (error) { if ((error as { code?: string }).code !== 'INVALID_NAME') out.push([name, String(error)]) } } out`,
    value: [],
  },
  {
    name: 'files outside by skill names',
    code: `const out: unknown[] = []; for (const name of ['../x', 'a/b', '__proto__', 'list', 'then', 'constructor', 'a.ts', '', 'a b', '_x', 'con']) { try { await skills.create(name, 'export function run() {}'); out.push(name) } catch {} } out`,
    value: [],
  },
];

const POISONING: readonly Attack[] = [
  {
    name: 'overwriting the namespaces',
    code: `const names = ['tools', 'skills', 'artifacts', 'console']; const held: string[] = []; for (const name of names) { const before = (globalThis as Record<string, unknown>)[name]; try { (globalThis as Record<string, unknown>)[name] = 1 } catch {} try { delete (globalThis as Record<string, unknown>)[name] } catch {} try { Object.defineProperty(globalThis, name, { value: 1 }) } catch {} if ((globalThis as Record<string, unknown>)[name] === before) held.push(name) } held`,
    value: ['tools', 'skills', 'artifacts', 'console'],
  },
  {
    name: 'assigning a namespace',
    code: `try { tools = 1; 'assigned' } catch (error) { (error as Error).name }`,
    value: 'TypeError',
  },
  {
    name: 'adding to a namespace',
    code: `try { (tools as Record<string, unknown>).mine = 1; 'added' } catch (error) { (error as Error).name }`,
    value: 'TypeError',
  },
  {
    name: 'console methods',
    code: `try { (console as unknown as Record<string, unknown>).log = () => {}; 'replaced' } catch (error) { (error as Error).name }`,
    value: 'TypeError',
  },
  {
    name: 'Object.prototype setters and toJSON',
    code: `
      const refused: string[] = [];
      const poison = { set() { throw new Error('poison') }, get() { throw new Error('poison') }, configurable: true };
      for (const [target, key] of [[Object.prototype, 'toJSON'], [Object.prototype, 'id'], [Object.prototype, 'get'], [Array.prototype, '0'], [Object.prototype, '0']] as const) {
        try { Object.defineProperty(target, key, poison) } catch { refused.push(key) }
      }
      try { Object.setPrototypeOf(Object.prototype, poison) } catch { refused.push('prototype') }
      [refused.length, await tools.echo({ text: 'x' }), { a: [1, { id: 2 }] }]`,
    value: [6, 'x\n', { a: [1, { id: 2 }] }],
  },
  {
    name: 'every method of the builtins',
    code: `
      const { ownKeys, getOwnPropertyDescriptor } = Reflect; const { defineProperty } = Object;
      const names = ['Map', 'Set', 'Array', 'String', 'RegExp', 'JSON', 'Reflect', 'Object', 'Date', 'Number', 'Error', 'Uint8Array', 'ArrayBuffer', 'WeakMap', 'Proxy', 'Symbol', 'Function'];
      const targets: object[] = [];
      for (const name of names) { const it = (globalThis as Record<string, any>)[name]; targets.push(it); if (it.prototype) targets.push(it.prototype) }
      const value = () => { throw 'poison' };
      for (let t = 0; t < targets.length; t++) {
        const keys = ownKeys(targets[t]!);
        for (let k = 0; k < keys.length; k++) {
          const d = keys[k] === 'constructor' || keys[k] === 'prototype' ? undefined : getOwnPropertyDescriptor(targets[t]!, keys[k]!);
          if (d?.configurable && typeof d.value === 'function') try { defineProperty(targets[t]!, keys[k]!, { value }) } catch {}
        }
      }
      undefined`,
    value: undefined,
  },
  {
    name: 'Promise.prototype.then',
    code: `try { Promise.prototype.then = (() => 'poisoned') as never; 'replaced' } catch (error) { (error as Error).name }`,
    value: 'TypeError',
  },
];

describe('the guest reaches nothing but its namespaces', () => {
  let session: Awaited<ReturnType<typeof openTempSession>>;
  let neighbour: Awaited<ReturnType<typeof openTempSession>>;
  beforeAll(async () => {
    session = await openTempSession(TOOLS);
    neighbour = await openTempSession(TOOLS);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await neighbour[Symbol.asyncDispose]();
  });

  it.each(REACHING_OUT)('reaching out: $name', async (attack) => {
    await withstand(attack, session, neighbour);
  });
});

describe('a run cannot poison later ones', () => {
  it.each(POISONING)('$name', async (attack) => {
    await using session = await openTempSession(TOOLS);
    await using neighbour = await openTempSession(TOOLS);
    const poisoned = await session.run(attack.code);
    expect(poisoned.ok ? poisoned.value : poisoned.error).toEqual(attack.value);
    const after = await session.run(
      `const answer = { list: [1, { two: 2 }], text: await tools.echo({ text: 'still' }), skill: await skills.double(21) }; console.log('seen'); answer`,
    );
    expect(after).toMatchObject({
      ok: true,
      stdout: 'seen\n',
      value: { list: [1, { two: 2 }], text: 'still\n', skill: 42 },
    });
    expect(await neighbour.run('[JSON.stringify({ a: 1 }), [3, 1, 2].sort()]')).toMatchObject({
      ok: true,
      value: ['{"a":1}', [1, 2, 3]],
    });
  });
});

describe('sessions do not see each other', () => {
  it('draws other random numbers in every session and after every restore', async () => {
    const drawn = new Set<unknown>();
    const draw = `[Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(4)).join()].join()`;
    const sessions = await Promise.all(Array.from({ length: 24 }, () => openTempSession()));
    for (const session of sessions) {
      for (let run = 0; run < 3; run += 1) {
        const result = await session.run(draw);
        expect(result.ok).toBe(true);
        if (result.ok) drawn.add(result.value);
      }
      // A run ended by a limit sends the session back to an earlier memory: it must not draw the same again.
      await session.run('Math.random(); for (;;);', { cpuTimeMs: 20 });
      const again = await session.run(draw);
      if (again.ok) drawn.add(again.value);
    }
    expect(drawn.size).toBe(24 * 4);
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  });

  it('gives no session the memory of another', async () => {
    const secret = 'S3CR3T-' + 'x'.repeat(20);
    for (let round = 0; round < 10; round += 1) {
      const owner = await openTempSession();
      await owner.run(`globalThis.secret = ${JSON.stringify(secret)}.repeat(1000)`);
      await owner[Symbol.asyncDispose]();
      await using thief = await openTempSession();
      const result = await thief.run(`
        const bytes = new Uint8Array(8_000_000); let found = false;
        for (let i = 0; i < bytes.length; i += 4096) if (bytes[i] !== 0) found = true;
        [typeof globalThis.secret, found, Object.keys(globalThis).includes('secret')]`);
      expect(result).toMatchObject({ ok: true, value: ['undefined', false, false] });
    }
  });
});
