/**
 * What filling a Redis with 10,000 skills costs next to raw pipelined writes of the same bytes: the writing alone, the whole
 * of bootstrap, and bootstrap again when nothing changed. The whole also reads 10,000 files and parses each of them, so that
 * nothing is written when one is broken: that takes far longer than any way of writing.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { copyStore } from '../src/cli/store/copy-store.ts';
import { openSource, openTarget } from '../src/cli/store/open-store.ts';
import type { OpenStore } from '../src/cli/store/open-store.ts';
import { parseAddress } from '../src/cli/store/store-address.ts';
import { RedisServer } from '../test/support/redis-server.ts';
import { median } from './compare.ts';

const COUNT = 10_000;
const ROUNDS = 5;
const TARGET_RATIO = 3;

/** Times in milliseconds by what took them, a list of rounds each. */
type Times = Map<string, number[]>;

async function bench(folder: string, url: string): Promise<void> {
  const sources = new Map(Array.from({ length: COUNT }, (_, index) => [`report${index}`, skill(index)]));
  await mkdir(join(folder, 'skills'));
  for (const [name, source] of sources) await writeFile(join(folder, 'skills', `${name}.ts`), source);
  const client = createClient({ url });
  await client.connect();
  await using target = await openTarget(parseAddress('target', url, 'bench'));
  const times: Times = new Map();
  for (let round = 0; round < ROUNDS; round += 1) {
    await timed(times, 'writeAll', () => target.skills.writeAll(sources));
    const values = Object.entries(await client.hGetAll('bench:skills:__skills__'));
    if (values.length !== COUNT) throw new Error(`Wrong content: ${values.length} skills`);
    await client.flushAll();
    await timed(times, 'raw', () => Promise.all(values.map(([name, value]) => client.hSet('raw', name, value))));
    await client.flushAll();
    await timed(times, 'bootstrap', () => bootstrap(folder, target, times));
    if ((await client.hLen('bench:skills:__skills__')) !== COUNT) throw new Error('Wrong content after bootstrap');
    await timed(times, 'again', () => bootstrap(folder, target, new Map()));
    await client.flushAll();
  }
  client.destroy();
  report(times);
}

async function bootstrap(folder: string, target: OpenStore, times: Times): Promise<void> {
  await using source = await openSource('source', parseAddress('source', folder, undefined), 'skills');
  let [step, startedAt] = ['', performance.now()];
  const begin = (next: string): void => {
    if (step !== '') add(times, step, performance.now() - startedAt);
    [step, startedAt] = [next, performance.now()];
  };
  const options = { action: 'bootstrap', kinds: ['skills'], check: true, clear: false, dryRun: false } as const;
  const steps = { begin, advance: () => {} };
  await copyStore({ source, target }, options, { signal: new AbortController().signal, steps, foldsCase: false });
  begin('');
}

async function timed(times: Times, name: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await work();
  add(times, name, performance.now() - startedAt);
}

function add(times: Times, name: string, ms: number): void {
  times.set(name, [...(times.get(name) ?? []), ms]);
}

function report(times: Times): void {
  const ms = (name: string): number => median(times.get(name) ?? []);
  const ratio = (name: string): string => `${ms(name).toFixed(0)} ms, ratio ${(ms(name) / ms('raw')).toFixed(2)}`;
  const verdict = (name: string): string =>
    `${ratio(name)} (target: at most ${TARGET_RATIO}) ${ms(name) / ms('raw') <= TARGET_RATIO ? 'met' : 'MISSED'}`;
  console.log(`${COUNT} skills; raw pipelined HSET of the same bytes: ${ms('raw').toFixed(0)} ms`);
  console.log(`writing them (SkillStore.writeAll): ${verdict('writeAll')}`);
  console.log(`the whole of bootstrap: ${verdict('bootstrap')}`);
  for (const step of ['reading skills', 'checking skills', 'writing skills']) {
    console.log(`  ${step}: ${ratio(step)}`);
  }
  console.log(`bootstrap again, nothing changed: ${ratio('again')}`);
}

function skill(index: number): string {
  return `/**
 * Reports the sales of branch ${index}, by region and product, with totals and the change from the week before.
 *
 * @param week the ISO week, such as 2026-W${(index % 52) + 1}
 * @param options what to leave out, and in which currency to count
 */
export async function run(week: string, options: { currency?: string; regions?: string[] } = {}): Promise<Record<string, number>> {
  const rows = await tools.database.query({ sql: 'select region, amount from sales_${index} where week = ?', values: [week] });
  const totals: Record<string, number> = {};
  for (const row of rows) {
    if (options.regions !== undefined && !options.regions.includes(row.region)) continue;
    totals[row.region] = (totals[row.region] ?? 0) + row.amount;
  }
  await artifacts.save(\`reports/\${week}.json\`, totals, 'Sales by region');
  return totals;
}
`;
}

const folder = await mkdtemp(join(tmpdir(), 'ts-code-mode-bench-'));
try {
  await using server = await RedisServer.start();
  await bench(folder, server.url);
} finally {
  await rm(folder, { recursive: true, force: true });
}
