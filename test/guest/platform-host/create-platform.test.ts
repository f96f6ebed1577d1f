import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OPERATIONS } from '../../../src/guest/globals/wire.ts';
import { createPlatform } from '../../../src/guest/platform-host/create-platform.ts';

const platform = createPlatform();

function call(operation: string, ...args: unknown[]): unknown {
  return JSON.parse(platform.call(operation, JSON.stringify(args)));
}

const key = JSON.stringify(['NumberFormat', ['de'], { minimumFractionDigits: 2 }]);

describe('createPlatform', () => {
  it('answers operations', () => {
    expect(call('url.parse', 'b', 'http://a/')).toEqual({
      ok: ['http://a/b', 'http://a', 'http:', '', '', 'a', 'a', '', '/b', '', ''],
    });
    expect(call('url.parse', 'b', null)).toEqual({ ok: null });
    expect(call('intl.call', key, 'format', [1])).toEqual({ ok: '1,00' });
    expect(call('intl.call', key, 'format', [{ $: 'bigint', v: '12' }])).toEqual({ ok: '12,00' });
    expect(
      call('intl.segments', JSON.stringify(['Segmenter', ['en'], { granularity: 'word' }]), 'ab c', 1, 10),
    ).toEqual({ ok: [0, 2, -3, 4] });
  });

  it.each(['constructor', '__proto__', 'toString', 'nope', '', 'intl.callx'])(
    'does not know the operation %j',
    (operation) => {
      expect(call(operation)).toEqual({ error: { name: 'TypeError', message: 'Unknown operation' } });
    },
  );

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'segment', 'nope', 5, null])(
    'does not know the member %j',
    (member) => {
      expect(call('intl.call', key, member, [])).toEqual({ error: { name: 'TypeError', message: 'Unknown member' } });
    },
  );

  it.each(['constructor', '__proto__', 'getCanonicalLocales', 'toString', null])(
    'does not know the class %j',
    (type) => {
      expect(call('intl.create', JSON.stringify([type, [], { $: 'undefined', v: '' }]))).toEqual({
        error: { name: 'TypeError', message: 'Unknown class of Intl' },
      });
    },
  );

  it('answers whatever it is sent, and tells nothing of the host', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'Collator',
        'Locale',
        'Segmenter',
        'DurationFormat',
        'format',
        'compare',
        'href',
        'constructor',
        '__proto__',
        'en',
        'toLocaleString',
        key,
      ),
    );
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.constant({ $: 'symbol', v: '' }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(text, tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const argument = fc.oneof(
      tree,
      tree.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...OPERATIONS), fc.array(argument, { maxLength: 4 }), (operation, args) => {
        const answer = platform.call(operation, JSON.stringify(args));
        expect(answer).toMatch(/^\{"(ok|error)":.*\}$/su);
        expect(() => {
          JSON.parse(answer);
        }).not.toThrow();
        expect(answer).not.toMatch(/node:|\.ts:|node_modules|\/src\//u);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', '{', '{}', '5', 'null'])('refuses arguments that are no array: %j', (json) => {
    expect(JSON.parse(platform.call('url.parse', json))).toHaveProperty('error');
  });

  it('keeps its caps without the help of the guest', () => {
    const long = 'x'.repeat(5_000_000);
    for (const args of [
      ['url.parse', long, null],
      ['url.set', 'http://a', 'hash', long],
      ['params.parse', long],
      ['params.serialize', [long, long]],
      ['text.case', 'Upper', long, []],
      ['text.encoding', long],
      ['intl.create', long],
      ['intl.canonicalLocales', Array(101).fill('en')],
      ['intl.canonicalLocales', [long]],
      ['intl.call', key, 'format', [long]],
    ] satisfies [string, ...unknown[]][]) {
      const [operation, ...rest] = args;
      expect(platform.call(operation, JSON.stringify(rest)), operation).toMatch(
        /^\{"error":\{"name":"RangeError","message":"Cannot use .* at most \d+ /u,
      );
    }
    expect(
      call('intl.call', JSON.stringify(['Collator', [], {}]), 'compare', ['a', `a${'\u0301'.repeat(51)}`]),
    ).toMatchObject({ error: { name: 'RangeError' } });
    expect(
      call('intl.call', JSON.stringify(['ListFormat', [], {}]), 'format', [Array(10_001).fill('a')]),
    ).toMatchObject({ error: { name: 'RangeError' } });
  });

  it('codes text', () => {
    expect(new Uint8Array(platform.encodeUtf8('é\ud800\0'))).toEqual(new Uint8Array([0xc3, 0xa9, 0xef, 0xbf, 0xbd, 0]));
    expect(platform.decodeText(new Uint8Array([0xe9]).buffer, 'latin1', false, false)).toBe('é');
  });

  it('throws errors without a stack', () => {
    for (const label of ['utf-8', 'nope']) {
      let thrown: unknown;
      try {
        platform.decodeText(new Uint8Array([255]).buffer, label, true, false);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(TypeError);
      expect(thrown).toHaveProperty('stack', '');
    }
  });

  it('draws random bytes, and never more than 65,536', () => {
    expect(platform.randomBytes(10).byteLength).toBe(10);
    expect(new Set(new Uint8Array(platform.randomBytes(1000))).size).toBeGreaterThan(100);
    expect([-1, 1.5, Number.NaN, 1e9].map((count) => platform.randomBytes(count).byteLength)).toEqual([
      0, 0, 0, 65_536,
    ]);
  });
});
