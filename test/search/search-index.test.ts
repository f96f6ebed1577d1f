import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchDocument } from '../../src/contracts/search.ts';
import { SearchIndex } from '../../src/search/search-index.ts';

function document(id: string, description = '', extra: Partial<SearchDocument> = {}): SearchDocument {
  return { id, name: id, description, tags: [], parameters: [], ...extra };
}

const TOOLS = [
  document('curl', 'Transfer data from a server', {
    tags: ['http', 'network'],
    parameters: [{ name: 'url', description: 'The address of the page' }],
  }),
  document('curl.get', 'Fetch a web page'),
  document('git.log', 'Show the history of commits', {
    parameters: [{ name: 'maxCount', description: 'How many commits' }],
  }),
  document('sort', 'Sort lines of text'),
  document('resizeImage', 'Make a picture smaller', { parameters: [{ name: 'width_pixels' }] }),
];

const ids = (query: string, limit?: number): string[] =>
  new SearchIndex(TOOLS).search(query, limit).map(({ id }) => id);

describe('SearchIndex', () => {
  it.each([
    ['a name', 'git', 'git.log'],
    ['a part of an identifier', 'image', 'resizeImage'],
    ['an identifier in other spelling', 'resize-image', 'resizeImage'],
    ['the description', 'history', 'git.log'],
    ['another form of a word', 'committed', 'git.log'],
    ['a tag', 'network', 'curl'],
    ['a parameter name', 'pixel', 'resizeImage'],
    ['a parameter description', 'addresses', 'curl'],
    ['a sentence', 'How can I fetch pages from the web?', 'curl.get'],
    ['the beginning of a word', 'cur', 'curl'],
    ['the beginning of the last word', 'sort tex', 'sort'],
  ])('finds by %s', (_, query, expected) => {
    expect(ids(query)[0]).toBe(expected);
  });

  it('counts the name more than the description, and that more than parameters', () => {
    const index = new SearchIndex([
      document('a', 'x', { parameters: [{ name: 'p', description: 'invoice' }] }),
      document('b', 'x', { parameters: [{ name: 'invoice' }] }),
      document('c', 'invoice'),
      document('invoice', 'x'),
    ]);
    expect(index.search('invoices').map(({ id }) => id)).toEqual(['invoice', 'c', 'b', 'a']);
  });

  it('counts rare words more than common ones', () => {
    const index = new SearchIndex([
      document('a', 'report file'),
      document('b', 'report file'),
      document('c', 'report weather'),
    ]);
    expect(index.search('report weather')[0]?.id).toBe('c');
  });

  it('prefers a whole word to one that begins like it', () => {
    const index = new SearchIndex([document('a', 'category'), document('b', 'cat'), document('c', 'catalogue')]);
    expect(index.search('cat').map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  });

  it('says which words matched, as they stand in the document', () => {
    expect(new SearchIndex(TOOLS).search('resizing images')[0]?.matched).toEqual(['resize', 'Image']);
  });

  it('finds nothing for words that no document has', () => {
    expect(ids('zebra')).toEqual([]);
    expect(ids('the')).toEqual([]);
    expect(ids('?!')).toEqual([]);
  });

  it('answers an empty query with everything, in order', () => {
    expect(ids(' ')).toEqual(TOOLS.map(({ id }) => id));
    expect(ids('', 2)).toEqual(['curl', 'curl.get']);
  });

  it('keeps the order of equal documents', () => {
    const many = Array.from({ length: 30 }, (_, index) => document(`n${index}`, 'the same words'));
    expect(new SearchIndex(many).search('words', 30).map(({ id }) => id)).toEqual(many.map(({ id }) => id));
  });

  it('answers ten, unless told otherwise', () => {
    const index = new SearchIndex(Array.from({ length: 30 }, (_, number) => document(`n${number}`, 'word')));
    expect(index.search('word')).toHaveLength(10);
    expect(index.search('word', 25)).toHaveLength(25);
    expect(index.search('word', 0)).toEqual([]);
  });

  it('works on no documents, and on empty ones', () => {
    expect(new SearchIndex([]).search('x')).toEqual([]);
    expect(new SearchIndex([]).search('')).toEqual([]);
    expect(new SearchIndex([document('')]).search('x')).toEqual([]);
  });

  it('takes words that are properties of every object', () => {
    const index = new SearchIndex([document('a', '__proto__ constructor toString'), document('b', 'hasOwnProperty')]);
    expect(index.search('constructor').map(({ id }) => id)).toEqual(['a']);
    expect(index.search('__proto__').map(({ id }) => id)).toEqual(['a']);
  });

  it('takes very long queries and texts', () => {
    const index = new SearchIndex([...TOOLS, document('long', 'word '.repeat(100_000))]);
    expect(index.search(`git ${'z'.repeat(1_000_000)}`)[0]?.id).toBe('git.log');
    expect(index.search('git '.repeat(250_000))[0]?.id).toBe('git.log');
    expect(index.search(Array.from({ length: 100_000 }, (_, number) => `w${number}`).join(' '))).toEqual([]);
  });

  it('answers any query with documents it has, best first, the same each time', () => {
    const index = new SearchIndex(TOOLS);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (query, limit) => {
        const hits = index.search(query, limit);
        expect(hits).toEqual(index.search(query, limit));
        expect(hits.length).toBeLessThanOrEqual(limit);
        expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
        for (const { id, score } of hits) {
          expect(TOOLS.some((tool) => tool.id === id)).toBe(true);
          expect(score).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
