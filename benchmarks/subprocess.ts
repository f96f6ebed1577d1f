/**
 * Code in a confined process against plain Node and against the in-process executor. Prints which layers are on: a
 * machine without bubblewrap measures something else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileStorage, InProcessExecutor, Session, SubprocessExecutor } from '../src/index.ts';
import type { Executor } from '../src/index.ts';
import { compare } from './compare.ts';

const basePath = mkdtempSync(join(tmpdir(), 'ts-code-mode-bench-'));
const storage = new FileStorage({ basePath });
const subprocess = new SubprocessExecutor();
const inProcess = new InProcessExecutor();
const limits = { cpuTimeMs: 60_000, hostCalls: 1_000_000, resultBytes: 64_000_000, callArgumentBytes: 64_000_000 };

async function answer(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function openAndRun(executor: Executor): Promise<Session> {
  const session = await Session.open({ storage, executor, limits });
  if ((await answer(session, '1 + 1')) !== 2) throw new Error('wrong answer');
  return session;
}

const { engine, layers } = await subprocess.isolation();
console.log(`engine: ${engine}; layers: ${layers.join(', ')}`);

/** Opening takes the process that was started in advance: each round waits, unmeasured, until there is another. */
async function measureOpening(): Promise<void> {
  const timesMs: Record<'subprocess' | 'inProcess', number[]> = { subprocess: [], inProcess: [] };
  for (let round = -2; round < 20; round += 1) {
    for (const [name, executor] of [
      ['subprocess', subprocess],
      ['inProcess', inProcess],
    ] as const) {
      const startedAt = performance.now();
      const session = await openAndRun(executor);
      if (round >= 0) timesMs[name].push(performance.now() - startedAt);
      await session.close();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
  const [ours, theirs] = [median(timesMs.subprocess), median(timesMs.inProcess)];
  const ratio = ours / theirs;
  console.log(`\nsession open + first run, process started in advance: ${ours.toFixed(2)} ms`);
  console.log(
    `  ratio to in-process (${theirs.toFixed(2)} ms): ${ratio.toFixed(2)} (target: at most 2.5) ${ratio <= 2.5 ? 'met' : 'MISSED'}`,
  );
}

await measureOpening();

const ours = await openAndRun(subprocess);
const theirs = await openAndRun(inProcess);

/** Each stands alone: its text is what the sandbox runs. */
const WORK = {
  arithmetic: () => {
    let n = 0;
    for (let i = 0; i < 30_000_000; i++) n = (n * 31 + i) % 1_000_003;
    return n;
  },
  'fib(32)': () => {
    const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    return fib(32);
  },
  'JSON and sort': () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({ id: (i * 7_919) % 100_003, name: `n${i}` }));
    const parse: (json: string) => typeof rows = JSON.parse;
    const back = parse(JSON.stringify(rows));
    back.sort((a, b) => a.id - b.id);
    return back[5]?.id;
  },
} as const;
for (const [name, work] of Object.entries(WORK)) {
  await compare({
    name: `CPU-bound code in a function: ${name}`,
    ours: () => answer(ours, `(${String(work)})()`),
    against: { 'plain Node': work },
    targets: { 'plain Node': 1.15 },
    rounds: 12,
  });
}
const body = String(WORK.arithmetic).replace(/^\(\) => \{|\}$/gu, '');
await compare({
  name: 'the same arithmetic at the top level of a cell, where variables are global',
  ours: () => answer(ours, body),
  against: { 'plain Node': WORK.arithmetic },
  rounds: 12,
});

await compare({
  name: 'a run in an open session',
  ours: () => answer(ours, '1 + 1'),
  against: { 'in-process': () => answer(theirs, '1 + 1') },
  rounds: 60,
});
const CALLS = 100;
await compare({
  name: 'host call (artifacts.exists), one by one',
  units: CALLS,
  ours: () => answer(ours, `for (let i = 0; i < ${CALLS}; i++) await artifacts.exists('a'); 1`),
  against: { 'in-process': () => answer(theirs, `for (let i = 0; i < ${CALLS}; i++) await artifacts.exists('a'); 1`) },
});
await compare({
  name: 'host call (artifacts.exists), 100 at once',
  units: CALLS,
  ours: () => answer(ours, `await Promise.all(Array.from({ length: ${CALLS} }, () => artifacts.exists('a'))); 1`),
  against: {
    'in-process': () =>
      answer(theirs, `await Promise.all(Array.from({ length: ${CALLS} }, () => artifacts.exists('a'))); 1`),
  },
});
for (const [name, value] of [
  ['bytes', 'new Uint8Array(10_000_000).fill(7)'],
  ['text', '"abcdefghij".repeat(1_000_000)'],
] as const) {
  for (const session of [ours, theirs]) await answer(session, `globalThis.big = ${value}; 1`);
  await compare({
    name: `10 MB of ${name} as the result of a run`,
    ours: () => answer(ours, 'big'),
    against: { 'in-process': () => answer(theirs, 'big') },
    rounds: 12,
  });
}

await Promise.all([ours.close(), theirs.close()]);
await Promise.all([subprocess.close(), inProcess.close()]);
rmSync(basePath, { recursive: true, force: true });
