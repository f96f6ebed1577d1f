import { createHash } from 'node:crypto';

import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import type { Embedder } from '../../src/contracts/embedder.ts';
import type { SearchCache } from '../../src/contracts/search-cache.ts';
import type { SearchDocument } from '../../src/contracts/search.ts';
import { SearchEngine } from '../../src/search/search-engine.ts';
import type { SearchEngineOptions } from '../../src/search/search-engine.ts';

function document(id: string, description = '', extra: Partial<SearchDocument> = {}): SearchDocument {
  return { id, name: id, description, tags: [], parameters: [], ...extra };
}

function engineOver(documents: readonly SearchDocument[], options: SearchEngineOptions = {}): SearchEngine {
  const engine = new SearchEngine({ embedder: null, ...options });
  engine.update(documents);
  return engine;
}

async function idsOf(engine: SearchEngine, query: string, limit?: number): Promise<string[]> {
  return (await engine.search(query, limit)).map(({ id }) => id);
}

/** Knows three meanings, by words; remembers what it was asked. */
class MeaningEmbedder implements Embedder {
  readonly id: string;
  readonly dimensions = 4;
  readonly asked: string[] = [];
  state: 'works' | 'fails' | 'lies' | 'hangs' = 'works';

  constructor(id = 'meanings-1') {
    this.id = id;
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.asked.push(...texts);
    if (this.state === 'fails') throw new Error('the model is on fire');
    if (this.state === 'lies') return texts.map(() => Float32Array.of(1, 2));
    if (this.state === 'hangs') return new Promise(() => {});
    return texts.map((text) => Float32Array.from(MEANINGS, (words) => (words.test(text) ? 1 : 0.05)));
  }
}

const MEANINGS = [/page|web|site|internet/, /picture|image|photo/, /money|invoice|bill/, /nothing else/];

class MemoryCache implements SearchCache {
  readonly spaces = new Map<string, Map<string, Uint8Array>>();

  async read(space: string, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const entries = this.spaces.get(space) ?? new Map<string, Uint8Array>();
    return new Map([...entries].filter(([key]) => keys.includes(key)));
  }

  async write(space: string, entries: ReadonlyMap<string, Uint8Array>): Promise<void> {
    this.spaces.set(space, new Map([...(this.spaces.get(space) ?? []), ...entries]));
  }
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

describe('SearchEngine by words', () => {
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
  ])('finds by %s', async (_, query, expected) => {
    expect((await idsOf(engineOver(TOOLS), query))[0]).toBe(expected);
  });

  it('counts the name more than the description, and that more than parameters', async () => {
    const engine = engineOver([
      document('a', 'x', { parameters: [{ name: 'p', description: 'invoice' }] }),
      document('b', 'x', { parameters: [{ name: 'invoice' }] }),
      document('c', 'invoice'),
      document('invoice', 'x'),
    ]);
    expect(await idsOf(engine, 'invoices')).toEqual(['invoice', 'c', 'b', 'a']);
  });

  it('counts rare words more than common ones', async () => {
    const engine = engineOver([
      document('a', 'report file'),
      document('b', 'report file'),
      document('c', 'report weather'),
    ]);
    expect((await idsOf(engine, 'report weather'))[0]).toBe('c');
  });

  it('prefers a whole word to one that begins like it', async () => {
    const engine = engineOver([document('a', 'category'), document('b', 'cat'), document('c', 'catalogue')]);
    expect(await idsOf(engine, 'cat')).toEqual(['b', 'a', 'c']);
  });

  it('says which words matched, as they stand in the document, and scores the best as 1', async () => {
    const [hit] = await engineOver(TOOLS).search('resizing images');
    expect(hit).toEqual({ id: 'resizeImage', score: 1, matched: ['resize', 'Image'] });
  });

  it('finds nothing for words that no document has', async () => {
    for (const query of ['zebra', 'the', '?!']) expect(await idsOf(engineOver(TOOLS), query)).toEqual([]);
  });

  it('answers an empty query with everything, in order', async () => {
    expect(await idsOf(engineOver(TOOLS), ' ')).toEqual(TOOLS.map(({ id }) => id));
    expect(await idsOf(engineOver(TOOLS), '', 2)).toEqual(['curl', 'curl.get']);
  });

  it('keeps the order of equal documents', async () => {
    const many = Array.from({ length: 30 }, (_, index) => document(`n${index}`, 'the same words'));
    const engine = engineOver(many);
    expect(await idsOf(engine, 'words', 30)).toEqual(many.map(({ id }) => id));
    engine.update(many.toReversed());
    expect(await idsOf(engine, 'words', 30)).toEqual(many.map(({ id }) => id).toReversed());
  });

  it('answers ten, unless told otherwise', async () => {
    const engine = engineOver(Array.from({ length: 30 }, (_, number) => document(`n${number}`, 'word')));
    expect(await idsOf(engine, 'word')).toHaveLength(10);
    expect(await idsOf(engine, 'word', 25)).toHaveLength(25);
    expect(await idsOf(engine, 'word', 0)).toEqual([]);
  });

  it('works on no documents, and on empty ones', async () => {
    expect(await idsOf(engineOver([]), 'x')).toEqual([]);
    expect(await idsOf(engineOver([]), '')).toEqual([]);
    expect(await idsOf(engineOver([document('')]), 'x')).toEqual([]);
    expect(await idsOf(new SearchEngine(), 'x')).toEqual([]);
  });

  it('takes words that are properties of every object', async () => {
    const engine = engineOver([document('a', '__proto__ constructor toString'), document('b', 'hasOwnProperty')]);
    expect(await idsOf(engine, 'constructor')).toEqual(['a']);
    expect(await idsOf(engine, '__proto__')).toEqual(['a']);
  });

  it('takes very long queries and texts', async () => {
    const engine = engineOver([...TOOLS, document('long', 'word '.repeat(100_000))]);
    expect((await idsOf(engine, `git ${'z'.repeat(1_000_000)}`))[0]).toBe('git.log');
    expect((await idsOf(engine, 'git '.repeat(250_000)))[0]).toBe('git.log');
    expect(await idsOf(engine, Array.from({ length: 100_000 }, (_, number) => `w${number}`).join(' '))).toEqual([]);
  });

  it('answers after any changes as if it had been built anew', async () => {
    const anyDocuments = fc.uniqueArray(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), text: fc.constantFrom('git log', 'web page', 'sort') }),
      { selector: ({ id }) => id },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyDocuments, { maxLength: 6 }), async (history) => {
        const engine = new SearchEngine({ embedder: new MeaningEmbedder() });
        for (const state of history) {
          const documents = state.map(({ id, text }) => document(id, text));
          engine.update(documents);
          const anew = new SearchEngine({ embedder: new MeaningEmbedder() });
          anew.update(documents);
          expect(await engine.search('log page sorted')).toEqual(await anew.search('log page sorted'));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('answers any query with documents it has, best first, the same each time', async () => {
    const engine = engineOver(TOOLS, { embedder: new MeaningEmbedder() });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        async (...args) => {
          const [query, limit] = args;
          const hits = await engine.search(query, limit);
          expect(hits).toEqual(await engine.search(query, limit));
          expect(hits.length).toBeLessThanOrEqual(limit);
          const scores = hits.map(({ score }) => score);
          expect(scores).toEqual(scores.toSorted((a, b) => b - a));
          for (const { id, score } of hits) {
            expect(TOOLS.some((tool) => tool.id === id)).toBe(true);
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThanOrEqual(1.000001);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes changes that come while it searches', async () => {
    const engine = engineOver(TOOLS, { embedder: new MeaningEmbedder() });
    const under = Array.from({ length: 20 }, (_, number) => {
      engine.update([...TOOLS, document(`zebra${number}`, 'stripes')]);
      return idsOf(engine, 'stripes', 1);
    });
    // The last of the changes may be answered already by the first search.
    for (const [number, ids] of (await Promise.all(under)).entries()) {
      expect(ids[0]).toMatch(/^zebra\d+$/);
      expect(Number(ids[0]?.slice(5))).toBeGreaterThanOrEqual(number);
    }
    expect(await idsOf(engine, 'stripes', 1)).toEqual(['zebra19']);
  });
});

describe('SearchEngine by meaning', () => {
  it('finds what shares no word with the query, and says how alike it is', async () => {
    const engine = engineOver(TOOLS, { embedder: new MeaningEmbedder() });
    const [hit] = await engine.search('photo');
    expect(hit).toMatchObject({ id: 'resizeImage', matched: [] });
    expect(hit?.similarity).toBeGreaterThan(0.9);
  });

  it('does not find what is unlike and shares no word', async () => {
    const engine = engineOver(TOOLS, { embedder: new MeaningEmbedder() });
    expect(await idsOf(engine, 'photo')).not.toContain('curl.get');
  });

  it('embeds each content once, also when others come and go', async () => {
    const embedder = new MeaningEmbedder();
    const engine = engineOver(TOOLS, { embedder });
    await engine.ready();
    expect(embedder.asked).toHaveLength(TOOLS.length);
    engine.update([document('bill', 'Write an invoice'), ...structuredClone(TOOLS.toReversed())]);
    await engine.ready();
    expect(embedder.asked.slice(TOOLS.length)).toEqual(['bill: Write an invoice']);
    engine.update(TOOLS.slice(1));
    expect(await idsOf(engine, 'transfer')).not.toContain('curl');
    engine.update(TOOLS.slice(1, 3));
    await engine.ready();
    expect(embedder.asked.filter((text) => text !== 'transfer')).toHaveLength(TOOLS.length + 1);
  });

  it('embeds identifiers as words', async () => {
    const embedder = new MeaningEmbedder();
    await engineOver(TOOLS, { embedder }).ready();
    expect(embedder.asked).toContain('resize Image: Make a picture smaller (width pixels)');
  });

  it.each(['fails', 'lies'] as const)('goes by words when the embedder %s', async (state) => {
    const embedder = new MeaningEmbedder();
    embedder.state = state;
    const engine = engineOver(TOOLS, { embedder });
    expect(await engine.search('picture')).toEqual([{ id: 'resizeImage', score: 1, matched: ['picture'] }]);
    expect(engine.problem).toMatchObject({ code: 'EMBEDDER_FAILED' });
    expect(engine.problem?.message).toMatch(state === 'fails' ? /on fire/ : /vectors of 2 numbers; expected 1 of 4/);
  });

  it('goes by words as long as vectors are not there', async () => {
    const embedder = new MeaningEmbedder();
    embedder.state = 'hangs';
    const engine = engineOver(TOOLS, { embedder, patienceMs: 1 });
    expect(await engine.search('picture')).toEqual([{ id: 'resizeImage', score: 1, matched: ['picture'] }]);
    expect(engine.problem).toMatchObject({ code: 'EMBEDDER_FAILED' });
    expect(engine.problem?.message).toMatch(/longer than 1 ms; search goes on by words/);
  });

  it('waits once, not in every search, for an embedder that hangs, and aborts the call in the end', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const embedder: Embedder = {
      id: 'hangs',
      dimensions: 4,
      embed: (_, options) => {
        signals.push(options?.signal);
        return new Promise(() => {});
      },
    };
    const engine = engineOver(TOOLS, { embedder, patienceMs: 5 });
    for (let count = 0; count < 20; count++) expect(await idsOf(engine, 'picture')).toEqual(['resizeImage']);
    expect(signals).toHaveLength(1);
    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true), { timeout: 10_000 });
    expect(engine.problem?.message).toMatch(/no answer in 300 ms/);
  });

  it('waits once for the vectors of documents that never come', async () => {
    let calls = 0;
    const embedder: Embedder = {
      id: 'hangs',
      dimensions: 4,
      embed: async (texts) => {
        calls++;
        return texts.length === 1 ? [Float32Array.of(1, 0, 0, 0)] : new Promise(() => {});
      },
    };
    const engine = engineOver(TOOLS, { embedder, patienceMs: 5 });
    for (let count = 0; count < 20; count++) expect(await idsOf(engine, 'picture')).toEqual(['resizeImage']);
    expect(calls).toBe(2);
  });

  it('uses an embedder as soon as its first, slow answer is there', async () => {
    const works = new MeaningEmbedder();
    const loaded = Promise.withResolvers<undefined>();
    const embedder: Embedder = {
      id: 'slow',
      dimensions: 4,
      embed: async (texts) => {
        await loaded.promise;
        return works.embed(texts);
      },
    };
    const engine = engineOver(TOOLS, { embedder, patienceMs: 200 });
    expect(await idsOf(engine, 'photo')).toEqual([]);
    loaded.resolve(undefined);
    await vi.waitFor(() => expect(engine.problem).toBeUndefined());
    await engine.ready();
    expect((await idsOf(engine, 'photo'))[0]).toBe('resizeImage');
  });

  it('scores what is found by meaning above 0 when all are alike, and has no similarity above 1', async () => {
    // Rounded to bytes, this one's cosine with itself comes out above 1.
    const vector = Float32Array.from({ length: 384 }, (_, index) => Math.sin(index));
    const embedder: Embedder = { id: 'same', dimensions: 384, embed: async (texts) => texts.map(() => vector) };
    const [hit] = await engineOver([document('a', 'one'), document('b', 'two')], { embedder }).search('zebra');
    expect(hit?.id).toBe('a');
    expect(hit?.score).toBeGreaterThan(0.5);
    expect(hit?.similarity).toBeGreaterThan(0.99);
    expect(hit?.similarity).toBeLessThanOrEqual(1);
  });
});

describe('SearchEngine with a cache', () => {
  it('embeds nothing that another engine has embedded', async () => {
    const cache = new MemoryCache();
    await engineOver(TOOLS, { embedder: new MeaningEmbedder(), cache }).ready();
    const embedder = new MeaningEmbedder();
    const second = engineOver([...TOOLS, document('bill', 'Write an invoice')], { embedder, cache });
    await second.ready();
    expect(embedder.asked).toEqual(['bill: Write an invoice']);
    const alone = engineOver([...TOOLS, document('bill', 'Write an invoice')], { embedder: new MeaningEmbedder() });
    expect(await second.search('web picture money')).toEqual(await alone.search('web picture money'));
  });

  it('makes the vectors anew for another embedder', async () => {
    const cache = new MemoryCache();
    await engineOver(TOOLS, { embedder: new MeaningEmbedder(), cache }).ready();
    const embedder = new MeaningEmbedder('meanings-2');
    await engineOver(TOOLS, { embedder, cache }).ready();
    expect(embedder.asked).toHaveLength(TOOLS.length);
    expect(cache.spaces.size).toBe(2);
  });

  it('believes nothing that the cache says', async () => {
    const lies = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.constantFrom(NaN, Infinity, 1e30, -1).map((scale) => {
        const record = new Uint8Array(8).fill(1);
        new DataView(record.buffer).setFloat32(0, scale, true);
        return record;
      }),
    );
    const expected = await engineOver(TOOLS, { embedder: new MeaningEmbedder() }).search('web picture');
    await fc.assert(
      fc.asyncProperty(lies, async (lie) => {
        fc.pre(!isVector(lie));
        const cache: SearchCache = {
          read: async (_, keys) => new Map([...keys, 'stray'].map((key) => [key, lie])),
          write: async () => {},
        };
        expect(await engineOver(TOOLS, { embedder: new MeaningEmbedder(), cache }).search('web picture')).toEqual(
          expected,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('names entries by hashes of what they were made of', async () => {
    const cache = new MemoryCache();
    await engineOver(TOOLS.slice(0, 1), { embedder: new MeaningEmbedder(), cache }).ready();
    expect([...cache.spaces.keys()].join()).toContain('meanings-1');
    const content = JSON.stringify([
      'curl',
      'Transfer data from a server',
      ['http', 'network'],
      [['url', 'The address of the page']],
    ]);
    const keys = [...cache.spaces.values()].flatMap((entries) => [...entries.keys()]);
    expect(keys).toEqual([createHash('sha256').update(content).digest('hex').slice(0, 32)]);
  });
});

/** Random bytes may happen to be one: then there is nothing to doubt. */
function isVector(record: Uint8Array): boolean {
  if (record.length !== 8) return false;
  const scale = new DataView(record.buffer).getFloat32(0, true);
  const bytes = new Int8Array(record.buffer, 4, 4);
  const length = scale * Math.hypot(...bytes);
  return length === 0 || Math.abs(length - 1) < 0.1;
}
