import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { compare } from './compare.ts';

const bin = fileURLToPath(new URL('../bin/ts-code-mode.js', import.meta.url));

function node(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(status)}`);
}

await compare({
  name: 'ts-code-mode --version',
  ours: () => node(bin, '--version'),
  against: { 'node -e 0': () => node('-e', '0') },
  targets: { 'node -e 0': 1.6 },
});
await compare({
  name: 'ts-code-mode run -e 1',
  ours: () => node(bin, 'run', '-e', '1'),
  against: { 'node -e 0': () => node('-e', '0') },
  rounds: 10,
});
