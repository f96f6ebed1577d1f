import { expect } from 'vitest';

import type { Attack } from './attack.ts';

/** Each of these must not find what it looks for. */
export const REACHING_OUT: readonly Attack[] = [
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

export const POISONING: readonly Attack[] = [
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
