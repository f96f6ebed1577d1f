import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { WordPieces } from '../../src/search/word-pieces.ts';

const PIECES = ['get', 'stock', 'price', 'un', '##aff', '##able', 'cafe', '日', 'a', '##b', '.'];
const pieces = new WordPieces(new Map(PIECES.map((piece, number) => [piece, number])));
const split = (text: string, limit = 99): (string | undefined)[] =>
  pieces.split(text, limit).map((number) => PIECES[number]);

describe('WordPieces', () => {
  it.each([
    ['words into the longest pieces', 'unaffable', ['un', '##aff', '##able']],
    ['identifiers into their words', 'getStockPrice get_stock', ['get', 'stock', 'price', 'get', 'stock']],
    ['capitals and accents', 'GET Café', ['get', 'cafe']],
    ['ideographs one by one', '日日', ['日', '日']],
    ['punctuation from words', 'get.stock', ['get', '.', 'stock']],
    ['nothing', ' \n', []],
  ])('splits %s', (_, text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  it('leaves out words that have no pieces, and words that are data', () => {
    expect(split('get getx price')).toEqual(['get', 'price']);
    expect(split(`get ${'ab'.repeat(1_000_000)} price`)).toEqual(['get', 'price']);
  });

  it('gives no more than asked for', () => {
    expect(split('get '.repeat(100_000), 3)).toEqual(['get', 'get', 'get']);
    expect(split('unaffable', 2)).toEqual(['un', '##aff']);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(pieces.split(text, 20).every((number) => PIECES[number] !== undefined)).toBe(true);
      }),
    );
  });
});
