/** What a call of a command line tool costs next to a bare spawn of the same argv that collects stdout. */
import { spawn } from 'node:child_process';
import { loadToolFile } from '../src/tools/load-tool-file.ts';

const MEGABYTE = 1024 * 1024;
const cases = [
  { title: '/bin/true', argv: ['/bin/true'], rounds: 400 },
  { title: '1 MB of output', argv: ['head', '-c', String(MEGABYTE), '/dev/zero'], rounds: 200 },
] as const;

for (const { title, argv, rounds } of cases) {
  const call = openTool(argv);
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = -20; round < rounds; round++) {
    // Interleaved, and each first half of the time: what else the machine does meets both alike.
    const order = round % 2 === 0 ? [own, bare] : [bare, own];
    for (const times of order) {
      const start = performance.now();
      const length = times === own ? await call() : await spawnBare(argv);
      const elapsed = performance.now() - start;
      if (length !== (argv.length > 1 ? MEGABYTE : 0)) throw new Error(`Wrong output of ${title}: ${length} bytes`);
      if (round >= 0) times.push(elapsed);
    }
  }
  const ratio = median(own) / median(bare);
  process.stdout.write(
    `${title}: call ${median(own).toFixed(2)} ms, bare spawn ${median(bare).toFixed(2)} ms, ratio ${ratio.toFixed(3)}\n`,
  );
}

function openTool(command: readonly string[]): () => Promise<number> {
  const text = JSON.stringify({ name: 'bench', command, output: 'bytes' });
  const loaded = loadToolFile(
    { name: 'bench.yaml', version: '1', origin: 'bench.yaml', text },
    { basePath: '/', env: process.env },
  );
  if (!('adapter' in loaded)) throw new Error('The tool file of this benchmark does not load');
  const context = { signal: new AbortController().signal, onStderr: () => {} };
  return async () => {
    const output = await loaded.adapter.call('', {}, context);
    return output instanceof Uint8Array ? output.length : -1;
  };
}

function spawnBare([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => {
      resolve(Buffer.concat(chunks).length);
    });
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
