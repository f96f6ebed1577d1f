import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { unlessErrno } from './storage-error.ts';
import { isGone, WRITER } from './writer.ts';

/** Big enough for few calls, small enough that hashing one piece does not hold up the event loop. */
export const CHUNK_BYTES = 1024 * 1024;

/** The file system's thread pool has four threads: more at once only wait. */
const WRITE_CONCURRENCY = 16;

const TEMP_FILE = /^\.(?<writer>[\w-]+)\.\d+\.(?<label>[\w-]*)\.tmp$/;

let counter = 0;

export interface TempFile {
  readonly path: string;
  readonly stat: BigIntStats;
  /** Of the data, hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes data to a new file that no reader looks at, and to the disk. The caller renames it to where it belongs, or
 * removes it. The name says who writes it, so that others can remove it when that writer was killed.
 *
 * @param label letters, digits, `-` and `_`, told to whoever cleans up
 */
export async function writeTempFile(folder: string, data: Uint8Array, label = ''): Promise<TempFile> {
  counter += 1;
  const path = join(folder, `.${WRITER}.${counter}.${label}.tmp`);
  const file = await open(path, 'wx');
  try {
    const hash = createHash('sha256');
    for (let offset = 0; offset < data.byteLength; offset += CHUNK_BYTES) {
      const chunk = data.subarray(offset, offset + CHUNK_BYTES);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    // The file system's own clock may tick in milliseconds: with this one, no two states of a file look alike.
    const now = (performance.timeOrigin + performance.now()) / 1_000;
    await file.utimes(now, now);
    await file.sync();
    return { path, stat: await file.stat({ bigint: true }), sha256: hash.digest('hex') };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Replaces a file by new content, whole or not at all, also on the disk. */
export async function replaceFile(folder: string, name: string, data: Uint8Array): Promise<void> {
  await replaceFiles(folder, new Map([[name, data]]));
}

/** The same for many, each of them whole or not at all. */
export async function replaceFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const atOnce = pLimit(WRITE_CONCURRENCY);
  const writes = [...files].map(([name, data]) => atOnce(() => putFile(folder, name, data)));
  // Nothing goes on behind the back of whoever is told of a failure.
  await Promise.allSettled(writes);
  await Promise.all(writes);
  await syncFolder(folder);
  await sweepTempFiles(folder);
}

async function putFile(folder: string, name: string, data: Uint8Array): Promise<void> {
  const temp = await writeTempFile(folder, data);
  try {
    await rename(temp.path, join(folder, name));
  } catch (error) {
    await rm(temp.path, { force: true });
    throw error;
  }
}

/**
 * Removes what killed writers left behind.
 *
 * @returns the labels of the removed files
 */
export async function sweepTempFiles(folder: string): Promise<readonly string[]> {
  const labels: string[] = [];
  for (const name of (await unlessErrno(readdir(folder), 'ENOENT', 'EACCES')) ?? []) {
    const { writer, label } = TEMP_FILE.exec(name)?.groups ?? {};
    if (writer === undefined || label === undefined || writer === WRITER) continue;
    const path = join(folder, name);
    const stats = await unlessErrno(stat(path), 'ENOENT');
    if (stats === undefined || !isGone(writer, Date.now() - stats.mtimeMs)) continue;
    await unlessErrno(rm(path, { force: true }), 'EACCES', 'EPERM', 'EROFS');
    labels.push(label);
  }
  return labels;
}

/** Makes renames in a folder last through a power failure, where the system can (Windows can't open folders). */
export async function syncFolder(path: string): Promise<void> {
  const folder = await unlessErrno(open(path, 'r'), 'EISDIR', 'EPERM', 'EACCES');
  if (folder === undefined) return;
  try {
    await unlessErrno(folder.sync(), 'EINVAL', 'EPERM', 'ENOTSUP');
  } finally {
    await folder.close();
  }
}
