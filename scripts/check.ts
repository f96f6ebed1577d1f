/** `npm test`: every check of the repository, in order, up to the first that fails. The last line counts the tests. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { z } from 'zod';

import { ROOT } from './root.ts';

interface Step {
  readonly name: string;
  readonly run: () => Promise<boolean>;
}

const NODE_MAJOR = 24;
/** The tests and the examples run these: commands, and Debian's packages of them. */
const COMMANDS: Readonly<Record<string, string>> = {
  git: 'git',
  curl: 'curl',
  openssl: 'openssl',
  'redis-server': 'redis-server',
  // It confines a child on Linux alone.
  ...(process.platform === 'linux' ? { bwrap: 'bubblewrap' } : {}),
};
const PLAIN = process.env['CI'] !== undefined || !process.stdout.isTTY;
const ENVIRONMENT = {
  ...process.env,
  PATH: [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
  DEBIAN_FRONTEND: 'noninteractive',
  ...(PLAIN ? { NO_COLOR: '1', FORCE_COLOR: undefined } : {}),
};

const STEPS: readonly Step[] = [
  { name: 'environment', run: checkEnvironment },
  { name: 'format', run: quietly('oxfmt', '--check') },
  // Before what resolves imports: the sources import the bundle.
  { name: 'guest bundle', run: quietly('node', 'scripts/build.ts', '--guest-only') },
  { name: 'lint', run: quietly('oxlint') },
  { name: 'types', run: quietly('tsc', '--noEmit') },
  { name: 'build', run: quietly('node', 'scripts/setup.mjs', 'build') },
  { name: 'tests', run: runTests },
  { name: 'unused code', run: quietly('knip') },
  { name: 'package', run: quietly('publint', '--strict') },
  { name: "package's types", run: quietly('attw', '--pack', '.', '--profile', 'esm-only') },
];

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

const tests = { passed: 0, failed: 0, skipped: 0 };
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

process.exitCode = (await runSteps()) ? 0 : 1;
const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : '';
console.log(`${tests.passed} passed, ${tests.failed} failed${skipped}`);

async function runSteps(): Promise<boolean> {
  for (const step of STEPS) {
    console.log(`== ${step.name}`);
    const started = performance.now();
    const ok = await step.run();
    console.log(`   ${ok ? 'ok' : 'FAILED'}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    if (ok) continue;
    // A check that fails counts, so that no reader of the last line takes the run for a pass.
    tests.failed = Math.max(tests.failed, 1);
    return false;
  }
  return true;
}

async function checkEnvironment(): Promise<boolean> {
  if (missingCommands().length > 0) await installMissing();
  const missing = missingCommands();
  if (missing.length > 0) console.log(`missing: ${missing.join(', ')}; install it with the system's package manager`);
  const major = Number.parseInt(process.versions.node, 10);
  if (major < NODE_MAJOR)
    console.log(`Node ${process.versions.node} runs this, ${NODE_MAJOR} is needed: use "npm test"`);
  return missing.length === 0 && major >= NODE_MAJOR;
}

function missingCommands(): readonly string[] {
  return Object.keys(COMMANDS).filter((command) => spawnSync(command, ['--version']).error !== undefined);
}

/** Where this is Debian and we may. */
async function installMissing(): Promise<void> {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return;
  const packages = missingCommands().map((command) => COMMANDS[command] ?? command);
  console.log(`   installing ${packages.join(', ')}`);
  const install = quietly('apt-get', 'install', '-y', '--no-install-recommends', ...packages);
  // A machine that never asked for the lists of packages has none.
  if (!(await install()) && (await run('apt-get', ['update']))) await install();
}

/** Shows a command's output only when it fails. */
function quietly(command: string, ...args: readonly string[]): () => Promise<boolean> {
  return async () => {
    const output: Buffer[] = [];
    const ok = await run(command, args, (chunk) => output.push(chunk));
    if (!ok) process.stdout.write(Buffer.concat(output));
    return ok;
  };
}

async function runTests(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'ts-code-mode-check-'));
  const file = join(folder, 'report.json');
  try {
    const ok = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
    // There is no report when the tests were interrupted or the runner itself died.
    if (!existsSync(file)) return false;
    const report = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
    // A file that can't be loaded has failed without a test of its own.
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    tests.passed = report.numPassedTests;
    tests.failed = report.numFailedTests + broken.length;
    tests.skipped = report.numPendingTests;
    return ok && tests.failed === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Answers whether the command succeeded. Without `onOutput` it writes to this process's own output. */
function run(command: string, args: readonly string[], onOutput?: (chunk: Buffer) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(command, args, {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', onOutput ? 'pipe' : 'inherit', onOutput ? 'pipe' : 'inherit'],
    signal: interrupted.signal,
  });
  if (onOutput) for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput);
  child.on('error', (error) => {
    if (error.name !== 'AbortError') console.log(`Cannot run ${command}: ${error.message}`);
    resolve(false);
  });
  child.on('close', (code) => resolve(code === 0));
  return promise;
}
