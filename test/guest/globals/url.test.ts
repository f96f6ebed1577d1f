import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createGuestVm, expectSame, showInNode } from './guest-vm.ts';

const guest = await createGuestVm();

const FIELDS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
];
const ALL_FIELDS = `${JSON.stringify(FIELDS)}.map((field) => url[field])`;

const INPUTS = [
  '', 'x', '//x', 'http:a', 'http://a', 'HTTP://EXAMPLE.com:80/../x y?q=é#f g', 'file:///C:/a/../b', 'data:text/plain,hi  ', 'mailto:a@b',
  'http://user:p%40ss@h:8080/p', 'http://[::1]/', 'http://1.2.3', 'http://0x7f.1', 'http://a b', 'http://ünïcödé.example', 'blob:http://a/b',
  'http://%41', 'http://xn--a', 'a:b c', 'http://a/\\b', '  http://a  ', '\ud800http://a', 'http://a/\ud800?\udc00', 'http://a/\0b', 'javascript:alert(1)',
  'http://a:99999', 'http://a?', 'http://a#', 'http://a/?#', 'http://a/?b=1&b=2&c=%ff',
]; // prettier-ignore
const VALUES = [
  'http://b/',
  'https',
  'x y',
  '',
  'é',
  '99999',
  '80',
  'a:b@c',
  '?a=b&c',
  '#h',
  '/../x',
  '\0',
  '\ud800',
  5,
  'undefined',
];

function literal(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

describe('URL', () => {
  it('parses as Node does', () => {
    expectSame(
      guest,
      INPUTS.map(literal).flatMap((input) => [
        `[new URL(${input})].map((url) => ${ALL_FIELDS})`,
        `[new URL(${input}, 'http://base/a/b?c#d')].map((url) => [${ALL_FIELDS}, [...url.searchParams]])`,
        `URL.canParse(${input})`,
        `URL.canParse(${input}, 'bad')`,
        `String(URL.parse(${input}, 'http://b'))`,
        `JSON.stringify({ url: URL.parse(${input}) })`,
      ]),
    );
  });

  it('sets every field as Node does, and its searchParams follow', () => {
    const cases = [...FIELDS, 'searchParams'].flatMap((field) =>
      VALUES.flatMap((value) =>
        ['http://u:p@h:1/p?q=1#f', 'file:///a', 'mailto:x@y', 'data:x  #y'].map((url) => ({ field, value, url })),
      ),
    );
    expectSame(
      guest,
      cases.map(
        ({ field, value, url }) => `(() => {
      'use strict';
      const url = new URL(${literal(url)});
      const params = url.searchParams;
      try { url.${field} = ${literal(value)}; } catch (error) { return [error.name, url.href]; }
      return [${ALL_FIELDS}, [...params], params === url.searchParams];
    })()`,
      ),
    );
  });

  it('changes when its searchParams change', () => {
    expectSame(guest, [
      `(() => {
      const url = new URL('http://a/?b=1&b=2&c=3');
      const params = url.searchParams;
      const seen = [];
      const look = () => seen.push(url.href, [...params], params.size);
      params.append('d', 'é &'); look();
      params.delete('b'); look();
      params.set('c', 'x'); look();
      params.delete('c'); params.delete('d'); look();
      params.set('z', ' '); params.append('a', '\\ud800'); params.sort(); look();
      url.search = '?q'; look();
      url.href = 'http://x/?y'; look();
      return seen;
    })()`,
    ]);
  });

  it('refuses what is no URL with the code and input that Node gives', () => {
    const thrown = `(() => { try { new URL('nope'); } catch (error) { return [error instanceof TypeError, error.message, error.code, error.input]; } })()`;
    expectSame(guest, [
      thrown,
      `new URL()`,
      `URL('http://a')`,
      `new URL(Symbol())`,
      `URL.prototype.toString.call({})`,
      `Object.getOwnPropertyDescriptor(URL.prototype, 'href').get.call({})`,
    ]);
  });

  it('refuses a URL that is too long, and says the cap', () => {
    for (const code of [
      `new URL('http://a/' + 'x'.repeat(1048576))`,
      `URL.canParse('http://a/' + 'x'.repeat(1048576))`,
      `(() => { new URL('http://a').search = 'é'.repeat(1048576); })()`,
    ]) {
      expect(
        guest.show(`(() => { try { ${code}; } catch (error) { return error.name + ': ' + error.message; } })()`),
      ).toMatch(/RangeError: .*at most 1048576/u);
    }
  });

  it('parses any text as Node does', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'http:',
        'file:',
        'a:',
        '//',
        '/',
        '\\',
        '?',
        '#',
        '@',
        ':',
        '.',
        '..',
        '%2e',
        '[',
        ']',
        '80',
        'xn--',
        'ß',
        ' ',
        '\t',
        '=',
        '&',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const url = fc.oneof(
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
    );
    fc.assert(
      fc.property(url, url, (input, base) => {
        expectSame(guest, [
          `[new URL(${literal(input)})].map((url) => [${ALL_FIELDS}, [...url.searchParams]])`,
          `new URL(${literal(input)}, ${literal(base)}).href`,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('URLSearchParams', () => {
  const INITS = [
    `'?a=b'`, `'??a'`, `''`, `undefined`, `null`, `5`, `true`, `{ a: 1, b: [1, 2] }`, `[['a', 'b'], ['c', 1]]`, `new Map([['x', 'y']])`, `new URLSearchParams('a=b')`,
    `[['a']]`, `[['a', 'b', 'c']]`, `['ab']`, `[5]`, `[null]`, `{ [Symbol.iterator]: 5 }`, `{ [Symbol()]: 1 }`, `() => 1`, `'a=%ff&b=%E4%BD&+=+&%2'`, `'\\ud800=\\udc00'`,
    `{ '\\ud800': 1, '\\ufffd': 2 }`, `'a=1&&b&=c&=&d=e=f'`, `Symbol()`, `new Date(NaN)`, `'a\\0b=c\\0'`,
  ]; // prettier-ignore

  it('takes what Node takes', () => {
    expectSame(
      guest,
      INITS.map((init) => `[new URLSearchParams(${init})].map((params) => [String(params), [...params], params.size])`),
    );
  });

  it('has the methods of the native one', () => {
    const uses = ['params.getAll("a")', 'params.get("a")', 'params.get("x")', 'params.has("a")', 'params.has("a", "2")', 'params.has("a", "9")', 'params.has("a", undefined)', '(params.delete("a", "2"), String(params))', '(params.delete("a", undefined), String(params))', '[...params.keys()]', '[...params.values()]', '[...params.entries()]', '(params.sort(), String(params))', 'params.append("a")', 'params.get()', 'params.forEach(5)', 'params.keys().next()', 'Object.keys(params)', 'URLSearchParams.prototype.keys.call({})', 'params.getAll("a").map((value) => value)']; // prettier-ignore
    expectSame(
      guest,
      uses.map(
        (use) =>
          `(() => { const params = new URLSearchParams('b=4&a=1&a=2&a=3&%F0%9F%98%80=5&%EF%BF%BF=6'); return ${use}; })()`,
      ),
    );
    expectSame(guest, [
      `(() => { const seen = []; new URLSearchParams('a=b').forEach(function (value, name, params) { seen.push(value, name, String(params), this.x); }, { x: 1 }); return seen; })()`,
    ]);
  });

  it('is walked alive', () => {
    expectSame(guest, [
      `(() => { const params = new URLSearchParams('a=1&b=2&c=3'); const seen = []; for (const [name] of params) { seen.push(name); params.delete(name); } return [seen, String(params)]; })()`,
    ]);
  });

  it('does as Node after any operations', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3 });
    const name = fc.oneof(fc.constantFrom('a', 'b', ''), text);
    const operation = fc.oneof(
      fc
        .tuple(fc.constantFrom('append', 'set', 'delete', 'has'), name, text)
        .map(([method, ...args]) => `params.${method}(${args.map(literal).join()})`),
      fc
        .tuple(fc.constantFrom('delete', 'has', 'get', 'getAll'), name)
        .map(([method, arg]) => `params.${method}(${literal(arg)})`),
      fc.constant('params.sort()'),
      text.map((query) => `url.search = ${literal(query)}`),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 8 }), (operations) => {
        const code = `(() => { const url = new URL('http://h/?b=1&a=2&b=3'); const params = url.searchParams; const seen = []; ${operations.map((step) => `seen.push(${step} ?? null, url.href, [...params]);`).join('')} return seen; })()`;
        expect(guest.show(code)).toBe(showInNode(code));
      }),
      { numRuns: 150 },
    );
  });

  it('refuses parameters that are too long, and says the cap', () => {
    const code = `(() => { const params = new URLSearchParams(); params.append('a', 'x'.repeat(4194304)); try { String(params); } catch (error) { return error.name + ': ' + error.message; } })()`;
    expect(guest.show(code)).toMatch(/RangeError: .*at most 4194304/u);
  });
});
