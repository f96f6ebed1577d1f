import { describe, expect, it } from 'vitest';
import { CodeModeError } from '../../../src/errors/code-mode-error.ts';
import { decodeValue } from '../../../src/protocol/codec/decode.ts';
import { EncodedTooLarge, encodedSize, encodeValue } from '../../../src/protocol/codec/encode.ts';

function refusalOf(value: unknown, root?: string): string {
  try {
    encodeValue(value, { maxBytes: 1e9, ...(root === undefined ? {} : { root }) });
  } catch (error) {
    if (error instanceof CodeModeError && error.code === 'NOT_TRANSFERABLE') return error.message;
    throw error;
  }
  throw new Error('It was encoded');
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? { v: value } : [value];
  return value;
}

function growingMap(): unknown {
  const map = new Map<unknown, unknown>();
  const growing = {
    get more(): boolean {
      return map.size < 50 && map.set(map.size, growing) === map;
    },
  };
  return map.set(0, growing);
}

function shrinkingArray(): unknown {
  const list: unknown[] = [1, undefined, 3, 4];
  return Object.defineProperty(list, 0, { get: () => (list.length = 1), enumerable: true });
}

function fickleObject(): unknown {
  let reads = 0;
  return {
    get a(): unknown {
      return reads++ === 0 ? 1 : { toJSON: () => ['anything'] };
    },
  };
}

/** An array that says it is of some length. */
function withLength(list: unknown[], length: unknown, onRead?: () => void): unknown {
  return new Proxy(list, {
    get(target, key): unknown {
      onRead?.();
      return key === 'length' ? length : Reflect.get(target, key);
    },
  });
}

function endless(): unknown {
  return {
    get next(): unknown {
      return endless();
    },
  };
}

const detached = new ArrayBuffer(1);
detached.transfer();

describe('what can not cross', () => {
  it.each<[string, unknown, string]>([
    ['a function', { items: [1, 2, 3, { callback() {} }] }, 'result.items[3].callback is a function'],
    ['a class', { a: Map }, 'result.a is a function'],
    ['a function alone', () => 1, 'result is a function'],
    ['a symbol', [Symbol('s')], 'result[0] is a symbol'],
    ['a boxed symbol', [Object(Symbol('s'))], 'result[0] is a Symbol'],
    ['a promise', { later: Promise.resolve(1) }, 'result.later is a Promise; await it first'],
    ['a WeakMap', { 'odd key': new WeakMap() }, 'result["odd key"] is a WeakMap'],
    ['a WeakSet', new WeakSet(), 'result is a WeakSet'],
    ['a WeakRef', [new WeakRef({})], 'result[0] is a WeakRef'],
    ['a generator', (function* () {})(), 'result is an iterator'],
    ['an async generator', (async function* () {})(), 'result is an iterator'],
    ['an array iterator', [[].values()], 'result[0] is an iterator'],
    ['a value of a Map', new Map([['key', () => 1]]), 'result.get("key") is a function'],
    ['a value of a Map under an object', new Map([[{}, () => 1]]), 'result (value 0) is a function'],
    ['a key of a Map', new Map([[() => 1, 1]]), 'result (key 0) is a function'],
    ['an element of a Set', new Set([1, () => 1]), 'result (value 1) is a function'],
    ['a property of an error', Object.assign(new Error('x'), { retry: () => 1 }), 'result.retry is a function'],
    ['a cause', new Error('x', { cause: [Symbol('s')] }), 'result.cause[0] is a symbol'],
    ['shared memory', { a: new SharedArrayBuffer(1) }, 'result.a is a SharedArrayBuffer'],
    [
      'a view of shared memory',
      { a: new Uint8Array(new SharedArrayBuffer(1)) },
      'result.a is backed by a SharedArrayBuffer',
    ],
    ['a detached buffer', [detached], 'result[0] is backed by a detached ArrayBuffer'],
    ['a proxy of a Map', { a: new Proxy(new Map(), {}) }, 'result.a is no genuine Map'],
    ['what only claims to be a Date', [Object.create(Date.prototype)], 'result[0] is no genuine Date'],
    ['what is nested too deep', nested(2_003), ' is too deeply nested; at most 2000 levels can cross'],
  ])('%s is refused, naming where it is', (_, value, expected) => {
    expect(refusalOf(value, 'result')).toContain(expected);
  });

  it('is named by the root that the caller gives', () => {
    expect(refusalOf([() => 1])).toContain(': value[0] is');
    expect(refusalOf([() => 1], 'argument 1')).toContain(': argument 1[0] is');
  });

  it('is named by the first and last steps of a long way', () => {
    const message = refusalOf(nested(100_000));
    expect(message).toMatch(
      /^Cannot pass on the value: value(\[0\]|\.v){12} \.\.\. (\[0\]|\.v){12,13} is too deeply nested;/,
    );
  });

  it('does not shorten a long key without saying so', () => {
    expect(refusalOf({ [`k${'x'.repeat(5_000)}`]: () => 1 })).toMatch(/value\["kx{99}\.\.\."\] is a function/);
  });

  it('is told from what crosses at the deepest level', () => {
    expect(decodeValue(encodeValue(nested(2_000), { maxBytes: 1e6 }))).toEqual(nested(2_000));
  });

  it('may be an exception of the value itself', () => {
    const value = {
      get broken(): never {
        throw new RangeError('own');
      },
    };
    expect(() => encodeValue(value, { maxBytes: 1e6 })).toThrow(new RangeError('own'));
  });
});

describe('a value that changes while it is walked', () => {
  it('is refused when a buffer shrinks', () => {
    const buffer = new ArrayBuffer(8);
    const value = [
      new Uint8Array(buffer),
      {
        get late(): number {
          buffer.transfer();
          return 1;
        },
      },
    ];
    expect(refusalOf(value)).toContain('value is no longer what it was');
  });

  it.each<[string, () => unknown]>([
    ['a Map that grows', growingMap],
    ['an array that shrinks', shrinkingArray],
    ['an object that is not plain the second time', fickleObject],
    [
      'a proxy that lists its keys in an odd order',
      () => new Proxy({ b: {}, 2: {}, 1: {} }, { ownKeys: () => ['b', '2', '1'] }),
    ],
    ['an array of odd length', () => withLength([1, 2], '2')],
  ])('still makes a message: %s', (_, make) => {
    const encoded = encodeValue(make(), { maxBytes: 1e6 });
    expect(() => decodeValue(encoded)).not.toThrow();
  });
});

describe('a value that is too large', () => {
  it.each<[string, unknown, string]>([
    ['long strings', { list: ['x'.repeat(600), 'y'.repeat(600)] }, 'value.list'],
    ['a string of its own part', { a: { b: 'x'.repeat(2_000) } }, 'value.a'],
    ['bytes', { a: [new Uint8Array(2_000)] }, 'value.a[0]'],
    ['many elements', { numbers: Array.from({ length: 1_000 }, () => 1) }, 'value.numbers'],
    ['many holes', [Array(4_000_000_000)], 'value[0]'],
    ['many entries', { m: new Map(Array.from({ length: 500 }, (_, i) => [i, i])) }, 'value.m'],
    ['many elements of a Set', { s: new Set(Array.from({ length: 500 }, (_, i) => i)) }, 'value.s'],
    ['long keys', { [`k${'x'.repeat(1_100)}`]: 1 }, 'value'],
    ['one string many times', Array.from({ length: 100_000 }, () => 'x'.repeat(1_000)), 'value'],
    ['a long message of an error', [new Error('x'.repeat(1_500))], 'value[0]'],
    ['a bigint', [2n ** 10_000n], 'value'],
  ])('for its %s says where', (_, value, path) => {
    expect(() => encodeValue(value, { maxBytes: 1_000 })).toThrow(
      expect.objectContaining({ name: 'EncodedTooLarge', limitBytes: 1_000, path }),
    );
  });

  it('is not walked much further than the limit', () => {
    let reads = 0;
    const list = withLength([0], 1_000_000, () => reads++);
    expect(() => encodeValue({ list, text: undefined }, { maxBytes: 10_000 })).toThrow(EncodedTooLarge);
    expect(reads).toBeLessThan(20_100);
  });

  it('may be one without end', () => {
    expect(() => encodeValue(endless(), { maxBytes: 1_000 })).toThrow(EncodedTooLarge);
  });

  it('is measured as encodedSize measures', () => {
    for (const value of [
      [1, undefined, 'é'],
      { a: new Uint8Array(50), text: 'x'.repeat(3_000) },
      'x'.repeat(5_000),
      new Map([[1, 2]]),
    ]) {
      const size = encodedSize(encodeValue(value, { maxBytes: Infinity }));
      expect(encodedSize(encodeValue(value, { maxBytes: size }))).toBe(size);
      expect(() => encodeValue(value, { maxBytes: size - 4 })).toThrow(EncodedTooLarge);
    }
  });
});
