import { STOP_WORDS } from './stop-words.ts';

/** One word of a text. */
export interface Word {
  /** As it stands in the text. */
  readonly surface: string;
  /** Lower case, without accents. */
  readonly folded: string;
}

/** Words longer than this are cut: they are data, not words. */
const MAX_WORD_LENGTH = 64;

const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** `fooBar` is `foo` and `Bar`, `HTTPServer` is `HTTP` and `Server`, `utf8` is `utf` and `8`. */
const PART = /\p{Lu}+(?![\p{Ll}\p{M}])|\p{Lu}?[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{M}]+|\p{Lu}|\p{N}+/gu;
/** Scripts written without spaces. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー]+$/u;
const ACCENTS = /[\u0300-\u036f]/g;
const LOWER_CASE_ASCII = /^[a-z]+$/;
/** One part, as most words are: quick to see. */
const SIMPLE_WORD = /^[A-Za-z][a-z]*$/;
const ASCII = /^[\0-\x7f]*$/;

/** The words of a text that count in a search: identifiers are split into their parts, stop words left out. */
export function wordsOf(text: string): Word[] {
  return [...eachWord(text)];
}

/** The same, one by one: who has found what it looked for reads no further. */
export function* eachWord(text: string): Generator<Word> {
  for (const [run] of text.normalize('NFC').matchAll(RUN)) {
    for (const part of SIMPLE_WORD.test(run) ? [run] : partsOf(run)) {
      const surface = part.slice(0, MAX_WORD_LENGTH);
      const folded = fold(surface);
      if (folded !== '' && !STOP_WORDS.has(folded)) yield { surface, folded };
    }
  }
}

function partsOf(run: string): string[] {
  return Array.from(run.matchAll(PART), ([part]) => part).flatMap((part) =>
    UNSPACED.test(part) ? pairsOf(part) : [part],
  );
}

/** Pairs of neighbouring characters stand for the words of a script that does not mark them. */
function pairsOf(part: string): string[] {
  const characters = Array.from(part);
  if (characters.length < 3) return [part];
  return characters.slice(1).map((character, index) => (characters[index] ?? '') + character);
}

function fold(word: string): string {
  if (LOWER_CASE_ASCII.test(word)) return word;
  return ASCII.test(word) ? word.toLowerCase() : word.normalize('NFKD').replace(ACCENTS, '').toLowerCase();
}
