import type { Embedder } from '../contracts/embedder.ts';
import type { SearchCache } from '../contracts/search-cache.ts';
import { CodeModeError, isCodeModeError } from '../errors/code-mode-error.ts';
import type { Slots } from './document-slots.ts';
import { embeddingText } from './embedding-text.ts';
import { Pace } from './pace.ts';
import { decodeVector, encodeVector } from './vector-record.ts';
import { toByteVector, VectorTable } from './vector-table.ts';
import type { ByteVector } from './vector-table.ts';

/** Raised when `embeddingText` or the record changes: vectors of before are then not read. */
const FORMAT = 1;
const EMBED_AT_ONCE = 64;
const CACHE_AT_ONCE = 1024;
/** After a failure, how long the embedder is left alone. */
const RETRY_AFTER_MS = 30_000;
/** One call may take so many times a search's patience: models are loaded and fetched at first use. */
const PATIENCES_A_CALL = 60;

/**
 * The vectors of documents in numbered slots: from the cache where it has them, else from the embedder, in batches,
 * which are kept in the cache as they come. An embedder that fails costs the vectors alone, never a search.
 */
export class MeaningIndex {
  readonly #embedder: Embedder;
  readonly #cache: SearchCache | undefined;
  readonly #space: string;
  readonly #table: VectorTable;
  readonly #patienceMs: number;
  #slots: Slots = [];
  /** The content whose vector stands in each slot. */
  readonly #filled: (string | undefined)[] = [];
  /** Content without a vector, and the slots that it stands in. */
  #missing = new Map<string, number[]>();
  #filling: Promise<void> | undefined;
  #problem: CodeModeError | undefined;
  #retryAt = 0;

  private constructor(embedder: Embedder, cache: SearchCache | undefined, table: VectorTable, patienceMs: number) {
    this.#embedder = embedder;
    this.#cache = cache;
    this.#space = `${embedder.id}/${embedder.dimensions}/${FORMAT}`;
    this.#table = table;
    this.#patienceMs = patienceMs;
  }

  /** @param patienceMs how long a search waits; a call of the embedder that takes 60 times as long is given up */
  static async create(embedder: Embedder, cache: SearchCache | undefined, patienceMs: number): Promise<MeaningIndex> {
    return new MeaningIndex(embedder, cache, await VectorTable.create(embedder.dimensions), patienceMs);
  }

  /** Why vectors could not be had; undefined again when they can. */
  get problem(): CodeModeError | undefined {
    return this.#problem;
  }

  get isFilled(): boolean {
    return this.#missing.size === 0;
  }

  /**
   * Says which documents there are. At once, so that none is ever compared by the vector of one that stood in its
   * slot before; `fill` gets the vectors that are missing.
   */
  setSlots(slots: Slots): void {
    this.#slots = slots;
    this.#table.reserve(slots.length);
    this.#missing = new Map();
    for (const [slot, entry] of slots.entries()) {
      if (entry?.key === this.#filled[slot]) continue;
      this.#table.clear(slot);
      this.#filled[slot] = undefined;
      if (entry === undefined) continue;
      const others = this.#missing.get(entry.key);
      if (others === undefined) this.#missing.set(entry.key, [slot]);
      else others.push(slot);
    }
  }

  /** Gets the missing vectors; resolves when all are there or the embedder has failed. Never rejects. */
  async fill(): Promise<void> {
    while (!this.isFilled && performance.now() >= this.#retryAt) {
      this.#filling ??= this.#fillMissing()
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#filling = undefined;
        });
      await this.#filling;
    }
  }

  /** The query's vector; undefined when the embedder fails, or failed just now. */
  async embedQuery(query: string): Promise<ByteVector | undefined> {
    if (performance.now() < this.#retryAt) return undefined;
    try {
      const [vector] = await this.#embed([query]);
      return vector;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /**
   * A search waited for long enough: the next ones do not, for as long as after a failure. What was begun goes on, and
   * ends that when it succeeds; else a model that takes long to load would never be there.
   */
  tooSlow(): undefined {
    this.#fail(new Error(`it takes longer than ${this.#patienceMs} ms`));
  }

  /**
   * The cosine of the query with each slot's document, 0 where there is no vector. Undefined while more than a few
   * vectors are missing: documents that have one would push out those that do not.
   */
  cosines(query: ByteVector): Float32Array | undefined {
    return this.#missing.size * 10 <= this.#slots.length ? this.#table.cosines(query) : undefined;
  }

  async #fillMissing(): Promise<void> {
    // Newer documents begin anew, with what is missing then.
    const missing = this.#missing;
    const pace = new Pace();
    for (const keys of chunks([...missing.keys()], CACHE_AT_ONCE)) {
      const records = (await this.#cache?.read(this.#space, keys)) ?? new Map<string, Uint8Array>();
      for (const [key, record] of records) {
        await pace.step();
        const vector = decodeVector(record, this.#embedder.dimensions);
        if (vector !== undefined) this.#take(key, vector);
      }
    }
    for (const keys of chunks([...missing.keys()], CACHE_AT_ONCE)) {
      const made = new Map<string, Uint8Array>();
      try {
        for (const some of chunks(keys, EMBED_AT_ONCE)) {
          if (missing !== this.#missing) return;
          for (const [key, vector] of await this.#embedContents(some)) {
            this.#take(key, vector);
            made.set(key, encodeVector(vector));
          }
          await pace.step();
        }
      } finally {
        if (made.size > 0) await this.#cache?.write(this.#space, made);
      }
    }
    this.#recover();
  }

  async #embedContents(keys: readonly string[]): Promise<[string, ByteVector][]> {
    const found = keys.flatMap((key) => {
      const entry = this.#slots[this.#missing.get(key)?.[0] ?? -1];
      return entry === undefined ? [] : [entry];
    });
    const vectors = await this.#embed(found.map(({ document }) => embeddingText(document)));
    return found.flatMap(({ key }, index): [string, ByteVector][] => {
      const vector = vectors[index];
      return vector === undefined ? [] : [[key, vector]];
    });
  }

  #take(key: string, vector: ByteVector): void {
    for (const slot of this.#missing.get(key) ?? []) {
      this.#table.set(slot, vector);
      this.#filled[slot] = key;
    }
    this.#missing.delete(key);
  }

  async #embed(texts: readonly string[]): Promise<ByteVector[]> {
    const { id, dimensions } = this.#embedder;
    const vectors = await this.#callEmbedder(texts);
    const isSound = vectors.length === texts.length && vectors.every(({ length }) => length === dimensions);
    if (!isSound) {
      throw new CodeModeError(
        'EMBEDDER_FAILED',
        `Cannot embed with ${id}: it gave ${vectors.length} vectors of ${[...new Set(vectors.map(({ length }) => length))].join(', ')} numbers; expected ${texts.length} of ${dimensions}`,
      );
    }
    this.#recover();
    return vectors.map((vector) => toByteVector(vector));
  }

  /** Rejects when it takes far too long, also if the embedder takes no notice of the signal. */
  async #callEmbedder(texts: readonly string[]): Promise<Float32Array[]> {
    const stop = new AbortController();
    const { promise: end, reject } = Promise.withResolvers<never>();
    const limitMs = this.#patienceMs * PATIENCES_A_CALL;
    const timer = setTimeout(() => {
      const reason = new Error(`no answer in ${limitMs} ms`);
      stop.abort(reason);
      reject(reason);
    }, limitMs).unref();
    try {
      return await Promise.race([this.#embedder.embed(texts, { signal: stop.signal }), end]);
    } finally {
      clearTimeout(timer);
    }
  }

  #recover(): void {
    this.#problem = undefined;
    this.#retryAt = 0;
  }

  #fail(error: unknown): void {
    this.#retryAt = performance.now() + RETRY_AFTER_MS;
    const reason = error instanceof Error ? error.message : String(error);
    this.#problem = isCodeModeError(error)
      ? error
      : new CodeModeError(
          'EMBEDDER_FAILED',
          `Cannot embed with ${this.#embedder.id}: ${reason}; search goes on by words`,
          {
            cause: error,
          },
        );
  }
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
