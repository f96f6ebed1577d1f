import { readFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { QuickJS } from 'quickjs-wasi';
import type { JSValueHandle } from 'quickjs-wasi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeValue } from '../../src/protocol/codec/decode.ts';
import { encodeValue } from '../../src/protocol/codec/encode.ts';
import type { EncodedValue } from '../../src/protocol/codec/message.ts';
import { data, graph } from '../protocol/codec/graph.ts';
import { difference } from '../protocol/codec/same-graph.ts';

const fixture = (name: string): string => new URL(`./fixtures/${name}`, import.meta.url).pathname;
const prelude = buildSync({
  entryPoints: [fixture('codec-entry.ts')],
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'guest',
  target: 'es2024',
});
const preludeText = prelude.outputFiles[0]?.text ?? '';
const pollution = readFileSync(fixture('pollute.js'), 'utf8');
const wasm = new WebAssembly.Module(readFileSync(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm'))));

/** The engine with the guest's code in it, and the handles that reach it whatever happens to the global object. */
class Guest {
  readonly #vm: QuickJS;
  readonly #functions: ReadonlyMap<string, JSValueHandle>;

  private constructor(vm: QuickJS, functions: ReadonlyMap<string, JSValueHandle>) {
    this.#vm = vm;
    this.#functions = functions;
  }

  /** `values`: source of an object whose properties are values of the agent's, made before anything is polluted. */
  static async start(values: string, isPolluted: boolean): Promise<Guest> {
    const vm = await QuickJS.create({ wasm, memoryLimit: 256 * 1024 * 1024, maxStackSize: 512 * 1024 });
    vm.evalCode(preludeText).dispose();
    const functions = new Map<string, JSValueHandle>();
    for (const name of ['encode', 'decode', 'inspect', 'structuredCloneInGuest', 'takeOutput'])
      functions.set(name, vm.evalCode(`guest.${name}`));
    functions.set('log', vm.evalCode('guest.guestConsole.log'));
    functions.set('table', vm.evalCode('guest.guestConsole.table'));
    functions.set('message', vm.evalCode('(error) => error.code + " " + error.name + " " + error.message'));
    functions.set('values', vm.evalCode(`({ __proto__: null, ...(${values}) })`));
    if (isPolluted) vm.evalCode(pollution).dispose();
    return new Guest(vm, functions);
  }

  get values(): JSValueHandle {
    return this.#function('values');
  }

  encode(value: JSValueHandle, maxBytes = 1e8): EncodedValue {
    return this.#readMessage(this.#call('encode', value, this.#vm.newNumber(maxBytes)));
  }

  decode({ text, plain, parts }: EncodedValue): JSValueHandle {
    const list = this.#vm.evalCode('[]');
    parts.forEach((part, i) => {
      const handle = typeof part === 'string' ? this.#vm.newString(part) : this.#vm.newArrayBuffer(part);
      this.#vm.defineProp(list, String(i), handle, { writable: true, enumerable: true, configurable: true });
    });
    return this.#call('decode', this.#vm.newString(text), plain ? this.#vm.true : this.#vm.false, list);
  }

  /** The value after it went in and came out again. */
  echo(value: unknown): unknown {
    return decodeValue(this.encode(this.decode(encodeValue(value, { maxBytes: 1e8 }))));
  }

  inspect(value: JSValueHandle): string {
    return this.#call('inspect', value).toString();
  }

  clone(value: JSValueHandle): JSValueHandle {
    return this.#call('structuredCloneInGuest', value);
  }

  log(method: 'log' | 'table', ...values: JSValueHandle[]): string {
    this.#call(method, ...values);
    return this.#call('takeOutput').toString();
  }

  string(text: string): JSValueHandle {
    return this.#vm.newString(text);
  }

  /** What `encode` threw, as text. */
  refusal(value: JSValueHandle, maxBytes?: number): string {
    try {
      this.encode(value, maxBytes);
    } catch (error) {
      if (!(error instanceof Error) || !('handle' in error)) throw error;
      return `${error.name} ${error.message}`;
    }
    throw new Error('It was encoded');
  }

  dispose(): void {
    this.#vm.dispose();
  }

  #function(name: string): JSValueHandle {
    const handle = this.#functions.get(name);
    if (handle === undefined) throw new Error(`No ${name}`);
    return handle;
  }

  #call(name: string, ...args: JSValueHandle[]): JSValueHandle {
    return this.#vm.callFunction(this.#function(name), this.#vm.undefined, ...args);
  }

  #readMessage(message: JSValueHandle): EncodedValue {
    const list = message.getProp('parts');
    const parts = Array.from({ length: list.getProp('length').toNumber() }, (_, i) => {
      const part = list.getProp(String(i));
      const bytes: unknown = part.isString ? part.toString() : this.#vm.dump(part);
      if (typeof bytes === 'string' || bytes instanceof ArrayBuffer) return bytes;
      if (bytes instanceof Uint8Array) return bytes.slice().buffer;
      throw new TypeError('A part is neither a string nor bytes');
    });
    return { text: message.getProp('text').toString(), plain: message.getProp('plain').toBoolean(), parts };
  }
}

const zeros = new ArrayBuffer(64);

/** Values that only the engine's own code can make; each as the host should see it. */
const VALUES: Record<string, readonly [source: string, expected: unknown]> = {
  plain: ['{ a: [1, "x", null, { b: true }] }', { a: [1, 'x', null, { b: true }] }],
  records: [
    '[{ id: 1, tags: ["a"] }, { id: 2, tags: [] }]',
    [
      { id: 1, tags: ['a'] },
      { id: 2, tags: [] },
    ],
  ],
  holes: ['[, 1, , undefined]', [, 1, , undefined]], // oxlint-disable-line no-sparse-arrays
  numbers: ['[NaN, -0, Infinity, -5n, 1.5]', [NaN, -0, Infinity, -5n, 1.5]],
  keyed: [
    'JSON.parse(\'{"__proto__":{"x":1},"then":1,"toJSON":2,"constructor":3}\')',
    JSON.parse('{"__proto__":{"x":1},"then":1,"toJSON":2,"constructor":3}'),
  ],
  collections: ['new Map([["k", new Set([1, { a: 2 }])]])', new Map([['k', new Set([1, { a: 2 }])]])],
  dates: ['[new Date(5), new Date(NaN)]', [new Date(5), new Date(NaN)]],
  regExp: ['/a[b]\\/c/giu', /a[b]\/c/giu],
  bytes: [
    '(() => { const b = new ArrayBuffer(64); return [new Uint8Array(b, 41, 2), new Float64Array(b, 48, 2), new DataView(b, 40, 1)] })()',
    [new Uint8Array(zeros, 41, 2), new Float64Array(zeros, 48, 2), new DataView(zeros, 40, 1)],
  ],
  instance: ['new (class Point { x = 1; #y = 2; get z() { return 3 } })', { x: 1 }],
  boxed: ['[Object(1), Object("s"), Object(2n)]', [1, 's', 2n]],
  long: ['["é".repeat(3000), "\\ud800".repeat(1500)]', ['é'.repeat(3_000), '\ud800'.repeat(1_500)]],
  nothing: ['undefined', undefined],
};
const FUNCTIONS: Record<string, string> = {
  callback: '{ items: [1, { cb() {} }] }',
  promise: '[Promise.resolve()]',
  generator: '(function* () {})()',
  weak: '{ w: new WeakMap() }',
};
const SHOWN: Record<string, string> = {
  mixed: '[1, -0, 5n, "it\'s", null, undefined, Symbol("s"), { a: { b: [new Map([[{ k: 1 }, new Set(["x"])]])] } }]',
  wide: 'Array.from({ length: 120 }, (_, i) => i)',
  kinds:
    '[new Date(0), /a/g, new Uint8Array(3), new ArrayBuffer(2), Object(1), () => 1, class A extends (class Base {}) {}, new (class B { x = 1 })]',
  error: 'Object.assign(new TypeError("bad", { cause: new Error("root") }), { code: "E" })',
  circular: '(() => { const a = {}; a.self = [a]; return a })()',
  strings: '["a\\nb\\u0000\\ud800", { "odd key": 1 }]',
};
const source = (entries: Record<string, string>): string =>
  Object.entries(entries)
    .map(([name, text]) => `${name}: ${text}`)
    .join(',');
const allValues = `{ ${source(Object.fromEntries(Object.entries(VALUES).map(([name, [text]]) => [name, text])))}, ${source(FUNCTIONS)}, ${source(Object.fromEntries(Object.entries(SHOWN).map(([name, text]) => [`shown_${name}`, text])))} }`;

describe.each([
  ['as the engine made it', false],
  ['where everything reachable was replaced', true],
])('in a realm %s', (_, isPolluted) => {
  let guest: Guest;
  let clean: Guest;

  beforeAll(async () => {
    guest = await Guest.start(allValues, isPolluted);
    clean = await Guest.start(allValues, false);
  });
  afterAll(() => {
    guest.dispose();
    clean.dispose();
  });

  it.each(Object.entries(VALUES))('a value of the agent crosses: %s', (name, [, expected]) => {
    expect(difference(decodeValue(guest.encode(guest.values.getProp(name))), expected)).toBeUndefined();
  });

  it.each(Object.entries(VALUES))('a value of the agent is cloned: %s', (name, [, expected]) => {
    expect(difference(decodeValue(guest.encode(guest.clone(guest.values.getProp(name)))), expected)).toBeUndefined();
  });

  it('any graph goes in and out', () => {
    fc.assert(
      fc.property(graph, (value) => {
        expect(difference(guest.echo(value), value)).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it('any data goes in and out', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(difference(guest.echo(value), value)).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['callback', 'value.items[1].cb is a function'],
    ['promise', 'value[0] is a Promise; await it first'],
    ['generator', 'value is an iterator'],
    ['weak', 'value.w is a WeakMap'],
  ])('what can not cross is refused: %s', (name, message) => {
    expect(guest.refusal(guest.values.getProp(name))).toContain(message);
  });

  it('what is too large is refused', () => {
    expect(guest.refusal(guest.values.getProp('records'), 20)).toMatch(/^EncodedTooLarge Cannot encode value/);
  });

  it.each(Object.keys(SHOWN))('is shown alike: %s', (name) => {
    const [shown, expected] = [guest, clean].map((one) => one.inspect(one.values.getProp(`shown_${name}`)));
    expect(shown).toBe(expected);
    expect(shown).not.toContain('throws');
  });

  it('is logged alike', () => {
    const [logged, expected] = [guest, clean].map((one) =>
      one.log(
        'log',
        one.string('%s, %d and %j:'),
        one.string('a'),
        one.string('5'),
        one.string('b'),
        one.values.getProp('shown_mixed'),
      ),
    );
    expect(logged).toBe(expected);
    expect(logged).toMatch(/^a, 5 and "b": \[/);
    const [table, expectedTable] = [guest, clean].map((one) => one.log('table', one.values.getProp('records')));
    expect(table).toBe(expectedTable);
    expect(table).toContain('│ (index) │ id │ tags');
  });
});

describe('in the engine', () => {
  it('a value nested 100,000 deep is refused, not a crash', async () => {
    const guest = await Guest.start(
      '{ deep: (() => { let v = 1; for (let i = 0; i < 1e5; i++) v = i % 2 ? [v] : new Map([[1, v]]); return v })() }',
      false,
    );
    expect(guest.refusal(guest.values.getProp('deep'))).toContain(
      'is too deeply nested; at most 2000 levels can cross',
    );
    expect(guest.inspect(guest.values.getProp('deep'))).toContain('[Map]');
    expect(guest.echo([1])).toEqual([1]);
    guest.dispose();
  });

  it('takes 10 MB of text or bytes as one part', async () => {
    const guest = await Guest.start('{ text: "é".repeat(5e6), bytes: new Uint8Array(1e7) }', false);
    const [text, bytes] = ['text', 'bytes'].map((name) => guest.encode(guest.values.getProp(name)));
    expect(text?.text).toBe('[0,"s"]');
    expect(text?.parts).toEqual(['é'.repeat(5_000_000)]);
    expect(bytes?.text).toBe('[[0,0,10000000,"Uint8Array","v"],"g"]');
    expect(bytes?.parts).toEqual([new ArrayBuffer(10_000_000)]);
    guest.dispose();
  });
});
