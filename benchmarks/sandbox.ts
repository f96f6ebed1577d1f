import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';

import ivm from 'isolated-vm';
import { createRunner, run } from 'run';

import { DEFAULT_LIMITS, FileStorage, Session } from '../dist/index.js';
import { ActiveRun } from '../dist/executors/in-process/active-run.js';
import { WorkerPool } from '../dist/executors/in-process/worker-pool.js';
import { compare, median } from './compare.ts';

const basePath = mkdtempSync(join(tmpdir(), 'ts-code-mode-bench-'));
const storage = new FileStorage({ basePath });

async function isolate(code: string, host: (value: unknown) => unknown = (value) => value): Promise<unknown> {
  const vm = new ivm.Isolate({ memoryLimit: 64 });
  try {
    const context = await vm.createContext();
    await context.global.set('host', new ivm.Reference(host));
    const script = await vm.compileScript(code);
    return await script.run(context, { promise: true, copy: true });
  } finally {
    vm.dispose();
  }
}

/** What the host gives away, by name. */
let gifts: Readonly<Record<string, unknown>> = {};

function answer({ path, args }: { path: readonly string[]; args: readonly unknown[] }): unknown {
  if (path[0] === 'sink') return undefined;
  return path[0] === 'gift' ? gifts[(args[0] as { name: string }).name] : args[0];
}

/** A session of the sandbox alone, whose host calls answer at once: what the boundary costs, without tools. */
function bareSession() {
  const pool = new WorkerPool({});
  const session = pool.openSession();
  let runs = 0;
  return {
    async run(source: string, limits: Partial<typeof DEFAULT_LIMITS> = {}): Promise<unknown> {
      const active = new ActiveRun({
        number: ++runs,
        runId: String(runs),
        source,
        limits: { ...DEFAULT_LIMITS, hostCalls: 1_000_000, ...limits },
        dispatcher: { dispatch: async (call) => answer(call) },
        onStop: (error) => pool.stopRun(session, error),
      });
      pool.startRun(session, active);
      const result = await active.result;
      if (!result.ok) throw new Error(result.error.message);
      return result.value;
    },
    close: () => pool.close(),
  };
}

async function openAndRun(): Promise<void> {
  await using session = await Session.open({ storage });
  const result = await session.run('1 + 1');
  if (!result.ok || result.value !== 2) throw new Error('wrong answer');
}

await compare({
  name: 'session open + first run',
  ours: openAndRun,
  against: {
    'isolated-vm (isolate, context, run)': () => isolate('1 + 1'),
    run: () => run({ source: 'return 1 + 1' }),
  },
  targets: { 'isolated-vm (isolate, context, run)': 1.3, run: 0.4 },
  rounds: 60,
});

const bare = bareSession();
const warm = createRunner({});
await compare({
  name: 'a run in an open session',
  ours: () => bare.run('1 + 1'),
  against: { run: () => warm.run({ source: 'return 1 + 1' }) },
  rounds: 100,
});

const CALLS = 200;
await compare({
  name: 'host call, one by one',
  units: CALLS,
  ours: () => bare.run(`for (let i = 0; i < ${CALLS}; i++) await tools.echo({ i }); 1`),
  against: {
    'isolated-vm (threaded, async)': () =>
      isolate(
        `(async () => { for (let i = 0; i < ${CALLS}; i++) await host.apply(undefined, [i], { result: { promise: true, copy: true } }); return 1 })()`,
        async (value) => value,
      ),
    run: () =>
      run({
        source: `for (let i = 0; i < ${CALLS}; i++) await tools.echo(i); return 1`,
        hostFunctions: { tools: { echo: async (value: unknown) => value } },
      }),
  },
  targets: { 'isolated-vm (threaded, async)': 1.3 },
});
await compare({
  name: 'host call, 100 at once',
  units: 100,
  ours: () => bare.run('await Promise.all(Array.from({ length: 100 }, (_, i) => tools.echo({ i }))); 1'),
  against: {
    'isolated-vm (threaded, async)': () =>
      isolate(
        'Promise.all(Array.from({ length: 100 }, (_, i) => host.apply(undefined, [i], { result: { promise: true, copy: true } }))).then(() => 1)',
        async (value) => value,
      ),
    run: () =>
      run({
        source: 'await Promise.all(Array.from({ length: 100 }, (_, i) => tools.echo(i))); return 1',
        hostFunctions: { tools: { echo: async (value: unknown) => value } },
      }),
  },
  targets: { run: 0.2 },
});

const MEGABYTES = 10_000_000;
const big = {
  memoryBytes: 256_000_000,
  resultBytes: 64_000_000,
  callResultBytes: 64_000_000,
  callArgumentBytes: 64_000_000,
  cpuTimeMs: 60_000,
};
const TRANSFERS = 5;
await bare.run(
  `globalThis.bytes = new Uint8Array(${MEGABYTES}).fill(7); globalThis.text = 'abcdefghij'.repeat(${MEGABYTES / 10}); 1`,
  big,
);
const bytes = new Uint8Array(MEGABYTES).fill(7);
const text = 'abcdefghij'.repeat(MEGABYTES / 10);
const transfer = async (name: string, code: string, value: unknown, target: number): Promise<void> =>
  compare({
    name: `10 MB of ${name}, in one host call`,
    units: TRANSFERS,
    ours: () => bare.run(`for (let i = 0; i < ${TRANSFERS}; i++) await ${code}; 1`, big),
    against: {
      postMessage: async () => {
        for (let i = 0; i < TRANSFERS; i++) await post(value);
      },
    },
    targets: { postMessage: target },
    rounds: 10,
  });
gifts = { bytes, text };
await transfer('bytes out', 'tools.sink(bytes)', bytes, 5);
await transfer('bytes in', "tools.gift({ name: 'bytes' })", bytes, 5);
await transfer('text out', 'tools.sink(text)', text, 15);
await transfer('text in', "tools.gift({ name: 'text' })", text, 15);
await compare({
  name: '10 MB of bytes as the result of a run (and the state of 20 MB kept)',
  ours: () => bare.run('bytes', big),
  against: { postMessage: () => post(bytes) },
  rounds: 15,
});
await bare.close();

const crunch = 'let n = 0; for (let i = 0; i < 300000; i++) n = (n * 31 + i) % 1000003; n';
const busy = bareSession();
await compare({
  name: 'CPU-bound code',
  ours: () => busy.run(crunch),
  against: { 'plain Node': () => new Function(`${crunch.replace(/n$/u, 'return n')}`)() },
  rounds: 15,
});
await busy.close();

await hostGaps();
await idleSessions();
rmSync(basePath, { recursive: true, force: true });

function post(value: unknown): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port2.once('message', (message) => {
      port1.close();
      resolve(message);
    });
    port1.postMessage(value);
  });
}

/** How long the host's event loop stands still while eight sessions spin, beside doing nothing. */
async function hostGaps(): Promise<void> {
  const gaps = async (during: Promise<unknown>): Promise<number> => {
    const seen: number[] = [];
    let last = performance.now();
    const ticking = setInterval(() => {
      seen.push(performance.now() - last);
      last = performance.now();
    }, 1);
    await during;
    clearInterval(ticking);
    return seen.toSorted((a, b) => a - b)[Math.floor(seen.length * 0.99)] ?? 0;
  };
  const idle = await gaps(new Promise((resolve) => setTimeout(resolve, 2_000)));
  const spinners = await Promise.all(Array.from({ length: 8 }, () => Session.open({ storage })));
  const spinning = Promise.all(spinners.map((session) => session.run('while (true) {}', { cpuTimeMs: 1_000 })));
  const busy = await gaps(spinning);
  console.log(
    `\ngap of a 1 ms interval on the host, p99: ${busy.toFixed(1)} ms while eight sessions spin, ${idle.toFixed(1)} ms idle (target: under 50) ${busy < 50 ? 'met' : 'MISSED'}`,
  );
  await Promise.all(spinners.map((session) => session.close()));
}

/** Resident memory of sessions that ran once and wait. */
async function idleSessions(): Promise<void> {
  const COUNT = 500;
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const sessions = await Promise.all(Array.from({ length: COUNT }, () => Session.open({ storage })));
  for (const session of sessions)
    await session.run('let rows = Array.from({ length: 100 }, (_, i) => ({ i })); rows.length');
  globalThis.gc?.();
  const each = (process.memoryUsage().rss - before) / COUNT / 1_000_000;
  console.log(
    `\nmemory of an idle session, over ${COUNT}: ${each.toFixed(2)} MB (target: at most 0.5) ${each <= 0.5 ? 'met' : 'MISSED'}`,
  );
  const times: number[] = [];
  for (const session of sessions.slice(0, 50)) {
    const startedAt = performance.now();
    const result = await session.run('rows.length');
    if (!result.ok || result.value !== 100) throw new Error('an idle session lost its state');
    times.push(performance.now() - startedAt);
  }
  console.log(`  first run after idling: ${median(times).toFixed(2)} ms`);
  await Promise.all(sessions.map((session) => session.close()));
}
