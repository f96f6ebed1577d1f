/**
 * `node scripts/build.ts [--guest-only] [--force]`: builds `dist/` and `schemas/` from `src/`.
 *
 * What is built is made beside `dist/` and moved in file by file, so that a process that runs from `dist/` at the same
 * time never reads half a file. Without changes in the sources it does nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { buildGuest } from './build-guest.ts';
import { ROOT } from './root.ts';

const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.build-stamp');
const SOURCES = ['src/**/*.ts', 'scripts/build*.ts', 'package-lock.json', 'tsconfig*.json'];

const { values: flags } = parseArgs({
  options: { 'guest-only': { type: 'boolean', default: false }, force: { type: 'boolean', default: false } },
});
process.exitCode = await build();

async function build(): Promise<number> {
  if (flags['guest-only']) return (await tryBuildGuest()) ? 0 : 1;
  const hash = hashSources();
  if (!flags.force && readText(STAMP) === hash) return 0;
  const started = performance.now();
  // First, since the sources import what it makes.
  const guestFiles = await tryBuildGuest();
  const compiled = guestFiles && compile();
  if (!compiled) return 1;
  moveIntoDist(compiled, guestFiles);
  await writeSchemas();
  writeFileSync(STAMP, hash);
  process.stderr.write(`build: dist/ built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  return 0;
}

/** The bundler has printed what is wrong by the time it rejects. */
function tryBuildGuest(): Promise<readonly string[] | undefined> {
  return buildGuest().catch(() => undefined);
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    const bytes = readFileSync(join(ROOT, file));
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** Compiles into a folder as deep as `dist/`, because source maps name the sources relative to it. */
function compile(): string | undefined {
  const stage = join(ROOT, `.build-${process.pid}`);
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', stage], { cwd: ROOT, stdio: 'inherit' });
  if (status === 0) return stage;
  rmSync(stage, { recursive: true, force: true });
  return undefined;
}

/** Replaces what differs and deletes what no source makes any more. */
function moveIntoDist(stage: string, guestFiles: readonly string[]): void {
  const files = globSync('**/*.{js,ts,map}', { cwd: stage });
  for (const file of files) {
    const target = join(DIST, file);
    if (readText(target) === readText(join(stage, file))) continue;
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(stage, file), target);
  }
  const kept = new Set([...files, ...guestFiles]);
  for (const file of globSync('**/*.{js,ts,map}', { cwd: DIST })) {
    if (!kept.has(file)) rmSync(join(DIST, file));
  }
  rmSync(stage, { recursive: true, force: true });
}

/** Imported late: only sources that compile are worth running. */
async function writeSchemas(): Promise<void> {
  const { toolFileSchema } = await import('../src/tools/adapter-kinds.ts');
  const folder = join(ROOT, 'schemas');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tool.schema.json'), `${JSON.stringify(toolFileSchema(), null, 2)}\n`);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
