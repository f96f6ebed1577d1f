import { constants } from 'node:fs';
import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { nameTaken } from '../artifact-rules.ts';
import { artifactNameProblem, checkArtifactName } from '../names.ts';
import { isErrno, unlessErrno } from './storage-error.ts';
import { CHUNK_BYTES } from './temp-file.ts';

const MAX_ATTEMPTS = 100;

/**
 * The data of artifacts: plain files under a root, in folders. Symbolic links below the root are refused, all of them.
 */

/** Which file it is and which state of it: kept by a rename, changed by every way of writing to it. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.ino}-${stats.mtimeNs}-${stats.size}`;
}

/**
 * Checks that each step from the root is a real folder.
 *
 * @param create make the folders that are missing
 * @returns the path, or `undefined` when there is no such folder
 * @throws {CodeModeError} `INVALID_NAME` for a symbolic link, and with `create` for a file, on the way
 */
export async function realFolder(root: string, steps: readonly string[], create: boolean): Promise<string | undefined> {
  let path = root;
  if (create) await mkdir(root, { recursive: true });
  for (const [index, step] of steps.entries()) {
    path = join(path, step);
    if (create) await unlessErrno(mkdir(path), 'EEXIST');
    const stats = await unlessErrno(lstat(path), 'ENOENT', 'ENOTDIR');
    const shown = steps.slice(0, index + 1).join('/');
    if (stats?.isSymbolicLink() === true) throw linkRefused(shown);
    if (stats?.isDirectory() === true) continue;
    if (!create) return undefined;
    if (stats === undefined) throw vanished(path);
    throw nameTaken(steps.join('/'), `"${shown}" is an artifact, not a folder`);
  }
  return path;
}

/** The state of an artifact's file; `undefined` when there is none. */
export async function statData(root: string, name: string): Promise<BigIntStats | undefined> {
  const segments = checkArtifactName(name);
  const folder = await realFolder(root, segments.slice(0, -1), false);
  if (folder === undefined) return undefined;
  const stats = await unlessErrno(lstat(join(root, ...segments), { bigint: true }), 'ENOENT', 'ENOTDIR');
  if (stats?.isSymbolicLink() === true) throw linkRefused(name);
  return stats?.isFile() === true ? stats : undefined;
}

/** Opens an artifact's file for reading. The caller closes it. */
export async function openData(
  root: string,
  name: string,
): Promise<{ file: FileHandle; stats: BigIntStats } | undefined> {
  if ((await statData(root, name)) === undefined) return undefined;
  // What was a file when it was looked at may be a link or a pipe by now.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(join(root, name), flags).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw isErrno(error, 'ELOOP', 'EMLINK') ? linkRefused(name) : error;
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat({ bigint: true });
    if (stats.isFile()) return { file, stats };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

/**
 * Makes a folder and holds on to it while `use` runs: on Linux, the path that `use` gets leads to the folder that was
 * checked, also when somebody puts a symbolic link in its place meanwhile.
 */
export async function withFolder<T>(
  root: string,
  steps: readonly string[],
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(root, ...steps);
  await realFolder(root, steps, true);
  if (process.platform !== 'linux') return use(path);
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const pinned = `/proc/self/fd/${folder.fd}`;
    const actual = (await unlessErrno(readlink(pinned), 'ENOENT')) ?? path;
    if (actual !== path) throw vanished(path);
    return await use(pinned);
  } finally {
    await folder.close();
  }
}

/**
 * The data of an open file, in pieces.
 *
 * @param whole where to put it; otherwise each piece is memory of its own
 * @throws {CodeModeError} `STORAGE` when the file became shorter meanwhile
 */
export async function* chunksOf(file: FileHandle, sizeBytes: number, whole?: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < sizeBytes;) {
    const length = Math.min(CHUNK_BYTES, sizeBytes - offset);
    const target = whole?.subarray(offset, offset + length) ?? new Uint8Array(length);
    const { bytesRead } = await file.read(target, 0, length, offset);
    if (bytesRead === 0)
      throw new CodeModeError('STORAGE', 'Cannot load the artifact: its file was cut while it was read; try again');
    offset += bytesRead;
    yield target.subarray(0, bytesRead);
  }
}

/**
 * Tries again while `attempt` answers `undefined`, because another writer changed the files under it. Each of these
 * succeeded with its own change, so that it can't go on for long.
 *
 * @throws {CodeModeError} `STORAGE` when it does
 */
export async function whileMoving<T>(name: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let count = 0; count < MAX_ATTEMPTS; count += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new CodeModeError('STORAGE', `Cannot use artifacts/${name}: others change it without pause; try again`);
}

export interface DataFiles {
  readonly names: readonly string[];
  /** What is no artifact although it is there. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/** Every artifact's name, sorted. Hidden files and folders are left out. */
export async function walkData(root: string): Promise<DataFiles> {
  const names: string[] = [];
  const refused: { name: string; reason: string }[] = [];
  const visit = async (prefix: string): Promise<void> => {
    for (const entry of await entriesOf(join(root, prefix))) {
      if (entry.name.startsWith('.')) continue;
      const name = `${prefix}${entry.name}`;
      const reason = refusalOf(entry, name);
      if (reason !== undefined) refused.push({ name, reason });
      else if (entry.isDirectory()) await visit(`${name}/`);
      else names.push(name);
    }
  };
  await visit('');
  return { names: names.toSorted(), refused };
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  return (await unlessErrno(readdir(folder, { withFileTypes: true }), 'ENOENT', 'ENOTDIR')) ?? [];
}

function refusalOf(entry: Dirent, name: string): string | undefined {
  if (entry.isSymbolicLink()) return 'it is a symbolic link';
  if (!entry.isFile() && !entry.isDirectory()) return 'it is not a regular file';
  const problem = artifactNameProblem(name);
  return problem === undefined ? undefined : `its name is not valid: ${problem}`;
}

/** A folder that was there a moment ago: deleting the last artifact in a folder removes it. */
function vanished(path: string): Error {
  return Object.assign(new Error(`ENOENT: ${path} was removed`), { code: 'ENOENT', syscall: 'open' });
}

function linkRefused(name: string): CodeModeError {
  return new CodeModeError(
    'INVALID_NAME',
    `Cannot use artifacts/${name}: it is a symbolic link; put the file or folder itself there`,
  );
}
