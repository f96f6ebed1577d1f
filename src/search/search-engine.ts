import { setTimeout } from 'node:timers/promises';

import type { Embedder } from '../contracts/embedder.ts';
import type { SearchCache } from '../contracts/search-cache.ts';
import type { SearchDocument, SearchHit } from '../contracts/search.ts';
import type { CodeModeError } from '../errors/code-mode-error.ts';
import { assignSlots } from './document-slots.ts';
import type { Slots } from './document-slots.ts';
import { rank } from './fusion.ts';
import { MeaningIndex } from './meaning-index.ts';
import { Pace } from './pace.ts';
import { tokenTableEmbedder } from './token-table-embedder.ts';
import { Turns } from './turns.ts';
import type { ByteVector } from './vector-table.ts';
import { WordIndex } from './word-index.ts';

const DEFAULT_LIMIT = 10;
const MAX_QUERY_LENGTH = 4_000;
/** Enough for the vectors of tens of thousands of documents from the embedder that comes with the package. */
const DEFAULT_PATIENCE_MS = 2_000;

export interface SearchEngineOptions {
  /** Default: the token table that comes with the package. `null`: words alone. */
  readonly embedder?: Embedder | null;
  /** Keeps vectors from one process to the next. */
  readonly cache?: SearchCache | undefined;
  /**
   * How long a search waits for vectors that are being made, in ms; then it answers by words alone, while they go on
   * being made, and searches of the next half minute do not wait. Default: 2000.
   */
  readonly patienceMs?: number;
}

/**
 * Finds documents by their words and by what they mean.
 *
 * Nothing is built before the first search. What changed since the last one is then taken in, in slices between which
 * the thread serves others: a document is analysed and embedded once, as long as its content stays the same.
 *
 * @example
 * const engine = new SearchEngine();
 * engine.update(toolDocuments(tools));
 * await engine.search('fetch a web page', 5);
 */
export class SearchEngine {
  readonly #embedder: Embedder | null;
  readonly #cache: SearchCache | undefined;
  readonly #patienceMs: number;
  readonly #words = new WordIndex();
  readonly #turns = new Turns();
  /** There from the first build on, with an embedder. */
  #meaning: MeaningIndex | undefined;
  /** What `update` was last given, and what is built: the same array when all is up to date. */
  #wanted: readonly SearchDocument[] = [];
  #built = this.#wanted;
  #building: Promise<void> | undefined;
  #slots: Slots = [];

  constructor({ embedder = tokenTableEmbedder, cache, patienceMs = DEFAULT_PATIENCE_MS }: SearchEngineOptions = {}) {
    this.#embedder = embedder;
    this.#cache = cache;
    this.#patienceMs = patienceMs;
  }

  /** What is to be searched from now on. Costs nothing by itself; the same array again means that nothing changed. */
  update(documents: readonly SearchDocument[]): void {
    this.#wanted = documents;
  }

  /** Why search goes by words alone, when it does. The embedder is asked again after half a minute. */
  get problem(): CodeModeError | undefined {
    return this.#meaning?.problem;
  }

  /** Takes in all that changed, vectors included, however long that takes. */
  async ready(): Promise<void> {
    while (this.#isBehind()) await this.#build();
    await this.#meaning?.fill();
  }

  /**
   * The best documents, best first; equal ones in the order they were given in. Of a very long query only the
   * beginning counts.
   *
   * @param limit how many at most; default 10. An empty query finds all, without a limit.
   */
  async search(query: string, limit?: number): Promise<SearchHit[]> {
    if (query.trim() === '') return this.#wanted.slice(0, limit).map(({ id }) => ({ id, score: 0, matched: [] }));
    const text = query.slice(0, MAX_QUERY_LENGTH);
    if (this.#isBehind()) await this.#build();
    const vector = await this.#withPatience(this.#meaning?.embedQuery(text));
    if (vector !== undefined && this.#meaning?.isFilled === false) await this.#withPatience(this.#meaning.fill());
    return this.#turns.take(async (pace) => {
      // Documents may have changed meanwhile. Finding awaits nothing: all parts speak of the same ones.
      while (this.#isBehind()) await this.#build();
      const hits: SearchHit[] = [];
      for (const { document, terms, ...found } of this.#find(text, vector, limit ?? DEFAULT_LIMIT)) {
        await pace.step();
        hits.push({ ...found, matched: this.#words.matchedWords(document, terms) });
      }
      return hits;
    });
  }

  #find(query: string, vector: ByteVector | undefined, limit: number): Found[] {
    const words = this.#words.match(query);
    const cosines = vector === undefined ? undefined : this.#meaning?.cosines(vector);
    return rank({ words, cosines, slots: this.#slots, relatedFrom: this.#embedder?.relatedFrom }, limit).map(
      ({ slot, score, entry: { document } }) => {
        const found = { id: document.id, score, document, terms: this.#words.matchedTerms(slot, words) };
        return cosines === undefined ? found : { ...found, similarity: withinOne(cosines[slot] ?? 0) };
      },
    );
  }

  #isBehind(): boolean {
    return this.#building !== undefined || this.#built !== this.#wanted;
  }

  /** One at a time: who asks meanwhile waits for the same. */
  #build(): Promise<void> {
    this.#building ??= this.#takeIn(this.#wanted).finally(() => {
      this.#building = undefined;
    });
    return this.#building;
  }

  async #takeIn(documents: readonly SearchDocument[]): Promise<void> {
    const pace = new Pace();
    if (this.#embedder !== null)
      this.#meaning ??= await MeaningIndex.create(this.#embedder, this.#cache, this.#patienceMs);
    const slots = await assignSlots(documents, this.#slots, pace);
    for (const [slot, entry] of slots.entries()) {
      await pace.step();
      if (entry?.key === this.#slots[slot]?.key) continue;
      if (entry === undefined) this.#words.delete(slot);
      else this.#words.set(slot, entry.document);
    }
    await this.#words.rebuild(pace);
    this.#slots = slots;
    this.#meaning?.setSlots(slots);
    this.#built = documents;
  }

  /** The work's result, or undefined when it takes too long: it goes on, and the next searches do without. */
  async #withPatience<T>(work: Promise<T> | undefined): Promise<T | undefined> {
    if (work === undefined) return undefined;
    const patience = new AbortController();
    const { signal } = patience;
    const end = setTimeout(this.#patienceMs, undefined, { signal }).then(
      () => this.#meaning?.tooSlow(),
      () => undefined,
    );
    try {
      return await Promise.race([work, end]);
    } finally {
      patience.abort();
    }
  }
}

/** A hit before it is known which words matched. */
interface Found extends Omit<SearchHit, 'matched'> {
  readonly document: SearchDocument;
  readonly terms: ReadonlySet<number>;
}

/** Vectors are rounded: the cosine of one with itself may come out a little above 1. */
function withinOne(cosine: number): number {
  return Math.max(-1, Math.min(1, cosine));
}
