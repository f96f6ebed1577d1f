import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonForm } from '../../src/protocol/json-form.ts';

describe('toJsonForm', () => {
  it('leaves JSON as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(toJsonForm(value))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('gives everything else the nearest form', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const value = {
      bytes: new Uint8Array([1, 2]),
      map: new Map([['a', new Set([1n])]]),
      date: new Date(0),
      never: new Date(Number.NaN),
      pattern: /a/g,
      error: new TypeError('no'),
      nothing: undefined,
      list: [undefined, Number.NaN],
      cycle,
    };
    expect(JSON.parse(JSON.stringify(toJsonForm(value)))).toEqual({
      bytes: 'AQI=',
      map: [['a', ['1']]],
      date: '1970-01-01T00:00:00.000Z',
      never: null,
      pattern: '/a/g',
      error: { name: 'TypeError', message: 'no' },
      list: [null, null],
      cycle: ['[Circular]'],
    });
  });

  it('prints any value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(JSON.stringify(toJsonForm(value))).toBeTypeOf('string');
        },
      ),
    );
  });
});
