import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../src/search/words.ts';

const folded = (text: string): string[] => wordsOf(text).map((word) => word.folded);

describe('wordsOf', () => {
  it.each([
    ['camelCase', 'fetchWebPage', ['fetch', 'web', 'page']],
    ['PascalCase with an acronym', 'XMLHttpRequest', ['xml', 'http', 'request']],
    ['an acronym at the end', 'parseJSON', ['parse', 'json']],
    ['snake_case', 'docker_compose_up', ['docker', 'compose']],
    ['kebab-case and dots', 'git.log-graph', ['git', 'log', 'graph']],
    ['digits', 'utf8ToBase64', ['utf', '8', 'base', '64']],
    ['stop words', 'What is the weather in Paris?', ['weather', 'paris']],
    ['accents', 'Café Übersicht', ['cafe', 'ubersicht']],
    ['an accent as a character of its own', 'cafe\u0301', ['cafe']],
    ['full-width letters', 'ＡＢＣ', ['abc']],
    ['Cyrillic, with capitals', 'найтиФайл', ['наити', 'фаил']],
    ['scripts without spaces, as pairs', '天気予報', ['天気', '気予', '予報']],
    ['nothing', ' \n–!?', []],
  ])('splits %s', (_, text, expected) => {
    expect(folded(text)).toEqual(expected);
  });

  it('keeps the words as they stand', () => {
    expect(wordsOf('fetchWebPages').map((word) => word.surface)).toEqual(['fetch', 'Web', 'Pages']);
  });

  it('cuts what is too long to be a word', () => {
    expect(folded('x'.repeat(100_000))).toEqual(['x'.repeat(64)]);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(wordsOf(text).every((word) => word.folded !== '')).toBe(true);
      }),
    );
  });
});
