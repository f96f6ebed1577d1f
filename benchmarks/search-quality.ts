/**
 * Measures how well the search finds the right tools: nDCG@10 on sets of real tools and real queries.
 *
 *     node benchmarks/search-quality.ts --data DIR
 *
 * DIR holds `NAME.tools.jsonl` (`{id, name, description, params: [{name, description}]}`) and
 * `NAME.queries.jsonl` (`{query, relevant: [id], split}`). One line a set and split, tab-separated.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SearchIndex } from '../src/search/search-index.ts';

const DEPTH = 10;

const toolSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().default(''),
  params: z.array(z.object({ name: z.string(), description: z.string().nullish() })).default([]),
});
const querySchema = z.object({ query: z.string(), relevant: z.array(z.string()), split: z.string().default('test') });

const { data } = parseArgs({ options: { data: { type: 'string' } } }).values;
if (data === undefined) {
  console.error('Cannot measure: no data; say --data DIR');
  process.exit(2);
}
console.log(['set', 'split', 'queries', 'nDCG@10', 'build ms', 'query ms'].join('\t'));
for (const file of readdirSync(data).filter((name) => name.endsWith('.tools.jsonl'))) {
  measure(data, file.slice(0, -'.tools.jsonl'.length));
}

function measure(folder: string, set: string): void {
  const documents = readLines(join(folder, `${set}.tools.jsonl`), toolSchema).map(({ params, ...tool }) => ({
    id: tool.id,
    name: tool.name,
    description: tool.description,
    tags: [],
    parameters: params.map(({ name, description }) => ({ name, description: description ?? '' })),
  }));
  const started = performance.now();
  const index = new SearchIndex(documents);
  const buildMs = performance.now() - started;
  const queries = readLines(join(folder, `${set}.queries.jsonl`), querySchema);
  for (const split of new Set(queries.map((query) => query.split))) {
    const ofSplit = queries.filter((query) => query.split === split);
    const searched = performance.now();
    const gains = ofSplit.map(({ query, relevant }) => {
      const found = index.search(query, DEPTH).map(({ id }) => id);
      return normalisedGain(found, new Set(relevant));
    });
    const queryMs = (performance.now() - searched) / ofSplit.length;
    const mean = (100 * gains.reduce((sum, gain) => sum + gain, 0)) / gains.length;
    console.log([set, split, ofSplit.length, mean.toFixed(1), buildMs.toFixed(0), queryMs.toFixed(2)].join('\t'));
  }
}

/** nDCG: what was found, each counted less the later it comes, over the best that was possible. */
function normalisedGain(found: readonly string[], relevant: ReadonlySet<string>): number {
  const discount = (rank: number): number => 1 / Math.log2(rank + 2);
  const gain = found.reduce((sum, id, rank) => sum + (relevant.has(id) ? discount(rank) : 0), 0);
  let best = 0;
  for (let rank = 0; rank < Math.min(relevant.size, DEPTH); rank++) best += discount(rank);
  return best === 0 ? 0 : gain / best;
}

function readLines<T>(path: string, schema: z.ZodType<T>): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));
}
