/**
 * `node scripts/setup.mjs <task> [arguments]`: makes a fresh clone ready, then runs a task on Node 24.
 *
 * Plain JavaScript without dependencies, since it runs first, on whatever Node the machine has. Node 24 itself comes
 * with the development dependencies (the package `node`), so what matters is that `node_modules/.bin` leads the PATH.
 */
import { spawn, spawnSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules', '.bin');
const LOCK = join(ROOT, '.setup.lock');
const NODE_MAJOR = 24;
const LOCK_POLL_MS = 200;
const LOCK_WAIT_MS = 600_000;

/** `check` builds as one of its own steps, after those that say more clearly what is wrong with the sources. */
const TASKS = {
  quickstart: { build: true, script: 'examples/quickstart/main.ts' },
  bench: { build: true, script: 'benchmarks/main.ts' },
  check: { build: false, script: 'scripts/check.ts' },
  build: { build: true },
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

async function main([name, ...args]) {
  const task = Object.hasOwn(TASKS, name ?? '') ? TASKS[name] : undefined;
  if (task === undefined) {
    say(`usage: node scripts/setup.mjs ${Object.keys(TASKS).join('|')} [arguments]`);
    return 2;
  }
  const ready = await withLock(async () => {
    await install();
    requireNode();
    return task.build ? run('node', ['scripts/build.ts', ...(task.script ? [] : args)]) : 0;
  });
  return ready === 0 && task.script ? run('node', [task.script, ...args]) : ready;
}

async function install() {
  const reason = whyInstall();
  if (reason === undefined) return;
  const started = performance.now();
  say(`${reason}: installing them (npm ci, under a minute)`);
  const npm = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // Not with the Node that npm is about to delete.
  const code = await run('npm', npm, { env: { PATH: pathWithoutBin() }, stdout: 'ignore' });
  if (code !== 0) throw new Error('npm ci failed; its output above says why.');
  // An old Node leaves out optional packages that need a newer one (isolated-vm); now there is a new one.
  const rest = [
    'install',
    '--no-save',
    '--include=dev',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  if ((await run('npm', rest, { stdout: 'ignore' })) !== 0)
    throw new Error('npm install failed; its output above says why.');
  say(`dependencies installed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** Compares the lock file with npm's own record of what it installed, so that `npm install` by hand counts too. */
function whyInstall() {
  const installed = readPackages(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'no dependencies here yet';
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  if (wanted === undefined)
    throw new Error('Cannot install: package-lock.json is missing or broken; restore it with git.');
  const stale = Object.entries(wanted).some(([path, { version, optional, devOptional }]) => {
    if (path === '') return false;
    // Packages for other platforms are in the lock file and never installed.
    return installed[path] === undefined ? !optional && !devOptional : installed[path].version !== version;
  });
  return stale ? 'dependencies are out of date' : undefined;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm may skip the install script that fetches the binary (`ignore-scripts`), or it may fail without a word. */
function requireNode() {
  const { stdout } = spawnSync('node', ['--version'], { env: taskEnvironment(), encoding: 'utf8' });
  const version = stdout?.trim() ?? '';
  if (Number.parseInt(version.slice(1), 10) >= NODE_MAJOR) return;
  throw new Error(
    `Node ${NODE_MAJOR} is needed, this is ${version || 'none'}, and npm did not fetch its copy: run ` +
      '"npm rebuild node --ignore-scripts=false", or install Node 24, then try again.',
  );
}

/** Runs a command in the foreground and answers its exit code, 128 + the signal's number when one ended it. */
function run(command, args, { env = {}, stdout = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['inherit', stdout, 'inherit'],
      env: { ...taskEnvironment(), ...env },
    });
    // Ctrl-C reaches the child from the terminal; this process waits to hand on how the child ended.
    const onInterrupt = () => {};
    const onTerminate = () => child.kill('SIGTERM');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
    child.on('error', (error) =>
      reject(new Error(`Cannot run ${command}: ${error.code === 'ENOENT' ? 'it is not installed' : error.message}.`)),
    );
    child.on('close', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function taskEnvironment() {
  return { ...process.env, PATH: [BIN, pathWithoutBin()].join(delimiter) };
}

function pathWithoutBin() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== BIN)
    .join(delimiter);
}

/** Two of these at once take turns. The lock is a file with its owner's process id; a dead owner's is taken over. */
async function withLock(action) {
  await takeLock();
  try {
    return await action();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

async function takeLock() {
  const deadline = performance.now() + LOCK_WAIT_MS;
  let told = false;
  while (!tryCreateLock()) {
    const owner = lockOwner(LOCK);
    // An empty file is one whose owner is about to write its id.
    if (owner && !isAlive(Number(owner))) breakLock(owner);
    else if (owner && !told) {
      say(`waiting for another setup (process ${owner})`);
      told = true;
    }
    if (performance.now() > deadline) throw new Error(`Process ${owner} holds ${LOCK}: end it or delete the file.`);
    await sleep(LOCK_POLL_MS);
  }
}

function tryCreateLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead owner's lock aside, and back when another process was quicker and this is a living owner's by now. */
function breakLock(owner) {
  const aside = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    if (lockOwner(aside) !== owner) linkSync(aside, LOCK);
  } catch {
    // Another process was quicker; the next attempt sees what it left.
  }
  rmSync(aside, { force: true });
}

function lockOwner(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}
