import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TSC = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url));
const OPTIONS = [
  '--noEmit',
  '--strict',
  '--pretty',
  'false',
  '--target',
  'es2024',
  '--module',
  'esnext',
  '--types',
  '',
];

/** What the compiler says about some TypeScript files, given by name: `a.ts(3,7): error TS2322: ...` a line. */
export async function compilerErrors(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'declarations-'));
  try {
    const names = Object.keys(files);
    for (const name of names) await writeFile(join(folder, name), files[name] ?? '');
    const output = await new Promise<string>((resolve) => {
      // Its exit code says whether there are errors; the output says which.
      execFile(TSC, [...OPTIONS, ...names], { cwd: folder }, (_error, stdout, stderr) => {
        resolve(stdout + stderr);
      });
    });
    return output.split('\n').filter((line) => line.trim() !== '');
  } finally {
    await rm(folder, { recursive: true });
  }
}
