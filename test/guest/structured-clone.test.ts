import { describe, expect, it } from 'vitest';
import { structuredCloneInGuest } from '../../src/guest/structured-clone.ts';

const twice = new ArrayBuffer(1);

describe('structuredCloneInGuest', () => {
  it('clones what the web clones', () => {
    const shared = { x: 1 };
    const value = {
      list: [1, undefined, -0, NaN, 5n, 'text', null],
      map: new Map<unknown, unknown>([['k', new Set([1])]]),
      date: new Date(5),
      regExp: /a/gi,
      first: shared,
      second: shared,
      bytes: new Uint8Array([1, 2, 3]).subarray(1),
      error: new TypeError('bad', { cause: 1 }),
    };
    const clone = structuredCloneInGuest(value);
    expect(clone).toEqual(structuredClone(value));
    expect(clone).not.toBe(value);
    expect(clone).toHaveProperty('first', Reflect.get(Object(clone), 'second'));
  });

  it('copies the whole buffer of a view, as it stands in it', () => {
    const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const clone = structuredCloneInGuest(bytes);
    if (!(clone instanceof Uint8Array)) throw new Error('no Uint8Array');
    expect([clone.byteOffset, clone.length, clone.buffer.byteLength]).toEqual([1, 2, 4]);
    clone[0] = 9;
    expect(bytes[0]).toBe(2);
  });

  it('moves the buffers that are to be transferred, also those that the value does not hold', () => {
    const inside = new Uint8Array([1, 2]).buffer;
    const outside = new ArrayBuffer(1);
    const clone = structuredCloneInGuest({ inside }, { transfer: [inside, outside] });
    expect([inside.detached, outside.detached]).toEqual([true, true]);
    expect(clone).toEqual({ inside: new Uint8Array([1, 2]).buffer });
  });

  it.each([
    ['a function', { a: () => 1 }, 'value.a is a function'],
    ['a symbol', [Symbol('s')], 'value[0] is a symbol'],
    ['a promise', Promise.resolve(), 'value is a Promise'],
  ])('refuses %s', (_, value, message) => {
    expect(() => structuredCloneInGuest(value)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
    expect(() => structuredCloneInGuest(value)).toThrow(message);
  });

  it.each([
    ['no array', {}],
    ['something else than a buffer', [1]],
    ['a buffer twice', [twice, twice]],
  ])('refuses a transfer list that is or has %s', (_, transfer) => {
    expect(() => structuredCloneInGuest(1, { transfer })).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
  });

  it('moves nothing when it refuses', () => {
    const buffer = new ArrayBuffer(1);
    expect(() => structuredCloneInGuest([buffer, () => 1], { transfer: [buffer] })).toThrow('value[1] is a function');
    expect(buffer.detached).toBe(false);
  });

  it("passes on what the value's own getters throw", () => {
    const value = {
      get broken(): never {
        throw new RangeError('own');
      },
    };
    expect(() => structuredCloneInGuest(value)).toThrow(new RangeError('own'));
  });
});
