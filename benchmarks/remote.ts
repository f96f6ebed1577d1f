/**
 * What a run costs more on a server than in this process, beside a bare HTTP round trip; what a session's life costs the
 * server; and, with `--load`, 64 sessions of 20 runs among 16 hostile ones. The server is another process.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

import { FileStorage, InProcessExecutor, RemoteExecutor, Session } from '../src/index.ts';

const TOKEN = 'token-of-the-benchmark';
const folder = mkdtempSync(join(tmpdir(), 'ts-code-mode-bench-'));
const self = fileURLToPath(import.meta.url);

if (process.argv.includes('--bare')) {
  serveBare();
} else {
  try {
    if (process.argv.includes('--load')) await load();
    else await compareRuns();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An HTTP server that does nothing. */
function serveBare(): void {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('{"ok":true}'));
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') console.log(address?.port);
  });
}

async function start(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly line: string }> {
  const env = { ...process.env, TS_CODE_MODE_TOKEN: TOKEN };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  while (!/\n\}?\s*$/.test(text) || (text.startsWith('{') && !text.includes('}'))) await once(child.stdout, 'data');
  return { child, line: text };
}

async function startServer(
  ...args: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const entry = fileURLToPath(new URL('../bin/ts-code-mode.js', import.meta.url));
  const { child, line } = await start([entry, 'serve', '--base', folder, '--port', '0', '--json', ...args]);
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
  return { child, url };
}

async function compareRuns(): Promise<void> {
  const [bare, server] = await Promise.all([start([self, '--bare']), startServer()]);
  const agent = new Agent({ keepAlive: true });
  const port = Number(bare.line);
  const body = JSON.stringify({ code: '1 + 1' });
  const local = await Session.open({
    storage: new FileStorage({ basePath: folder }),
    executor: new InProcessExecutor(),
  });
  const executor = new RemoteExecutor({ url: server.url, token: TOKEN });
  const remote = await Session.open({ executor });

  const work = {
    'bare HTTP round trip': () => roundTrip(agent, port, body),
    'run in this process': async () => void (await local.run('1 + 1')),
    'run on the server': async () => void (await remote.run('1 + 1')),
  };
  const times = await interleave(work, { rounds: 40, block: 25 });
  for (const [name, { p50, p99 }] of times) print(name, p50, p99);
  const medianOf = (name: keyof typeof work): number => times.get(name)?.p50 ?? Number.NaN;
  const extra = medianOf('run on the server') - medianOf('run in this process');
  print('overhead of the server', extra);
  const ratio = extra / medianOf('bare HTTP round trip');
  console.log(
    `overhead / bare round trip: ${ratio.toFixed(2)} (target: at most 1.5) ${ratio <= 1.5 ? 'met' : 'MISSED'}`,
  );

  const life = await interleave(
    {
      'open, run, close': async () => {
        const session = await Session.open({ executor });
        await session.run('1');
        await session.close();
      },
      '10 MB there and back': async () => {
        const result = await remote.run('new Uint8Array(10_000_000)');
        if (!result.ok) throw new Error(result.error.message);
      },
    },
    { rounds: 20, block: 1 },
  );
  for (const [name, { p50, p99 }] of life) print(name, p50, p99);
  await executor.close();
  await local.close();
  agent.destroy();
  for (const { child } of [bare, server]) child.kill();
}

async function load(): Promise<void> {
  const { child, url } = await startServer();
  await using executor = new RemoteExecutor({ url, token: TOKEN });
  const hostile = [
    'for (;;);',
    'const a = []; for (;;) a.push(new Array(1e5).fill(1))',
    '"x".repeat(2e9)',
    'await new Promise(() => {})',
  ];
  const took: number[] = [];
  let lost = 0;
  const honest = Array.from({ length: 64 }, async (_, index) => {
    const session = await Session.open({ executor });
    for (let n = 1; n <= 20; n++) {
      const began = performance.now();
      const result = await session.run(
        `globalThis.sum = (globalThis.sum ?? 0) + ${index}; await artifacts.exists('x'); sum`,
      );
      took.push(performance.now() - began);
      if (!result.ok || result.value !== index * n) lost += 1;
    }
    await session.close();
  });
  const attackers = Array.from({ length: 16 }, async (_, index) => {
    const session = await Session.open({ executor, limits: { cpuTimeMs: 500, timeoutMs: 5_000 } });
    for (let n = 0; n < 5; n++) await session.run(hostile[(index + n) % hostile.length] ?? '');
    await session.close();
  });
  const began = performance.now();
  await Promise.all([...honest, ...attackers]);
  const { p50, p99 } = percentiles(took);
  console.log(
    `64 sessions x 20 runs among 16 hostile sessions: ${((performance.now() - began) / 1000).toFixed(1)} s, ${lost} lost`,
  );
  print('run', p50, p99);
  child.kill();
}

function roundTrip(agent: Agent, port: number, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const outgoing = request({ port, host: '127.0.0.1', method: 'POST', path: '/', headers, agent }, (incoming) => {
    incoming.resume().on('end', resolve);
  });
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** Blocks of calls, turn by turn: back to back, as they are measured, and yet a busy moment of the machine hurts all alike. */
async function interleave(
  work: Readonly<Record<string, () => Promise<void>>>,
  { rounds, block }: { readonly rounds: number; readonly block: number },
): Promise<ReadonlyMap<string, Times>> {
  const entries = Object.entries(work);
  const samples = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, run] of entries) {
      for (let call = 0; call < block; call += 1) {
        const began = performance.now();
        await run();
        if (round >= 0) samples.get(name)?.push(performance.now() - began);
      }
    }
  }
  return new Map([...samples].map(([name, values]) => [name, percentiles(values)]));
}

function percentiles(values: readonly number[]): Times {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
}

function print(name: string, p50: number, p99?: number): void {
  console.log(`${name.padEnd(24)} ${p50.toFixed(3)} ms${p99 === undefined ? '' : `   p99 ${p99.toFixed(3)} ms`}`);
}
