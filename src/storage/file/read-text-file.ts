import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isErrno } from './storage-error.ts';

/** Tools and skills are written by hand or by an agent: what is larger is a mistake or an attack. */
const MAX_TEXT_BYTES = 1024 * 1024;

export type TextFile = { readonly text: string; readonly version: string } | { readonly problem: string };

/**
 * Reads a text file of bounded size. `undefined` when there is none.
 *
 * It works synchronously, as listing does: for a file of this size the way through the thread pool takes ten times as long.
 *
 * @param followLinks false: a symbolic link is an error with the code `ELOOP` (`EMLINK` on some systems)
 */
export async function readTextFile(path: string, followLinks: boolean): Promise<TextFile | undefined> {
  // Without O_NONBLOCK, opening a pipe waits for a writer, for ever. Windows has neither flag.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (followLinks ? 0 : (constants.O_NOFOLLOW ?? 0));
  const file = openIfThere(path, flags);
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile()) return { problem: 'it is not a regular file' };
    if (stats.size > MAX_TEXT_BYTES) return { problem: `it has ${stats.size} bytes, more than ${MAX_TEXT_BYTES}` };
    const data = readFileSync(file);
    if (!isUtf8(data)) return { problem: 'it is not UTF-8 text' };
    return { text: data.toString('utf8').replace(/^\uFEFF/, ''), version: versionOf(stats) };
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Differs whenever the content of a file does. Saves rename a new file into place: the inode tells what a coarse clock doesn't. */
export function versionOf(stats: BigIntStats): string {
  return `${stats.mtimeNs}-${stats.ctimeNs}-${stats.size}-${stats.ino}`;
}
