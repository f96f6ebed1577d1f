import { inspect as nodeInspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/guest/inspect.ts';

class Point {
  x = 1;
  y = 2;
}
class Registry extends Map<string, number> {}
class Tagged {
  readonly [Symbol.toStringTag] = 'own tag';
}
Object.defineProperty(Point.prototype, 'hidden', { get: () => 1 });

function circular(): unknown {
  const parent: Record<string, unknown> = { name: 'parent' };
  parent['child'] = { parent, list: [parent] };
  return parent;
}

function boxed(value: unknown): object {
  const object: unknown = Object(value);
  return typeof object === 'object' && object !== null ? object : {};
}

function fail(): never {
  throw new Error('no');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function detached(): unknown {
  const buffer = new ArrayBuffer(1);
  buffer.transfer();
  return buffer;
}

const endlessPrototype: object = new Proxy({}, { getPrototypeOf: () => endlessPrototype });

function withFixedStack(error: Error, frames: string): Error {
  error.stack = `${error.name}: ${error.message}${frames}`;
  return error;
}

const shared = { a: 1 };
const frames = '\n    at work (run-1.ts:2:3)\n    at run-1.ts:5:1';

/** Shown letter for letter as Node shows them. */
const ORDINARY: Record<string, unknown> = {
  numbers: [1, -0, NaN, Infinity, 1.5e300],
  primitives: [undefined, null, true, 5n, Symbol('s'), 'text'],
  'top-level string': 'it\'s "quoted"',
  'strings with quotes': ["it's", '"', `it's "both"`, 'all \' " `', 'back`tick', '${x}'],
  'escaped strings': ['a\nb', 'tab\t', '\u0000\u001b\u007f\u0085', '\ud800', '\udc00x', 'smile 😀', 'back\\slash'],
  'empty containers': [{}, [], new Map(), new Set(), new Uint8Array()],
  'plain object': { a: 1, 'b-c': 'x', 3: true, _d: null, ['__proto__']: 1, $e: 1, ünï: 2 },
  'symbol keys': { a: 1, [Symbol('k')]: 2 },
  accessors: {
    get a() {
      throw new Error('not to be run');
    },
    set b(_: unknown) {},
    get c() {
      return 1;
    },
    set c(_: unknown) {},
  },
  'four levels': { a: { b: { c: { d: { e: { f: 1 } }, list: [[1]] } } } },
  'three levels fit a line': { a: { b: { c: 1 } } },
  'array of objects': Array.from({ length: 8 }, (_, id) => ({ id, name: `name ${id}`, tags: ['a', 'b'] })),
  'many numbers': Array.from({ length: 150 }, (_, i) => i * 7),
  'many strings': Array.from({ length: 30 }, (_, i) => 'x'.repeat(i % 9)),
  'mixed array': [1, 'two', { three: 3 }, [4], null, undefined, 7, 8],
  'exactly 101 numbers': Array.from({ length: 101 }, (_, i) => i),
  'a long line': { first: 'x'.repeat(60), second: 'y'.repeat(60), third: 1 },
  'a long string in an object': { text: `${'line of some length\n'.repeat(9)}end` },
  'a string over the limit': ['z'.repeat(10_050)],
  holes: [1, , 2, , , 3], // oxlint-disable-line no-sparse-arrays
  'only holes': Array(5),
  'array with properties': Object.assign([1, 2], { extra: true }),
  map: new Map<unknown, unknown>([
    ['a', 1],
    [{ k: 1 }, new Map([['inner', [1, 2]]])],
  ]),
  'large map': new Map(Array.from({ length: 120 }, (_, i) => [`key ${i}`, i])),
  set: new Set([1, 'a', { b: 2 }]),
  'large set': new Set(Array.from({ length: 120 }, (_, i) => i)),
  dates: [new Date(0), new Date(NaN), Object.assign(new Date(0), { note: 1 })],
  'regular expressions': [/a\/b/giu, /(?<year>\d{4})/],
  'typed arrays': [
    new Uint8Array([1, 2, 3]),
    new Float64Array([0.5, -0]),
    new BigInt64Array([1n]),
    new Uint8Array(120),
  ],
  buffer: new ArrayBuffer(3),
  'large buffer': new ArrayBuffer(101),
  'data view': new DataView(new ArrayBuffer(4), 1, 2),
  functions: [
    () => 1,
    function named() {},
    async () => {},
    function* generate() {},
    async function* both() {},
    Math.max,
  ],
  'function with properties': Object.assign(() => 1, { a: 1 }),
  classes: [Point, Registry, class extends Point {}],
  instances: [new Point(), new Registry([['a', 1]]), new Tagged()],
  'no prototype': { __proto__: null, a: 1 },
  'nested no prototype': { deep: { __proto__: null } },
  boxed: [Object(1), Object('abc'), Object(true), Object(1n), Object(Symbol('x'))],
  'boxed with property': Object.assign(boxed('ab'), { note: 1 }),
  circular: circular(),
  'circular map': (() => {
    const map = new Map<string, unknown>();
    map.set('self', map);
    return map;
  })(),
  'shared, not circular': [shared, shared],
  weak: [new WeakMap(), new WeakSet()],
  namespaces: [Math, JSON, Reflect],
  iterators: (function* () {})(),
  'weak reference inside': { a: new WeakMap() },
  error: withFixedStack(new TypeError('bad'), frames),
  'error without frames': withFixedStack(new RangeError('bad'), ''),
  'error in an object': { error: withFixedStack(new Error('two\nlines'), frames) },
  'error with properties': Object.assign(withFixedStack(new Error('no file'), frames), { code: 'ENOENT', errno: -2 }),
  'error with cause': withFixedStack(
    new Error('outer', { cause: withFixedStack(new Error('inner'), '\n    at other (a.ts:1:1)') }),
    frames,
  ),
  'error with a string as cause': withFixedStack(new Error('outer', { cause: 'because' }), frames),
  'errors of errors': withFixedStack(new AggregateError([withFixedStack(new Error('one'), '')], 'many'), frames),
  'named error': withFixedStack(Object.assign(new Error('x'), { name: 'AbortError' }), frames),
  'error of a class': withFixedStack(new (class QuotaError extends Error {})('full'), frames),
};

describe('inspect', () => {
  it.each(Object.entries(ORDINARY))('shows %s as Node does', (_, value) => {
    expect(inspect(value)).toBe(nodeInspect(value, { depth: 4 }));
  });

  it('shows any plain data as Node does', () => {
    const data = fc.anything({
      withNullPrototype: true,
      withSparseArray: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      maxDepth: 4,
    });
    fc.assert(
      fc.property(data, (value) => {
        expect(inspect(value)).toBe(nodeInspect(value, { depth: 4 }));
      }),
      { numRuns: 300 },
    );
  });

  it.each([-1, 0, 1, Infinity])('shows %d levels when asked to', (depth) => {
    const value = { a: { b: { c: { d: { e: { f: { g: {} } } } } } }, list: [[[]]] };
    expect(inspect(value, { depth })).toBe(nodeInspect(value, { depth }));
  });

  it('puts the name and message before frames that stand alone, as the guest engine has them', () => {
    const error = new TypeError('bad');
    error.stack = '    at work (run-1.ts:2:3)\n';
    expect(inspect(error)).toBe('TypeError: bad\n    at work (run-1.ts:2:3)');
  });

  it('tells that a promise is not awaited', () => {
    expect(inspect({ p: Promise.resolve(1) })).toBe('{ p: Promise { <await it to see its value> } }');
  });

  it('cuts long text, saying how much is left out', () => {
    expect(inspect(['x'.repeat(60)], { maxLength: 20 })).toBe(`[ '${'x'.repeat(17)}... 46 more characters`);
  });

  it('stops looking when enough is shown', () => {
    const wide: Record<string, unknown> = {};
    let seen = 0;
    for (let i = 0; i < 200_000; i++) wide[`k${i}`] = i;
    const watched = new Proxy(wide, {
      getOwnPropertyDescriptor(target, key) {
        seen++;
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    });
    const text = inspect([watched, watched], { maxLength: 1_000 });
    expect(text).toMatch(/more characters$/);
    // Object.keys of a proxy asks for every descriptor once.
    expect(seen).toBeLessThan(2 * 200_000 + 2_000);
  });

  it.each<[string, () => unknown]>([
    ['a trap that throws', () => new Proxy({}, { ownKeys: fail })],
    ['a revoked proxy', revoked],
    ['a proxy of a Map', () => new Proxy(new Map([[1, 2]]), {})],
    ['a false Date', (): unknown => Object.create(Date.prototype)],
    ['a false boxed number', (): unknown => Object.create(Number.prototype)],
    ['a detached buffer', detached],
    ['a prototype without end', () => endlessPrototype],
    ['an array of odd length', () => new Proxy([], { get: (_, key) => (key === 'length' ? 'many' : undefined) })],
    ['an error whose message throws', () => Object.defineProperty(new Error('x'), 'message', { get: fail })],
  ])('does not throw for %s', (_, make) => {
    const value = make();
    expect(inspect(value)).toMatch(/./);
    expect(inspect({ before: 1, value, after: 2 })).toMatch(/^\{[^]*before: 1,[^]*after: 2[^]*\}$/);
  });

  it('does not run into the end of the stack', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(typeof inspect(deep, { depth: Infinity })).toBe('string');
  });
});
