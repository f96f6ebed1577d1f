/** Longer words are data; the model's own tokenizer gives up on them too. */
const MAX_WORD_LENGTH = 100;

/** Runs of letters and digits; each other visible character, and each ideograph, stands alone. */
const WORD = /\p{Ideographic}|(?:(?!\p{Ideographic})[\p{L}\p{M}\p{N}])+|[^\s\p{C}]/gu;
/** `fooBar`, `HTTPServer`: where a new word begins inside an identifier. */
const IDENTIFIER_SEAM = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu;
const MARKS = /\p{Mn}/gu;
const PLAIN = /^[\0-\x7f]*$/;

/**
 * Splits text as BERT's uncased WordPiece does: each word into the longest pieces that the vocabulary has.
 *
 * Unlike BERT's, identifiers are split into their words first (`getStockPrice` is `get stock price`), and words that
 * can't be put together from pieces are left out.
 */
export class WordPieces {
  /** By text; a piece that goes on a word begins with `##`. */
  readonly #pieces: ReadonlyMap<string, number>;
  readonly #longest: number;

  constructor(pieces: ReadonlyMap<string, number>) {
    this.#pieces = pieces;
    this.#longest = Math.max(0, ...Iterator.from(pieces.keys()).map(({ length }) => length));
  }

  /** The numbers of the text's pieces, at most `limit`. */
  split(text: string, limit: number): number[] {
    const numbers: number[] = [];
    for (const [word] of fold(text).matchAll(WORD)) {
      if (word.length <= MAX_WORD_LENGTH) numbers.push(...this.#splitWord(word));
      if (numbers.length >= limit) return numbers.slice(0, limit);
    }
    return numbers;
  }

  #splitWord(word: string): number[] {
    const numbers: number[] = [];
    for (let start = 0; start < word.length;) {
      const prefix = start === 0 ? '' : '##';
      let end = Math.min(word.length, start + this.#longest - prefix.length);
      while (end > start && !this.#pieces.has(prefix + word.slice(start, end))) end--;
      const number = this.#pieces.get(prefix + word.slice(start, end));
      if (number === undefined) return [];
      numbers.push(number);
      start = end;
    }
    return numbers;
  }
}

/** Identifiers as words, lower case, without accents. */
function fold(text: string): string {
  const lower = text.replace(IDENTIFIER_SEAM, ' ').toLowerCase();
  return PLAIN.test(lower) ? lower : lower.normalize('NFD').replace(MARKS, '').normalize('NFC');
}
