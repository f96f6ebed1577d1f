import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createGuestVm, expectSame } from './guest-vm.ts';

const guest = await createGuestVm();

const LOCALES = [
  'en',
  'de',
  'ar',
  'hi',
  'ja',
  'th',
  'tr',
  'pt-BR',
  'zh-Hant-TW',
  'fr-CH',
  'en-IN',
  'sv',
  'en-US-u-nu-thai',
  'de-u-co-phonebk',
  'und',
  'zz',
  'root',
  'x_y',
  '',
];
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Europe/Berlin', '+05:30'];
const CLASSES = [
  'NumberFormat',
  'DateTimeFormat',
  'Collator',
  'PluralRules',
  'RelativeTimeFormat',
  'ListFormat',
  'Segmenter',
  'DisplayNames',
  'Locale',
  'DurationFormat',
];

/** `thing` made of every locale and every one of these options, `$` in `uses` being that. */
function cases(thing: string, options: readonly string[], uses: readonly string[]): readonly string[] {
  return LOCALES.flatMap((locale) =>
    options.flatMap((option) => uses.map((use) => use.replaceAll('$', `new Intl.${thing}('${locale}', ${option})`))),
  );
}

describe('Intl.NumberFormat', () => {
  const options = ['{}', 'undefined', `{ style: 'currency', currency: 'EUR' }`, `{ style: 'percent', maximumFractionDigits: 2 }`, `{ style: 'unit', unit: 'kilometer-per-hour', unitDisplay: 'long' }`, `{ notation: 'compact' }`, '{ useGrouping: false }', `{ useGrouping: 'min2' }`, `{ signDisplay: 'always' }`, '{ minimumFractionDigits: 3 }', '{ maximumSignificantDigits: 3 }', '{ roundingIncrement: 5, maximumFractionDigits: 2, minimumFractionDigits: 2 }']; // prettier-ignore

  it('formats as Node does', () => {
    const values = `[0, -0, 1, -1.5, 1234567.891, 1e21, NaN, Infinity, -Infinity, '12.345', 'x', 12345678901234567890n, null, true, undefined, new Date(5), { valueOf() { return 7; } }, Object(3n), [4]]`;
    expectSame(
      guest,
      cases('NumberFormat', options, [
        `${values}.map($.format)`,
        '$.formatToParts(-1234.5)',
        '$.formatRange(1, 2)',
        `$.formatRangeToParts('1', 3n)`,
        '$.resolvedOptions()',
      ]),
    );
  });

  it('formats any number as Node does', () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.bigInt());
    fc.assert(
      fc.property(
        fc.constantFrom(...LOCALES.slice(0, 12)),
        fc.constantFrom(...options),
        number,
        (locale, option, value) => {
          const literal = typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value); // oxlint-disable-line no-nested-ternary
          expectSame(guest, [`new Intl.NumberFormat('${locale}', ${option}).format(${literal})`]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('converts options as Node does', () => {
    expectSame(guest, [
      `new Intl.NumberFormat('en', { minimumFractionDigits: { valueOf: () => 3 } }).format(1)`,
      `new Intl.NumberFormat('en', { minimumFractionDigits: 5n })`,
      `new Intl.NumberFormat('en', { minimumFractionDigits: 101 })`,
      `new Intl.NumberFormat('en', { maximumFractionDigits: NaN })`,
      `new Intl.NumberFormat('en', { style: Symbol() })`,
      `new Intl.NumberFormat('en', { style: 'currency', currency: { toString: () => 'EUR' } }).format(2)`,
      `new Intl.NumberFormat('en', { useGrouping: null }).format(12345)`,
      `new Intl.NumberFormat('en', { useGrouping: '' }).format(12345)`,
      `new Intl.NumberFormat('en', Object.create({ minimumFractionDigits: 2 })).format(1)`,
      `new Intl.NumberFormat('en', { get style() { throw new SyntaxError('no'); } })`,
      `new Intl.Collator('en', { numeric: {} }).resolvedOptions()`,
      `new Intl.DateTimeFormat('en', { hour12: {}, hour: 'numeric' }).format(0)`,
    ]);
  });
});

describe('Intl.DateTimeFormat', () => {
  const options = ['undefined', '{}', `{ dateStyle: 'full' }`, `{ timeStyle: 'short' }`, `{ dateStyle: 'medium', timeStyle: 'long', timeZone: 'America/New_York' }`, `{ weekday: 'long', era: 'short' }`, `{ hour: 'numeric', hour12: false }`, `{ hour: 'numeric', hourCycle: 'h23', dayPeriod: 'long' }`, `{ fractionalSecondDigits: 3, second: 'numeric' }`, `{ timeZone: 'Asia/Kolkata', timeZoneName: 'long' }`, `{ timeZone: '+05:30', hour: 'numeric', minute: '2-digit' }`, `{ calendar: 'buddhist', year: 'numeric', month: 'long' }`, `{ timeZone: 'Nope/Zone' }`, `{ year: 'bad' }`, `{ dateStyle: 'full', hour: 'numeric' }`, `{ month: 'long' }`, 'null', '5', `'x'`, '{ fractionalSecondDigits: 9 }']; // prettier-ignore

  it('formats as Node does', () => {
    const uses = [
      '[0, 1e12, -1e13, new Date(1720000000123), 8.64e15].map($.format)',
      '$.formatToParts(1e12)',
      '$.formatRange(1e12, new Date(1.1e12))',
      '$.formatRangeToParts(1e12, 1e12 + 5)',
      '$.resolvedOptions()',
    ];
    expectSame(guest, cases('DateTimeFormat', options, uses));
  });

  it('formats any time as Node does', () => {
    const fields = fc.record(
      {
        year: fc.constantFrom('numeric', '2-digit'),
        month: fc.constantFrom('long', 'short', 'numeric'),
        day: fc.constantFrom('numeric', '2-digit'),
        weekday: fc.constantFrom('long', 'narrow'),
        hour: fc.constantFrom('numeric', '2-digit'),
        minute: fc.constant('2-digit'),
        second: fc.constant('numeric'),
        hour12: fc.boolean(),
        timeZoneName: fc.constantFrom('short', 'longOffset'),
        timeZone: fc.constantFrom(...ZONES),
      },
      { requiredKeys: ['timeZone'] },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...LOCALES.slice(0, 12)),
        fields,
        fc.date({ noInvalidDate: true }),
        (locale, option, date) => {
          const given = `'${locale}', ${JSON.stringify(option)}`;
          const time = date.getTime();
          expectSame(guest, [
            `new Intl.DateTimeFormat(${given}).format(${time})`,
            ...['String', 'DateString', 'TimeString'].map((name) => `new Date(${time}).toLocale${name}(${given})`),
          ]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('refuses times that are none, and knows the zone of the host', () => {
    expectSame(
      guest,
      ['NaN', 'new Date(NaN)', '5n', '8.64e15 + 1', `'2020'`, 'Symbol()', 'null', '{}'].map(
        (value) => `new Intl.DateTimeFormat('en').format(${value})`,
      ),
    );
    expectSame(guest, [
      `new Intl.DateTimeFormat('en').formatRange(1)`,
      'new Intl.DateTimeFormat().resolvedOptions().timeZone',
      'typeof new Intl.DateTimeFormat().format()',
    ]);
  });
});

describe('Intl.Collator', () => {
  const options = [
    'undefined',
    '{ numeric: true }',
    `{ sensitivity: 'base' }`,
    `{ sensitivity: 'case' }`,
    `{ caseFirst: 'upper' }`,
    '{ ignorePunctuation: true }',
    `{ usage: 'search' }`,
    `{ usage: 'x' }`,
  ];

  it('sorts as Node does', () => {
    const words = `['z', 'ä', 'a', 'A', 'é', 'e', '10', '9', 'ch', 'cz', '', 'a b', 'a-b', 'ß', 'ss', '\\ud800', 'a\\0b']`;
    expectSame(guest, cases('Collator', options, [`${words}.sort($.compare)`, '$.resolvedOptions()', '$.compare()']));
  });

  it('compares any texts as Node does', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 });
    fc.assert(
      fc.property(
        fc.constantFrom(...LOCALES.slice(0, 14)),
        fc.constantFrom(...options.slice(0, 7)),
        text,
        text,
        (locale, option, a, b) => {
          const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
          expectSame(guest, [
            `new Intl.Collator('${locale}', ${option}).compare(${x}, ${y})`,
            `${x}.localeCompare(${y}, '${locale}', ${option})`,
            `${x}.localeCompare(${y})`,
            `${x}.localeCompare(${x})`,
          ]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('refuses what would take the host minutes', () => {
    const thrown = `(() => { try { new Intl.Collator('en').compare('a' + '\\u0301\\u0323'.repeat(50000) + 'a', 'a' + '\\u0323\\u0301'.repeat(50000)); } catch (error) { return error.name + ': ' + error.message; } })()`;
    expect(guest.show(thrown)).toMatch(/RangeError: .*50 combining marks/u);
  });
});

describe('the other classes', () => {
  it('answer as those of Node do', () => {
    expectSame(
      guest,
      LOCALES.flatMap((locale) => [
        `[0, 1, 2, 3, 5, 11, 1.5, '2', NaN, 1e6].map((n) => new Intl.PluralRules('${locale}').select(n))`,
        `[1, 2, 3, 21].map((n) => new Intl.PluralRules('${locale}', { type: 'ordinal' }).select(n))`,
        `new Intl.PluralRules('${locale}', { minimumFractionDigits: 2 }).resolvedOptions()`,
        `new Intl.PluralRules('${locale}').selectRange(1, 2)`,
        `new Intl.PluralRules('${locale}').select(1n)`,
        `[-1, 0, 1, 2.5, '3', -0].map((n) => ['day', 'years', 'quarter'].map((unit) => new Intl.RelativeTimeFormat('${locale}', { numeric: 'auto' }).format(n, unit)))`,
        `new Intl.RelativeTimeFormat('${locale}', { style: 'narrow' }).formatToParts(-5, 'minute')`,
        `new Intl.RelativeTimeFormat('${locale}').format(1, 'eon')`,
        `new Intl.RelativeTimeFormat('${locale}').format(Infinity, 'day')`,
        `new Intl.RelativeTimeFormat('${locale}').resolvedOptions()`,
        `['conjunction', 'disjunction', 'unit'].map((type) => [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], new Set(['x', 'y']), 'hey'].map((list) => new Intl.ListFormat('${locale}', { type }).format(list)))`,
        `new Intl.ListFormat('${locale}').formatToParts(['a', 'b'])`,
        `new Intl.ListFormat('${locale}').resolvedOptions()`,
        `Object.entries({ region: ['US', 'ZZ', 'QQ'], language: ['de', 'en-GB', 'xx'], script: ['Latn'], currency: ['EUR', 'QQQ'], calendar: ['gregory'], dateTimeField: ['year'] }).map(([type, codes]) => codes.map((code) => new Intl.DisplayNames('${locale}', { type, fallback: 'none' }).of(code)))`,
        `new Intl.DisplayNames('${locale}', { type: 'region' }).resolvedOptions()`,
        `new Intl.DisplayNames('${locale}', { type: 'region' }).of('x')`,
        `new Intl.DurationFormat('${locale}').format({ hours: 1, minutes: 46, seconds: 40 })`,
        `new Intl.DurationFormat('${locale}', { style: 'digital' }).formatToParts({ hours: 1, seconds: 4, milliseconds: 5 })`,
        `new Intl.DurationFormat('${locale}', { style: 'narrow', yearsDisplay: 'always' }).resolvedOptions()`,
        `Intl.NumberFormat.supportedLocalesOf(['${locale}', 'en', 'xx'])`,
      ]),
    );
    expectSame(
      guest,
      ['[1]', '5', 'null', '[{}]', '', `['a', Symbol()]`].map((list) => `new Intl.ListFormat('en').format(${list})`),
    );
    expectSame(
      guest,
      ['5', `'PT5S'`, '{}', '{ hours: 1.5 }', '{ hours: -1, days: 1 }', '{ hours: Symbol() }', 'null'].map(
        (duration) => `new Intl.DurationFormat('en').format(${duration})`,
      ),
    );
  });

  it('know a Locale as Node does', () => {
    const getters = [
      'language',
      'script',
      'region',
      'baseName',
      'calendar',
      'caseFirst',
      'collation',
      'firstDayOfWeek',
      'hourCycle',
      'numeric',
      'numberingSystem',
      'calendars',
      'collations',
      'hourCycles',
      'numberingSystems',
      'textInfo',
      'timeZones',
      'weekInfo',
    ];
    const methods = [
      'toString',
      'maximize',
      'minimize',
      'getCalendars',
      'getCollations',
      'getHourCycles',
      'getNumberingSystems',
      'getTimeZones',
      'getTextInfo',
      'getWeekInfo',
    ];
    expectSame(
      guest,
      LOCALES.flatMap((locale) => [
        `[new Intl.Locale('${locale}')].map((locale) => ${JSON.stringify(getters)}.map((name) => locale[name]))`,
        `[new Intl.Locale('${locale}')].map((locale) => ${JSON.stringify(methods)}.map((name) => typeof locale[name]() === 'object' && locale[name]() instanceof Intl.Locale ? String(locale[name]()) : locale[name]()))`,
        `String(new Intl.Locale('${locale}', { region: 'AT', calendar: 'buddhist', numeric: true, hourCycle: 'h12' }))`,
        `String(new Intl.Locale(new Intl.Locale('${locale}'), { script: 'Cyrl' }))`,
        `new Intl.NumberFormat(new Intl.Locale('${locale}', { numberingSystem: 'arab' })).format(12)`,
      ]),
    );
  });

  it('list what Intl supports', () => {
    expectSame(
      guest,
      ['calendar', 'collation', 'currency', 'numberingSystem', 'timeZone', 'unit', 'x', ''].map(
        (key) => `Intl.supportedValuesOf('${key}')`,
      ),
    );
    expectSame(guest, ['Intl.supportedValuesOf()', 'Intl.supportedValuesOf(Symbol())']);
  });
});

describe('every class', () => {
  it('takes locales and options as Node does', () => {
    const locales = [
      'null',
      '5',
      'true',
      'Symbol()',
      '5n',
      '{}',
      '[null]',
      '[5]',
      '[undefined]',
      `['en', , 'de']`,
      `{ length: 2, 0: 'de', 1: { toString: () => 'fr' } }`,
      `[['en']]`,
      `new String('de')`,
      '() => 1',
      '{ length: -1 }',
      `{ length: '1', 0: 'DE-at' }`,
      `new Intl.Locale('fr')`,
      `[new Intl.Locale('fr'), 'de']`,
    ];
    expectSame(
      guest,
      locales.flatMap((locale) => [
        `Intl.getCanonicalLocales(${locale})`,
        `new Intl.NumberFormat(${locale}).resolvedOptions().locale`,
        `Intl.Collator.supportedLocalesOf(${locale})`,
        `String(new Intl.Locale(${locale}))`,
      ]),
    );
    expectSame(
      guest,
      CLASSES.flatMap((name) => [
        `new Intl.${name}('en', null)`,
        `new Intl.${name}('en', 5)`,
        `new Intl.${name}()`,
        `Intl.${name}('en')`,
        `new Intl.${name}('en', { localeMatcher: 'x' })`,
        `Intl.${name}.supportedLocalesOf?.('en', { localeMatcher: 'x' })`,
      ]),
    );
  });

  it('says what is wrong in the words of Node', () => {
    const wrong = [
      `new Intl.NumberFormat('x_y')`,
      `new Intl.NumberFormat('en', { style: 'bad' })`,
      `new Intl.NumberFormat('en', { style: 'currency' })`,
      `new Intl.DateTimeFormat('en', { timeZone: 'Nope' })`,
      `new Intl.DateTimeFormat('en').format(NaN)`,
      `new Date(0).toLocaleDateString('en', { timeStyle: 'short' })`,
      `new Intl.ListFormat('en').format([1])`,
      `new Intl.PluralRules('en').select(1n)`,
      `Intl.PluralRules('en')`,
      `new Intl.Locale()`,
      `Intl.getCanonicalLocales(5)`,
      `(1).toLocaleString('en', { maximumFractionDigits: -1 })`,
    ];
    expectSame(
      guest,
      wrong.map(
        (code) =>
          `(() => { try { ${code}; } catch (error) { return [error.constructor === globalThis[error.name], error.message]; } })()`,
      ),
    );
  });

  it('can be extended, and knows its own objects only', () => {
    expectSame(
      guest,
      CLASSES.flatMap((name) => [
        `(() => { class X extends Intl.${name} {} const x = new X('en', { type: 'region' }); return [x instanceof X, x instanceof Intl.${name}]; })()`.replace(
          `type: 'region'`,
          name === 'DisplayNames' ? `type: 'region'` : '',
        ),
        `Intl.${name}.prototype.resolvedOptions.call({})`,
        `Intl.${name}.prototype.resolvedOptions.call(new Intl.Segmenter())`,
      ]),
    );
    expectSame(guest, [
      `[new Intl.NumberFormat()].map((f) => [f.format === f.format, f.format === new Intl.NumberFormat().format, f.format.name, f.format.length, 'prototype' in f.format])`,
      'Reflect.ownKeys(new Intl.NumberFormat())',
      'JSON.stringify(new Intl.Locale("de"))',
    ]);
  });

  it('refuses inputs that are too large, and says the cap', () => {
    const refused = (code: string): string =>
      guest.show(`(() => { try { ${code}; } catch (error) { return error.name + ': ' + error.message; } })()`);
    expect(refused(`new Intl.NumberFormat(Array(101).fill('en'))`)).toMatch(/RangeError: .*at most 100/u);
    expect(refused(`new Intl.NumberFormat({ length: 2 ** 53 })`)).toMatch(/RangeError: .*at most 100/u);
    expect(refused(`new Intl.NumberFormat('x'.repeat(1001))`)).toMatch(/RangeError: .*at most 1000/u);
    expect(refused(`new Intl.NumberFormat('en', { style: 'x'.repeat(1001) })`)).toMatch(/RangeError: .*at most 1000/u);
    expect(refused(`new Intl.NumberFormat('en').format('1'.repeat(10001))`)).toMatch(/RangeError: .*at most 10000/u);
    expect(refused(`new Intl.NumberFormat('en').format(10n ** 10001n)`)).toMatch(/RangeError: .*at most 10000/u);
    expect(refused(`new Intl.ListFormat('en').format((function* () { for (;;) yield 'a'; })())`)).toMatch(
      /RangeError: .*10000 items/u,
    );
    expect(refused(`new Intl.ListFormat('en').format(['x'.repeat(1048577)])`)).toMatch(
      /RangeError: .*at most 1048576/u,
    );
    expect(refused(`'a'.localeCompare('x'.repeat(262145))`)).toMatch(/RangeError: .*at most 262144/u);
    expect(refused(`'x'.repeat(4194305).toLocaleUpperCase()`)).toMatch(/RangeError: .*at most 4194304/u);
    expect(refused(`[...new Intl.Segmenter('en').segment('x'.repeat(1048577))]`)).toMatch(
      /RangeError: .*at most 1048576/u,
    );
    expect(refused(`new Intl.DisplayNames('en', { type: 'region' }).of('x'.repeat(10001))`)).toMatch(
      /RangeError: .*at most 10000/u,
    );
  });
});
