import { describe, it } from 'vitest';

import { createGuestVm, expectSame } from './guest-vm.ts';

const guest = await createGuestVm();

const LOCALES = [
  `'en'`,
  `'de'`,
  `'tr'`,
  `'lt'`,
  `'el'`,
  `'ar-EG'`,
  `'x_y'`,
  `['de', 'en']`,
  'null',
  '5',
  'Symbol()',
  'undefined',
  `new Intl.Locale('fr')`,
];

describe('the locale methods', () => {
  it('of strings answer as in Node', () => {
    expectSame(
      guest,
      LOCALES.flatMap((locale) => [
        `'İIßiσς ŉ ά \\ud800'.toLocaleUpperCase(${locale})`,
        `'İIßiΣ Ì'.toLocaleLowerCase(${locale})`,
        `['z', 'ä', 'a', 'A', 'a10', 'a9'].sort((a, b) => a.localeCompare(b, ${locale}))`,
        `['a10', 'a9'].sort((a, b) => a.localeCompare(b, ${locale}, { numeric: true }))`,
      ]),
    );
    expectSame(guest, [
      `'a'.localeCompare()`,
      `'undefined'.localeCompare()`,
      `'a'.localeCompare(Symbol())`,
      `String.prototype.localeCompare.call(null, 'a')`,
      `String.prototype.localeCompare.call(5, 5)`,
      `'a'.localeCompare('a', 'x_y')`,
      `'\\ud800'.localeCompare('\\ud801')`,
      `'a\\0'.localeCompare('a')`,
      `['résumé', 'Resume', 'resume'].sort((a, b) => a.localeCompare(b))`,
      `String.prototype.toLocaleUpperCase.call(undefined)`,
      `String.prototype.toLocaleLowerCase.call({ toString: () => 'ABC' })`,
    ]);
  });

  it('of numbers answer as in Node', () => {
    expectSame(
      guest,
      LOCALES.flatMap((locale) => [
        `(1234.5).toLocaleString(${locale})`,
        `(12345678901234567890n).toLocaleString(${locale})`,
        `(0.256).toLocaleString(${locale}, { style: 'percent' })`,
      ]),
    );
    expectSame(guest, [
      `Number.prototype.toLocaleString.call('5')`,
      `Number.prototype.toLocaleString.call(Object(5))`,
      `BigInt.prototype.toLocaleString.call(5)`,
      '(1e21).toLocaleString()',
      '(-0).toLocaleString()',
      'NaN.toLocaleString()',
      `(1).toLocaleString('en', { style: 'x' })`,
    ]);
  });

  it('of dates answer as in Node', () => {
    const options = [
      'undefined',
      '{}',
      `{ dateStyle: 'full' }`,
      `{ timeStyle: 'short' }`,
      `{ month: 'long' }`,
      `{ hour: 'numeric' }`,
      `{ weekday: 'short', timeZone: 'Asia/Tokyo' }`,
      `{ dayPeriod: 'long' }`,
      `{ fractionalSecondDigits: 2 }`,
      `{ timeZoneName: 'short' }`,
      `{ era: 'long' }`,
      `{ hour12: false }`,
      'null',
      '5',
      `{ year: 'bad' }`,
    ];
    const methods = ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'];
    expectSame(
      guest,
      methods.flatMap((method) =>
        LOCALES.flatMap((locale) =>
          options.flatMap((option) =>
            ['1e12', 'NaN'].map((time) => `new Date(${time}).${method}(${locale}, ${option})`),
          ),
        ),
      ),
    );
    expectSame(
      guest,
      methods.map((method) => `Date.prototype.${method}.call({})`),
    );
  });

  it('of arrays answer as in Node', () => {
    expectSame(
      guest,
      LOCALES.flatMap((locale) => [
        `[1234.5, new Date(1e12), 'x', null, undefined, [5, [6]], 12n, {}].toLocaleString(${locale})`,
        `new Float64Array([1234.5, NaN]).toLocaleString(${locale})`,
      ]),
    );
    expectSame(guest, [
      `Array.prototype.toLocaleString.call({ length: 2, 0: 1, 1: 2 })`,
      `Array.prototype.toLocaleString.call(null)`,
      `(() => { const list = [1]; list.push(list, 2); return [list.toLocaleString(), list.toLocaleString()]; })()`,
      `[{ toLocaleString(...args) { return args.length + String(args); } }].toLocaleString('de', { x: 1 })`,
      `[{ toLocaleString: 5 }].toLocaleString()`,
      `new BigInt64Array([1234n]).toLocaleString('de')`,
      `Object.getPrototypeOf(Uint8Array.prototype).toLocaleString.call([1])`,
      `[, 1, ,].toLocaleString()`,
      `(() => { const list = [1, { toLocaleString() { throw new RangeError('no'); } }]; try { list.toLocaleString(); } catch {} list.pop(); return list.toLocaleString(); })()`,
    ]);
  });
});
