import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createGuestVm, expectSame } from './guest-vm.ts';

const guest = await createGuestVm();

const LABELS = [
  'utf8',
  'UTF-8',
  ' latin1 ',
  'utf-16le',
  'utf-16be',
  'shift_jis',
  'gbk',
  'gb18030',
  'big5',
  'euc-jp',
  'euc-kr',
  'iso-2022-jp',
  'koi8-r',
  'windows-1251',
  'windows-1252',
  'iso-8859-2',
  'macintosh',
  'unicode-1-1-utf-8',
  'x-user-defined',
  'replacement',
  'nope',
  '',
];

describe('TextEncoder', () => {
  it('encodes as Node does', () => {
    expectSame(
      guest,
      [`''`, `'é€😀'`, `'a\\0b'`, `'\\ud800x\\udc00'`, 'undefined', 'null', '5', '{}', 'Symbol()', ''].map(
        (text) => `[...new TextEncoder().encode(${text})]`,
      ),
    );
  });

  it('encodes into what room there is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\ud800', '\udc00', '\0'), maxLength: 8 });
    fc.assert(
      fc.property(text, fc.nat(20), (source, room) => {
        expectSame(guest, [
          `[new Uint8Array(${room} + 2).subarray(1, ${room} + 1)].map((target) => [new TextEncoder().encodeInto(${JSON.stringify(source)}, target), [...new Uint8Array(target.buffer)]])`,
        ]);
      }),
      { numRuns: 200 },
    );
    expectSame(guest, [
      `new TextEncoder().encodeInto('x', 5)`,
      `new TextEncoder().encodeInto('x', new Int8Array(5))`,
      `new TextEncoder().encodeInto('x')`,
    ]);
  });
});

describe('TextDecoder', () => {
  it('knows the labels that Node knows', () => {
    const bytes = 'new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xe9, 0x82, 0xa0, 0x00])';
    expectSame(
      guest,
      LABELS.map((label) => `[new TextDecoder('${label}').encoding, new TextDecoder('${label}').decode(${bytes})]`),
    );
  });

  it('takes the inputs and options that Node takes', () => {
    const inputs = [
      'new Uint8Array([239, 187, 191, 97])',
      'new ArrayBuffer(3)',
      'new DataView(new ArrayBuffer(5), 1, 2)',
      'new Uint16Array([0x6161])',
      'undefined',
      'null',
      '5',
      '"x"',
      '{}',
      '[]',
      'new Uint8Array([255])',
      'new Uint8Array([1, 2, 3, 97, 98]).subarray(3)',
    ];
    expectSame(
      guest,
      inputs.flatMap((input) =>
        ['', `'utf-8', { fatal: true }`, `'utf-8', { ignoreBOM: true }`, `'utf-16le', { fatal: true }`].map(
          (args) =>
            `[new TextDecoder(${args})].map((decoder) => [decoder.decode(${input}), decoder.fatal, decoder.ignoreBOM])`,
        ),
      ),
    );
  });

  it('names the encoding when bytes are not valid', () => {
    expectSame(guest, [
      `(() => { try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])); } catch (error) { return [error instanceof TypeError, error.message, error.code]; } })()`,
    ]);
  });

  it('decodes any bytes, whole or as a stream, as Node does', () => {
    const byte = fc.constantFrom(
      0x61,
      0xc3,
      0xa9,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9f,
      0x98,
      0x80,
      0xef,
      0xbb,
      0xbf,
      0xed,
      0xa0,
      0xf4,
      0x90,
      0xff,
      0xe0,
      0xc0,
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(byte, { maxLength: 5 }), { maxLength: 5 }),
        fc.boolean(),
        fc.boolean(),
        (chunks, fatal, ignoreBOM) => {
          const decoder = `new TextDecoder('utf-8', ${JSON.stringify({ fatal, ignoreBOM })})`;
          expectSame(guest, [
            `${decoder}.decode(new Uint8Array(${JSON.stringify(chunks.flat())}))`,
            `[${decoder}].map((decoder) => [...${JSON.stringify(chunks)}.map((chunk) => decoder.decode(new Uint8Array(chunk), { stream: true })), decoder.decode(), decoder.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))])`,
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses a stream of another encoding', () => {
    expect(
      guest.show(
        `(() => { try { new TextDecoder('shift_jis').decode(new Uint8Array(2), { stream: true }); } catch (error) { return error.message; } })()`,
      ),
    ).toContain('only utf-8 is supported');
  });
});

describe('atob and btoa', () => {
  it('are those of the engine, which answer as Node does', () => {
    expectSame(guest, [
      `atob('aGk=')`,
      `atob(' a G k ')`,
      `atob('a')`,
      `btoa('\\xff\\0')`,
      `btoa('\\u0100')`,
      `(() => { try { atob('a'); } catch (error) { return [error instanceof DOMException, error.code]; } })()`,
    ]);
  });
});
