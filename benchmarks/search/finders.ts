import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Embedder } from '../../src/contracts/embedder.ts';
import type { SearchDocument } from '../../src/contracts/search.ts';
import { miniLmEmbedder } from '../../src/embedders.ts';
import { embeddingText } from '../../src/search/embedding-text.ts';
import { SearchEngine } from '../../src/search/search-engine.ts';
import { openMiniSearch } from './mini-search.ts';

/** Searches: the ids that it finds, best first. */
export type Find = (query: string, limit: number) => Promise<readonly string[]> | readonly string[];
type OpenFinder = (documents: readonly SearchDocument[], queries: readonly string[]) => Promise<Find> | Find;

/** All that is compared, by name. */
export function finders(vectorFolder: string | undefined): ReadonlyMap<string, OpenFinder> {
  const all: [string, OpenFinder][] = [
    ['substring', openSubstrings],
    ['MiniSearch', openMiniSearch],
    ['words', (documents) => openEngine(documents, null)],
    ['default', (documents) => openEngine(documents)],
  ];
  if (vectorFolder !== undefined) {
    all.push([
      'MiniLM',
      async (documents, queries) =>
        openEngine(documents, await keptMiniLm([...documents.map(embeddingText), ...queries], vectorFolder)),
    ]);
  }
  return new Map(all);
}

async function openEngine(documents: readonly SearchDocument[], embedder?: Embedder | null): Promise<Find> {
  const engine = new SearchEngine(embedder === undefined ? {} : { embedder });
  engine.update(documents);
  await engine.ready();
  return async (query, limit) => (await engine.search(query, limit)).map(({ id }) => id);
}

/** The score of the original: the query as a whole in the name (all of it 100, a part 50) and in the description (25). */
function openSubstrings(documents: readonly SearchDocument[]): Find {
  const texts = documents.map(({ id, name, description }) => ({
    id,
    name: name.toLowerCase(),
    description: description.toLowerCase(),
  }));
  return (query, limit) => {
    const asked = query.toLowerCase();
    const scored = texts.map(({ id, name, description }) => {
      const inName = name === asked ? 100 : 50;
      return { id, score: (name.includes(asked) ? inName : 0) + (description.includes(asked) ? 25 : 0) };
    });
    const found = scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score);
    return found.slice(0, limit).map(({ id }) => id);
  };
}

/** MiniLM, with its vectors for these texts kept in a file. */
async function keptMiniLm(texts: readonly string[], folder: string): Promise<Embedder> {
  const embedder = miniLmEmbedder();
  const { dimensions } = embedder;
  const file = join(folder, `${createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32)}.f32`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const vectors = new Float32Array(texts.length * dimensions);
    for (const [index, vector] of (await embedder.embed(texts)).entries()) vectors.set(vector, index * dimensions);
    writeFileSync(file, new Uint8Array(vectors.buffer));
  }
  const vectors = new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
  const places = new Map(texts.map((text, index) => [text, index * dimensions]));
  return {
    ...embedder,
    embed: async (some) =>
      some.map((text) => vectors.slice(places.get(text) ?? 0, (places.get(text) ?? 0) + dimensions)),
  };
}
