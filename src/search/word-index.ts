import type { SearchDocument } from '../contracts/search.ts';
import type { Pace } from './pace.ts';
import { stem } from './porter-stemmer.ts';
import { eachWord, wordsOf } from './words.ts';
import type { Word } from './words.ts';

/** How soon a word that occurs again stops counting. */
const K1 = 1.5;
/** How much a field's length dilutes its words, from 0 to 1. */
const B = 0.75;
/** What a word counts that only begins like the query's. */
const PREFIX_WEIGHT = 0.2;

const MIN_PREFIX_LENGTH = 2;
const MAX_PREFIX_TERMS = 64;
const MAX_QUERY_WORDS = 128;

/** Where words stand, and what they count there. */
const FIELDS: readonly { readonly weight: number; readonly texts: (document: SearchDocument) => readonly string[] }[] =
  [
    { weight: 2, texts: ({ name }) => [name] },
    { weight: 1, texts: ({ tags }) => tags },
    { weight: 1, texts: ({ description }) => [description] },
    { weight: 0.5, texts: ({ parameters }) => parameters.map(({ name }) => name) },
    { weight: 0.3, texts: ({ parameters }) => parameters.map(({ description = '' }) => description) },
  ];

/** An occurrence is a number: the term, the field, how often (31 stands for more). */
const FIELD_SHIFT = 5;
const TERM_SHIFT = 8;
const MAX_COUNT = 31;

/** The words of one document: its occurrences in ascending order, and the number of words in each field. */
interface AnalysedDocument {
  readonly occurrences: Uint32Array;
  readonly lengths: readonly number[];
}

/** What the words of a query say about each slot. */
export interface WordMatch {
  /** By slot; 0 where no word matches. Good until the next query. */
  readonly scores: Float32Array;
  /** The terms that were looked for, each with how much it counts. */
  readonly terms: ReadonlyMap<number, number>;
  /** How many different words the query has. */
  readonly wordCount: number;
  /** How many of them some document has. */
  readonly knownCount: number;
}

/**
 * Finds documents by words: BM25F, which is BM25 over fields that count differently, on stems.
 *
 * Documents stand in numbered slots. After `set` and `delete` comes one `rebuild`: it lays out, for each term, the
 * slots that have it and what it adds to their score, in flat arrays.
 */
export class WordIndex {
  readonly #documents: (AnalysedDocument | undefined)[] = [];
  /** From every word met, folded, to the number of its term. */
  readonly #words = new Map<string, number>();
  readonly #terms = new Map<string, number>();
  /** The words, sorted: to find those that begin alike. */
  #sortedWords: readonly string[] = [];
  /** Where each term's part of the two lists below begins; one more, for the end. */
  #starts = new Uint32Array(1);
  #slots = new Uint32Array(0);
  #impacts = new Float32Array(0);
  /** Of the last query. */
  #scores = new Float32Array(0);

  /** Takes a document in, or another in its place. */
  set(slot: number, document: SearchDocument): void {
    this.#documents[slot] = this.#analyse(document);
  }

  delete(slot: number): void {
    this.#documents[slot] = undefined;
  }

  /** Makes the changes count. Not to be called twice at once, and nothing else meanwhile. */
  async rebuild(pace: Pace): Promise<void> {
    const documents = this.#documents;
    const live = documents.filter((document) => document !== undefined);
    const averages = averageLengths(live);
    const counts = new Uint32Array(this.#terms.size + 1);
    for (const [index, document] of documents.entries()) {
      if (index % 64 === 0) await pace.step();
      eachTerm(document, [], (term) => void (counts[term] = (counts[term] ?? 0) + 1));
    }
    const starts = new Uint32Array(this.#terms.size + 1);
    for (let term = 0; term < this.#terms.size; term++) starts[term + 1] = (starts[term] ?? 0) + (counts[term] ?? 0);
    const total = starts.at(-1) ?? 0;
    const slots = new Uint32Array(total);
    const impacts = new Float32Array(total);
    const next = starts.slice();
    for (const [slot, document] of documents.entries()) {
      if (slot % 64 === 0) await pace.step();
      eachTerm(document, fieldFactors(document, averages), (term, frequency) => {
        const at = next[term] ?? 0;
        next[term] = at + 1;
        slots[at] = slot;
        impacts[at] = rarity(live.length, counts[term] ?? 0) * saturated(frequency);
      });
    }
    if (this.#sortedWords.length !== this.#words.size) this.#sortedWords = [...this.#words.keys()].toSorted();
    this.#starts = starts;
    this.#slots = slots;
    this.#impacts = impacts;
  }

  /**
   * Scores every slot. A word of the query that no document has, and the last one, which may be half typed, also
   * finds the words that begin with it. A word said twice counts once: that measured better.
   */
  match(query: string): WordMatch {
    const words = wordsOf(query).slice(0, MAX_QUERY_WORDS);
    const terms = new Map<number, number>();
    const asked = new Set<string>();
    let knownCount = 0;
    for (const [index, { folded }] of words.entries()) {
      const stemmed = stem(folded);
      const term = this.#liveTerm(stemmed);
      if (term !== undefined && !asked.has(stemmed)) knownCount++;
      asked.add(stemmed);
      if (term !== undefined) terms.set(term, 1);
      if (term !== undefined && index < words.length - 1) continue;
      for (const longer of this.#termsThatBeginWith(folded)) if (!terms.has(longer)) terms.set(longer, PREFIX_WEIGHT);
    }
    this.#scores =
      this.#scores.length === this.#documents.length ? this.#scores.fill(0) : new Float32Array(this.#documents.length);
    const scores = this.#scores;
    for (const [term, weight] of terms) this.#addScores(scores, term, weight);
    return { scores, terms, wordCount: asked.size, knownCount };
  }

  /** The terms of the query that a slot's document has. */
  matchedTerms(slot: number, { terms }: WordMatch): ReadonlySet<number> {
    const matched = new Set<number>();
    eachTerm(this.#documents[slot], [], (term) => {
      if (terms.has(term)) matched.add(term);
    });
    return matched;
  }

  /** The words of a document that these terms stand for, as they stand there. Reads no further than the last. */
  matchedWords(document: SearchDocument, terms: ReadonlySet<number>): string[] {
    const missing = new Set(terms);
    const matched: string[] = [];
    for (const { texts } of FIELDS) {
      for (const text of texts(document)) {
        if (missing.size === 0) return matched;
        for (const { surface, folded } of eachWord(text)) {
          if (!missing.delete(this.#words.get(folded) ?? -1)) continue;
          matched.push(surface);
          if (missing.size === 0) return matched;
        }
      }
    }
    return matched;
  }

  #analyse(document: SearchDocument): AnalysedDocument {
    const counts = new Map<number, number>();
    const lengths = FIELDS.map(({ texts }, field) => {
      const words = texts(document).flatMap((text) => wordsOf(text));
      for (const word of words) {
        const place = (this.#termOf(word) << TERM_SHIFT) | (field << FIELD_SHIFT);
        counts.set(place, Math.min(MAX_COUNT, (counts.get(place) ?? 0) + 1));
      }
      return words.length;
    });
    const occurrences = Uint32Array.from(counts, ([place, count]) => place | count);
    return { occurrences: occurrences.toSorted(), lengths };
  }

  #termOf({ folded }: Word): number {
    const known = this.#words.get(folded);
    if (known !== undefined) return known;
    const stemmed = stem(folded);
    const term = this.#terms.get(stemmed) ?? this.#terms.size;
    this.#terms.set(stemmed, term);
    this.#words.set(folded, term);
    return term;
  }

  /** The number of a term that some document has. */
  #liveTerm(stemmed: string): number | undefined {
    const term = this.#terms.get(stemmed);
    return term !== undefined && (this.#starts[term] ?? 0) < (this.#starts[term + 1] ?? 0) ? term : undefined;
  }

  #termsThatBeginWith(prefix: string): ReadonlySet<number> {
    const terms = new Set<number>();
    if (prefix.length < MIN_PREFIX_LENGTH) return terms;
    for (let index = firstFrom(this.#sortedWords, prefix); terms.size < MAX_PREFIX_TERMS; index++) {
      const word = this.#sortedWords[index];
      if (!word?.startsWith(prefix)) break;
      terms.add(this.#words.get(word) ?? -1);
    }
    return terms;
  }

  #addScores(scores: Float32Array, term: number, weight: number): void {
    const slots = this.#slots;
    const impacts = this.#impacts;
    const end = this.#starts[term + 1] ?? 0;
    for (let at = this.#starts[term] ?? 0; at < end; at++) {
      const slot = slots[at] ?? 0;
      scores[slot] = (scores[slot] ?? 0) + weight * (impacts[at] ?? 0);
    }
  }
}

/** Visits the terms of a document, each with its frequency: its occurrences, each by what it counts in its field. */
function eachTerm(
  document: AnalysedDocument | undefined,
  factors: readonly number[],
  visit: (term: number, frequency: number) => void,
): void {
  const occurrences = document?.occurrences ?? NOTHING;
  for (let from = 0; from < occurrences.length;) {
    const term = (occurrences[from] ?? 0) >>> TERM_SHIFT;
    let frequency = 0;
    for (; from < occurrences.length; from++) {
      const occurrence = occurrences[from] ?? 0;
      if (occurrence >>> TERM_SHIFT !== term) break;
      frequency += (occurrence & MAX_COUNT) * (factors[(occurrence >>> FIELD_SHIFT) & 7] ?? 0);
    }
    visit(term, frequency);
  }
}

const NOTHING = new Uint32Array(0);

/** Mean words a document, by field; never 0. */
function averageLengths(live: readonly AnalysedDocument[]): readonly number[] {
  return FIELDS.map((_, field) => {
    const total = live.reduce((sum, { lengths }) => sum + (lengths[field] ?? 0), 0);
    return Math.max(1, total) / live.length;
  });
}

/** What one occurrence counts, by field: less in a longer text. */
function fieldFactors(document: AnalysedDocument | undefined, averages: readonly number[]): readonly number[] {
  return FIELDS.map(({ weight }, field) => {
    const relativeLength = (document?.lengths[field] ?? 0) / (averages[field] ?? 1);
    return weight / (1 - B + B * relativeLength);
  });
}

/** The more often a word occurs, the less each time adds. */
function saturated(frequency: number): number {
  return (frequency * (K1 + 1)) / (frequency + K1);
}

/** BM25's inverse document frequency, in the form that is never negative. */
function rarity(documents: number, having: number): number {
  return Math.log(1 + (documents - having + 0.5) / (having + 0.5));
}

/** Binary search: the first place whose word is not before the prefix. */
function firstFrom(sorted: readonly string[], prefix: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}
