import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { unlessErrno } from './storage-error.ts';
import { isGone, WRITER } from './writer.ts';

const MAX_WAIT_MS = 30_000;
/** A holder on another machine, or in a thread that was terminated, can't be asked whether it still runs. */
const MAX_HOLD_MS = 10_000;

let counter = 0;

/**
 * Runs `work` while no other process runs its own under the same folder.
 *
 * Each contender puts a file of its own there and then looks whether it is the only one; if not, it takes its file back
 * and tries again later. Of two that overlap, the one that looks last sees the other. A dead owner's file
 * is removed by whoever sees it: no one else ever uses that name, so there is no takeover to race for.
 *
 * @param action what waits, for the message
 * @throws {CodeModeError} `STORAGE` after 30 s of waiting
 */
export async function withFolderLock<T>(folder: string, action: string, work: () => Promise<T>): Promise<T> {
  counter += 1;
  const own = `${WRITER}.${counter}.lock`;
  const deadline = performance.now() + MAX_WAIT_MS;
  while (performance.now() < deadline) {
    if (!(await isContended(folder, own))) {
      try {
        await writeFile(join(folder, own), '', { flag: 'wx' });
        if (!(await isContended(folder, own))) return await work();
      } finally {
        await rm(join(folder, own), { force: true });
      }
    }
    await sleep(1 + Math.random() * 9);
  }
  const message = `Cannot ${action}: other processes kept the storage locked for ${MAX_WAIT_MS / 1_000} s; try again`;
  throw new CodeModeError('STORAGE', message);
}

async function isContended(folder: string, own: string): Promise<boolean> {
  for (const name of await readdir(folder)) {
    if (name === own) continue;
    const path = join(folder, name);
    const stats = await unlessErrno(stat(path), 'ENOENT');
    if (stats === undefined) continue;
    const ageMs = Date.now() - stats.mtimeMs;
    if (ageMs < MAX_HOLD_MS && !isGone(name.slice(0, name.indexOf('.')), ageMs)) return true;
    await rm(path, { force: true });
  }
  return false;
}
