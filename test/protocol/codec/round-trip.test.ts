import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue } from '../../../src/protocol/codec/decode.ts';
import { encodedSize, encodeValue } from '../../../src/protocol/codec/encode.ts';
import { encodeHostValue } from '../../../src/protocol/codec/encode-host-value.ts';
import { data, graph } from './graph.ts';
import { difference } from './same-graph.ts';

const NO_LIMIT = { maxBytes: Infinity };

/** Out and back, through a copy of the message as another thread gets it. */
function roundTrip(value: unknown): unknown {
  return decodeValue(structuredClone(encodeValue(value, NO_LIMIT)));
}

class Invoice {
  total = 5;
  readonly #secret = 1;
  get secret(): number {
    return this.#secret;
  }
}

describe('a value that crosses', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['a number', 1.5],
    ['NaN', NaN],
    ['infinities', [Infinity, -Infinity]],
    ['-0', -0],
    ['a bigint', [0n, -1n, 2n ** 200n, -(2n ** 64n)]],
    ['lone surrogates', ['\ud800', 'a\udc00b', '\ud800'.repeat(2_000)]],
    ['a long string', 'é😀'.repeat(5_000)],
    ['a date', [new Date(0), new Date(-1), new Date(NaN)]],
    ['a regular expression', [/a\/b/dgimsuy, /[\p{L}--a]/v, new RegExp(''), new RegExp('\n')]],
    ['a regular expression with a long source', new RegExp('a'.repeat(3_000))],
    ['a Map with objects as keys', new Map<unknown, unknown>([[{ a: 1 }, new Map([[NaN, -0]])]])],
    ['a Set', new Set([1, undefined, [], 'x'])],
    ['holes', [, 1, , undefined, ,]], // oxlint-disable-line no-sparse-arrays
    ['an array of nothing but holes', Array(2_000)],
    ['an object without a prototype', Object.assign(Object.create(null), { a: { b: 1 } })],
    [
      'own properties of awkward names',
      JSON.parse('{"__proto__": {"x": 1}, "constructor": 1, "toJSON": 2, "then": null, "2": 0, "1": 0, "": 1}'),
    ],
    ['empty containers', [[], {}, new Map(), new Set(), new Uint8Array(), new ArrayBuffer(0)]],
    [
      'an error',
      Object.assign(new RangeError('bad', { cause: { deep: new Error('root') } }), {
        code: 'E_BAD',
        details: { n: 1 },
      }),
    ],
    ['an AggregateError', new AggregateError([new Error('one'), 2], 'many')],
    ['an error with a cause that is undefined', new Error('x', { cause: undefined })],
    ['data views', [new DataView(new ArrayBuffer(9), 3, 5)]],
    [
      'elements of every type',
      [
        new Int8Array([-1]),
        new Uint8ClampedArray([300]),
        new Float32Array([0.5]),
        new BigUint64Array([2n ** 64n - 1n]),
      ],
    ],
  ])('keeps %s', (_, value) => {
    expect(difference(roundTrip(value), value)).toBeUndefined();
  });

  it('keeps what is shared, and cycles', () => {
    const shared = { date: new Date(1) };
    const value: Record<string, unknown> = {
      first: shared,
      again: [shared],
      map: new Map<unknown, unknown>([[shared, shared]]),
    };
    value['self'] = value;
    const cause = new Error('in a circle', { cause: 1 });
    cause.cause = cause;
    value['cause'] = cause;
    expect(difference(roundTrip(value), value)).toBeUndefined();
  });

  it('keeps any graph', () => {
    fc.assert(
      fc.property(graph, (value) => {
        expect(difference(roundTrip(value), value)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps any data', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(difference(roundTrip(value), value)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('is plain JSON where JSON can carry it', () => {
    expect(encodeValue({ a: [1, 'x', null, { b: true }] }, NO_LIMIT)).toEqual({
      text: '{"a":[1,"x",null,{"b":true}]}',
      plain: true,
      parts: [],
    });
    const shared = {};
    for (const value of [
      [shared, shared],
      [undefined],
      [-0],
      ['x'.repeat(1_025)],
      [new Date()],
      [Object.create(null)],
      Array(1),
    ]) {
      expect(encodeValue(value, NO_LIMIT).plain).toBe(false);
    }
  });

  it('becomes a plain object where it is an instance of a class', () => {
    expect(roundTrip({ list: [new Invoice()] })).toEqual({ list: [{ total: 5 }] });
    expect(Object.getPrototypeOf(roundTrip(new Invoice()))).toBe(Object.prototype);
  });

  it('becomes a primitive where it is a boxed one', () => {
    expect(roundTrip([Object(1), Object('s'), Object(false), Object(5n)])).toEqual([1, 's', false, 5n]);
    expect(roundTrip(Object(-0))).toBe(-0);
  });

  it('leaves out symbol keys, properties that are not enumerable, and further properties of arrays', () => {
    const value = Object.defineProperty({ a: 1, [Symbol('s')]: 2 }, 'hidden', { value: 3 });
    expect(roundTrip([value, Object.assign([1], { extra: 2 })])).toEqual([{ a: 1 }, [1]]);
  });

  it('has its getters read', () => {
    expect(
      roundTrip({
        get now() {
          return new Date(3);
        },
      }),
    ).toEqual({ now: new Date(3) });
  });

  it('crosses as what the special hook says', () => {
    const encodeSpecial = (value: object): string | undefined => (value instanceof Invoice ? 'invoice' : undefined);
    const value = [new Invoice(), { a: 1 }, new Map([[new Invoice(), 1]])];
    expect(decodeValue(encodeValue(value, { ...NO_LIMIT, encodeSpecial }))).toEqual([
      'invoice',
      { a: 1 },
      new Map([['invoice', 1]]),
    ]);
  });
});

describe('bytes', () => {
  it('share a buffer where they did', () => {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const value = { whole: buffer, views: [new Uint8Array(buffer, 2, 3), new Uint16Array(buffer, 4)] };
    const decoded = roundTrip(value);
    expect(difference(decoded, value)).toBeUndefined();
    expect(decoded).toMatchObject({
      views: [
        { byteOffset: 2, length: 3 },
        { byteOffset: 4, length: 2 },
      ],
    });
    expect(decoded).toHaveProperty('views.0.buffer', Reflect.get(Object(decoded), 'whole'));
  });

  it('cross as their own buffer, not as a copy', () => {
    const bytes = new Uint8Array(10_000_000);
    expect(encodeValue({ bytes }, NO_LIMIT).parts).toEqual([bytes.buffer]);
    expect(encodeValue({ bytes }, NO_LIMIT).parts[0]).toBe(bytes.buffer);
  });

  it('that no view shows do not cross', () => {
    const pool = new Uint8Array(1_000).fill(7).buffer;
    const value = [new Uint8Array(pool, 501, 4), new Uint8Array(pool, 510, 1)];
    const encoded = encodeValue(value, NO_LIMIT);
    expect(encodedSize(encoded)).toBeLessThan(120);
    const decoded = decodeValue(encoded);
    expect(decoded).toEqual(value);
    const first: unknown = Reflect.get(Object(decoded), 0);
    const second: unknown = Reflect.get(Object(decoded), 1);
    if (!(first instanceof Uint8Array) || !(second instanceof Uint8Array)) throw new TypeError('No views were decoded');
    expect(first.buffer).toBe(second.buffer);
    // Up to 7 bytes in front keep views of wide elements aligned; they are zeros.
    expect([...new Uint8Array(first.buffer, 0, first.byteOffset)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('of a Node Buffer cross without those of its pool', () => {
    const encoded = encodeValue(Buffer.from('short'), NO_LIMIT);
    expect(encodedSize(encoded)).toBeLessThan(100);
    expect(Buffer.from(Object(decodeValue(encoded))).toString()).toBe('short');
  });

  it('keep their alignment', () => {
    const buffer = new ArrayBuffer(64);
    const value = [new Float64Array(buffer, 24, 2), new Uint8Array(buffer, 21, 1)];
    expect(difference(roundTrip(value), value)).toBeUndefined();
  });

  it('of a resizable buffer cross as they are now', () => {
    const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
    const view = new Uint8Array(buffer);
    buffer.resize(6);
    const decoded = roundTrip([view, buffer]);
    expect(decoded).toEqual([new Uint8Array(6), new ArrayBuffer(6)]);
  });
});

describe('a value of the host', () => {
  const options = { maxBytes: Infinity, root: 'result' };

  it('crosses with URLs as text', () => {
    const value = { url: new URL('https://example.com/a?b=1'), query: new URLSearchParams({ b: '1 2' }) };
    expect(decodeValue(encodeHostValue(value, options))).toEqual({ url: 'https://example.com/a?b=1', query: 'b=1+2' });
  });

  it('crosses without the stacks of errors, which name files of the host', () => {
    const { text } = encodeHostValue([new Error('bad', { cause: new Error('worse') })], options);
    expect(text).not.toContain('round-trip.test');
    expect(decodeValue(encodeHostValue(new TypeError('bad'), options))).toMatchObject({
      message: 'bad',
      stack: 'TypeError: bad',
    });
  });
});
