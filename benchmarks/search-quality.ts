/**
 * `npm run bench:search -- --data DIR [--vectors DIR]`: how well and how fast search finds the right tools. Needs
 * `npm ci` here in `benchmarks/` first, for MiniSearch.
 *
 * DIR holds `NAME.tools.jsonl` (`{id, name, description, params: [{name, description}]}`) and
 * `NAME.queries.jsonl` (`{query, relevant: [id], split}`). `--vectors` keeps MiniLM's vectors, which take a quarter of an
 * hour, from one run to the next; without it, MiniLM is left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SearchDocument } from '../src/contracts/search.ts';
import { finders } from './search/finders.ts';
import { openMiniSearch } from './search/mini-search.ts';
import { measureSpeed } from './search/speed.ts';

const DEPTH = 10;

const toolSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().default(''),
  params: z.array(z.object({ name: z.string(), description: z.string().nullish() })).default([]),
});
const querySchema = z.object({ query: z.string(), relevant: z.array(z.string()), split: z.string().default('test') });
type Query = z.infer<typeof querySchema>;

const flags = parseArgs({ options: { data: { type: 'string' }, vectors: { type: 'string' } } }).values;
if (flags.data === undefined) {
  console.error('Cannot measure: no data; say --data DIR');
  process.exit(2);
}
try {
  await openMiniSearch([]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
const sets = readdirSync(flags.data)
  .filter((name) => name.endsWith('.tools.jsonl'))
  .map((name) => readSet(flags.data ?? '', name.slice(0, -'.tools.jsonl'.length)));
console.log(['set', 'split', 'queries', 'search', 'nDCG@10', 'recall@1', 'recall@5', 'recall@10'].join('\t'));
for (const set of sets) await measureQuality(set);
await measureSpeed(
  sets.flatMap(({ documents }) => documents),
  sets.flatMap(({ queries }) => queries.map(({ query }) => query)),
);

interface DataSet {
  readonly name: string;
  readonly documents: readonly SearchDocument[];
  readonly queries: readonly Query[];
}

function readSet(folder: string, name: string): DataSet {
  const documents = readLines(join(folder, `${name}.tools.jsonl`), toolSchema).map(({ params, ...tool }) => ({
    ...tool,
    tags: [],
    parameters: params.map((parameter) => ({ name: parameter.name, description: parameter.description ?? '' })),
  }));
  return { name, documents, queries: readLines(join(folder, `${name}.queries.jsonl`), querySchema) };
}

async function measureQuality({ name, documents, queries }: DataSet): Promise<void> {
  const splits = [...Map.groupBy(queries, ({ split }) => split)];
  // The two splits of bfcl are reported as one, as everybody does.
  if (splits.length > 1 && name === 'bfcl') splits.splice(0, splits.length, ['all', [...queries]]);
  for (const [kind, open] of finders(flags.vectors)) {
    const find = await open(
      documents,
      queries.map(({ query }) => query),
    );
    for (const [split, some] of splits) {
      const found: (readonly string[])[] = [];
      for (const { query } of some) found.push(await find(query, DEPTH));
      const mean = (score: (ids: readonly string[], relevant: ReadonlySet<string>) => number): string =>
        (
          (100 * some.reduce((sum, query, at) => sum + score(found[at] ?? [], new Set(query.relevant)), 0)) /
          some.length
        ).toFixed(1);
      const recalls = [1, 5, 10].map((depth) => mean((ids, relevant) => recall(ids.slice(0, depth), relevant)));
      console.log([name, split, some.length, kind, mean(normalisedGain), ...recalls].join('\t'));
    }
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

function recall(found: readonly string[], relevant: ReadonlySet<string>): number {
  return relevant.size === 0 ? 0 : found.filter((id) => relevant.has(id)).length / relevant.size;
}

function readLines<T>(path: string, schema: z.ZodType<T>): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));
}
