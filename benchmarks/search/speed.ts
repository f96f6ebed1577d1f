import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { SearchDocument } from '../../src/contracts/search.ts';
import { SearchEngine } from '../../src/search/search-engine.ts';
import { Shuffler } from '../../scripts/token-table/shuffler.ts';
import { openMiniSearch } from './mini-search.ts';

const SIZES = [10_000, 100_000];
const QUERIES = 200;

/** Times queries of 10,000 and 100,000 documents, made from these; and what the first search and one change cost. */
export async function measureSpeed(tools: readonly SearchDocument[], queries: readonly string[]): Promise<void> {
  const asked = new Shuffler(1).take(queries, QUERIES);
  const small = many(tools, SIZES[0] ?? 0);
  const miniSearch = await openMiniSearch(small);
  const miniSearchMs = await meanMs(asked, (query) => miniSearch(query, 10));
  console.log(`\nMiniSearch\t${small.length} documents\tquery ${miniSearchMs.toFixed(2)} ms`);
  const means: number[] = [];
  for (const size of SIZES) {
    const documents = many(tools, size);
    const before = memoryMegabytes();
    const engine = new SearchEngine({ patienceMs: 600_000 });
    engine.update(documents);
    const build = await timed(() => engine.ready());
    const memory = memoryMegabytes() - before;
    const mean = await meanMs(asked, (query) => engine.search(query));
    means.push(mean);
    engine.update([...documents, { id: 'new', name: 'new', description: 'one more', tags: [], parameters: [] }]);
    const change = await timed(() => engine.ready());
    console.log(
      [
        'default',
        `${size} documents`,
        `query ${mean.toFixed(2)} ms`,
        `build ${build.ms.toFixed(0)} ms (longest hold of the thread: p99 ${build.p99Ms.toFixed(1)} ms, max ${build.maxMs.toFixed(1)} ms)`,
        `one more ${change.ms.toFixed(0)} ms`,
        `memory ${((memory * 10_000) / size).toFixed(1)} MB per 10,000`,
      ].join('\t'),
    );
  }
  const [first = NaN, last = NaN] = means;
  console.log(
    `MiniSearch / default: ${(miniSearchMs / first).toFixed(0)} x; 100,000 / 10,000: ${(last / first).toFixed(1)} x`,
  );
}

/** So many, each with words of another in its description, so that none is the same. */
function many(tools: readonly SearchDocument[], count: number): SearchDocument[] {
  return Array.from({ length: count }, (_, index) => {
    const other = index < tools.length ? '' : ` ${tools[(index * 7919) % tools.length]?.name}`;
    const [tool] = tools.slice(index % tools.length);
    return {
      id: `tool${index}`,
      name: tool?.name ?? '',
      description: (tool?.description ?? '') + other,
      tags: [],
      parameters: tool?.parameters ?? [],
    };
  });
}

async function meanMs(queries: readonly string[], find: (query: string) => unknown): Promise<number> {
  for (const query of queries.slice(0, QUERIES / 2)) await find(query);
  const started = performance.now();
  for (const query of queries) await find(query);
  return (performance.now() - started) / queries.length;
}

async function timed(work: () => Promise<void>): Promise<{ ms: number; p99Ms: number; maxMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  delay.disable();
  return { ms, p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 };
}

function memoryMegabytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
