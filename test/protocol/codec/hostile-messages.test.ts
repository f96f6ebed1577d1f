import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodeModeError } from '../../../src/errors/code-mode-error.ts';
import { decodeValue } from '../../../src/protocol/codec/decode.ts';
import { encodeValue } from '../../../src/protocol/codec/encode.ts';
import type { EncodedValue } from '../../../src/protocol/codec/message.ts';
import { graph } from './graph.ts';
import { containing } from '../../tools/matchers.ts';

function decode(text: string, parts: EncodedValue['parts'] = []): unknown {
  return decodeValue({ text, plain: false, parts });
}

/** The value, or undefined when the message was refused as it should be. Anything else that is thrown fails the test. */
function decodeOrRefuse(text: string, parts: EncodedValue['parts']): unknown {
  try {
    return decode(text, parts);
  } catch (error) {
    if (error instanceof CodeModeError && error.code === 'INVALID_DATA') return undefined;
    throw error;
  }
}

const PROTOTYPES = new Set<unknown>([
  null,
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  Date.prototype,
  RegExp.prototype,
]);

/** The objects of a decoded value whose prototype came with the message: there must be none. */
function withForeignPrototype(value: unknown, seen = new Set<unknown>()): unknown[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [];
  const isKnown = value instanceof Error || PROTOTYPES.has(Object.getPrototypeOf(value));
  const inner = Object.getOwnPropertyNames(value).map((name): unknown => Reflect.get(value, name));
  if (value instanceof Map) inner.push(...value.keys(), ...value.values());
  if (value instanceof Set) inner.push(...value);
  return [...(isKnown ? [] : [value]), ...inner.flatMap((item) => withForeignPrototype(item, seen))];
}

describe('a message that encodeValue did not write', () => {
  it.each([
    '',
    '{',
    '[',
    '{"a":1}',
    '[]',
    '[1]',
    '["g"]',
    '["w"]',
    '[[],"w"]',
    '[5,"w"]',
    '["unknown"]',
    '[[1,"g"]]',
    '[1,"g"]',
    '[null,"g"]',
    '["text","g"]',
    '[[],"g"]',
    '[["x","q"],"g"]',
    '[{"a":{}},"g"]',
    '[{"a":[]},"g"]',
    '[{"a":[1]},"g"]',
    '[{"a":[-1]},"g"]',
    '[{"a":[0.5]},"g"]',
    '[{"a":["length"]},"g"]',
    '[{"a":[0,0]},"g"]',
    '[{"a":[[0]]},"g"]',
    '[["n"],"g"]',
    '[[[],"n"],"g"]',
    '[[5,"n"],"g"]',
    '[["zz","i"],"g"]',
    '["zz","i"]',
    '["","i"]',
    '["-1","i"]',
    '[5,"i"]',
    '["i"]',
    '[0,"s"]',
    '["s"]',
    '[["1","d"],"g"]',
    '[["d"],"g"]',
    '[[{},"d"],"g"]',
    '[["(","","x"],"g"]',
    '[["a","zz","x"],"g"]',
    '[["a","x"],"g"]',
    '[[1,"","x"],"g"]',
    '[[1,"m"],"g"]',
    '[["e"],"g"]',
    '[["Error","m",null,"e"],"g"]',
    '[["Error","m",null,[],"e"],"g"]',
    '[["Error",5,null,{},"e"],"g"]',
    '[[0,"b"],"g"]',
    '[[0,0,1,"Uint8Array","v"],"g"]',
  ])('%s is refused', (text) => {
    expect(() => decode(text)).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
  });

  it.each([
    '[[0,0,9,"Uint8Array","v"],"g"]',
    '[[0,9,1,"Uint8Array","v"],"g"]',
    '[[0,1,1,"Uint16Array","v"],"g"]',
    '[[0,-1,1,"Uint8Array","v"],"g"]',
    '[[0,0,-1,"Uint8Array","v"],"g"]',
    '[[0,0,1e300,"Uint8Array","v"],"g"]',
    '[[0,0,null,"Uint8Array","v"],"g"]',
    '[[0,0,1,"Array","v"],"g"]',
    '[[0,0,1,"__proto__","v"],"g"]',
    '[[0,0,1,"constructor","v"],"g"]',
    '[[0,0,1,"DataView"],"g"]',
    '[[1,0,1,"Uint8Array","v"],"g"]',
    '[[2,0,1,"Uint8Array","v"],"g"]',
    '[[-1,0,1,"Uint8Array","v"],"g"]',
    '[[0.5,0,1,"Uint8Array","v"],"g"]',
    '[["0",0,1,"Uint8Array","v"],"g"]',
    '[["length","b"],"g"]',
    '[[0,0,1,"Uint8Array","v"],[-1e300],"w"]',
    '[[0,0,1,"Uint8Array","v"],[{}],"w"]',
    '[[1,"b"],"g"]',
    '[0,"s"]',
    '["length","s"]',
  ])('%s is refused, with a buffer and a string as parts', (text) => {
    expect(() => decode(text, [new ArrayBuffer(8), 'text'])).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
  });

  it.each<[string, object | null]>([
    ['[{"__proto__":[1],"constructor":[1]},{"polluted":true},"g"]', Object.prototype],
    ['[[{"__proto__":[1]},"n"],{},"g"]', null],
    ['[["Error","m",null,{"__proto__":[1]},"e"],{},"g"]', Error.prototype],
    ['[["__proto__","m",null,{},"e"],"g"]', Error.prototype],
    ['[["constructor","m",null,{},"e"],"g"]', Error.prototype],
  ])('can not set a prototype: %s', (text, prototype) => {
    const value = decode(text);
    expect(Object.getPrototypeOf(value)).toBe(prototype);
    expect(value).not.toHaveProperty('polluted');
  });

  it('can not set a prototype by plain JSON', () => {
    const value = decodeValue({ text: '{"__proto__":{"polluted":true}}', plain: true, parts: [] });
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true}}');
    expect(value).not.toHaveProperty('polluted');
  });

  const many = 100_000;
  it.each([
    ['brackets', '['.repeat(many)],
    ['nesting', `${'['.repeat(many)}${']'.repeat(many)}`],
    ['wrong objects', `[${'[],'.repeat(many)}"g"]`],
    ['holes', `[[${'[],'.repeat(many)}0],"g"]`],
    ['digits', `["${'f'.repeat(many)}","i"]`],
    ['alternatives', `[["${'(a|'.repeat(many)}","","x"],"g"]`],
    ['groups', `[["${'('.repeat(many)}${')'.repeat(many)}","","x"],"g"]`],
    ['collections', `[${'["m"],'.repeat(many)}"g"]`],
    ['errors', `[${'["Error","",null,{},"e"],'.repeat(many / 10)}"g"]`],
    ['uses of one part', `[${'[0,"b"],'.repeat(many)}"g"]`],
  ])('can not hang by many %s', (_, text) => {
    expect(() => decodeOrRefuse(text, [new ArrayBuffer(1)])).not.toThrow();
  });

  // 64-bit digits that are alike but for the last: the engine hashes the first one alone.
  const colliding = Array.from(
    { length: 40_000 },
    (_, index) => `["${(index + 1).toString(16)}${'0'.repeat(16)}","i"]`,
  );
  it.each([
    ['keys that collide, in a Set', `[[${colliding.join()},"t"],"g"]`, 20],
    ['keys that collide, in a Map', `[[${colliding.map((key) => `${key},1`).join()},"m"],"g"]`, 20],
    ['holes', `[[${'[],'.repeat(many)}0],"g"]`, -1],
    ['undefined elements', `[[${'["u"],'.repeat(many)}0],"g"]`, -1],
    ['undefined fields', `[{${Array.from({ length: 1_000 }, (_, index) => `"k${index}":["u"]`).join()}},"g"]`, -1],
    ['objects', `[${'{},'.repeat(1_000)}"g"]`, -1],
    ['regular expressions', '[["a","","x"],"g"]', -1],
  ])('takes no longer than is allowed: %s', (_, text, maxMs) => {
    expect(() => decodeValue({ text, plain: false, parts: [] }, maxMs)).toThrow(
      expect.objectContaining({ code: 'INVALID_DATA', message: containing('it takes too long') }),
    );
  });

  it('can not hold regular expressions that take long to compile', () => {
    const source = '\\\\p{RGI_Emoji}'.repeat(400);
    expect(() => decode(`[["${source}","v","x"],"g"]`)).toThrow('regular expressions are too long');
  });

  it('decodes to something sound or is refused, however a good one is changed', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat({ max: 4 }),
      text: fc.oneof(
        fc.string(),
        fc.constantFrom(
          '[',
          ']',
          '{',
          '}',
          ',',
          '0',
          '1',
          '-',
          'e9',
          '"g"',
          '"m"',
          '"r"',
          '[0]',
          '[]',
          '"__proto__":',
          '{}',
          'null',
          '"v"',
          '"e"',
        ),
      ),
    });
    fc.assert(
      fc.property(graph, fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean(), (value, edits, dropParts) => {
        const encoded = encodeValue(value, { maxBytes: Infinity });
        let text = encoded.text;
        for (const { at, length, text: inserted } of edits) {
          const start = Math.floor(at * text.length);
          text = text.slice(0, start) + inserted + text.slice(start + length);
        }
        expect(withForeignPrototype(decodeOrRefuse(text, dropParts ? [] : encoded.parts))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('decodes to something sound or is refused, whatever JSON it is', () => {
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          null,
          0,
          1,
          2,
          -1,
          0.5,
          'u',
          's',
          'i',
          '-i',
          'g',
          'w',
          'n',
          'd',
          'x',
          'm',
          't',
          'e',
          'b',
          'v',
          'Uint8Array',
          'DataView',
          '__proto__',
          'Error',
          '',
        ),
        fc.array(tie('json'), { maxLength: 6 }),
        fc.array(tie('json'), { maxLength: 6 }).map((list) => [...list, 'g']),
        fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'length', '0'), tie('json')),
      ),
    }));
    fc.assert(
      fc.property(json, fc.boolean(), (tree, isGraph) => {
        const text = JSON.stringify(isGraph ? [tree, tree, 'g'] : tree);
        expect(withForeignPrototype(decodeOrRefuse(text, [new ArrayBuffer(16), 'text']))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});
