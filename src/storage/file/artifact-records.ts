import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { z } from 'zod';
import type { ArtifactInfo } from '../../contracts/artifact-store.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { damaged } from '../artifact-rules.ts';
import { identityOf, realFolder, statData } from './artifact-files.ts';
import { isErrno, unlessErrno } from './storage-error.ts';
import { sweepTempFiles, writeTempFile } from './temp-file.ts';
import type { TempFile } from './temp-file.ts';
import { isGone, WRITER } from './writer.ts';

/** What a record has beside what is known of the artifact: hash, writer, what it replaces. */
const RECORD_OVERHEAD_BYTES = 300;
/** The file system's thread pool has four threads: more at once only wait. */
const STAT_CONCURRENCY = 16;
const MAX_CACHED_RECORDS = 20_000;
const MAX_CACHED_RECORD_BYTES = 4 * 1024;
const FOLDER = '.records';

const supersedingSchema = z.object({
  /** Identity of the data that this was to replace or delete. While that is in place, it has not come to it. */
  replaces: z.string().optional(),
  /** The time in the original's index entry that no longer counts. */
  supersedes: z.string().optional(),
});

const recordSchema = z.object({
  name: z.string(),
  type: z.enum(['bytes', 'text', 'json']),
  description: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string(),
  writer: z.string(),
  ...supersedingSchema.shape,
});

/** Paths of records that this process wrote and whose data is not in place yet. */
const underWay = new Set<string>();

export type ArtifactRecord = ArtifactInfo & Omit<z.infer<typeof recordSchema>, keyof ArtifactInfo>;
export type Superseding = z.infer<typeof supersedingSchema>;

/**
 * What is known of artifacts beside their data: a file each, under `.records/`.
 *
 * A record is named by the artifact and by the identity (inode, time, size) of the very file that holds the data. It is
 * written before that file is renamed into place: so that one rename commits both, and whoever is killed, and
 * whenever, the data in place has its own record. Records of replaced data are garbage that anyone may remove once
 * their writer is done. No lock is needed for this, so none can be left behind.
 *
 *     .records/tmp/.<writer>.<n>.<key>.tmp       data and records being written
 *     .records/<xx>/<key>.<identity>.json        a record; key: SHA-256 of the name, xx: its first two digits
 *     .records/<xx>/<key>.deleted.json           a deletion that an entry in `.artifacts.json` must not undo
 */
export class ArtifactRecords {
  readonly #root: string;
  readonly #cache = new Map<string, ArtifactRecord>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The record of exactly this data. @throws {CodeModeError} `DAMAGED` */
  async find(name: string, identity: string): Promise<ArtifactRecord | undefined> {
    const record = await this.#read(this.#path(name, identity));
    if (record === 'damaged') throw damaged(name, 'its record is not readable');
    return record;
  }

  /** Records of other data under the same name: replaced, moved by a copy of the store, or not in place yet. */
  async others(name: string, identity: string): Promise<readonly ArtifactRecord[]> {
    const own = this.#path(name, identity);
    const paths = (await this.#pathsOf(keyOf(name))).filter((path) => path !== own);
    const records = await Promise.all(paths.map((path) => this.#read(path)));
    return records.filter((record) => record !== undefined && record !== 'damaged');
  }

  /** The deletion that was noted for this name. */
  async deletion(name: string): Promise<Superseding | undefined> {
    const text = await unlessErrno(readFile(this.#path(name, 'deleted'), 'utf8'), 'ENOENT');
    return text === undefined ? undefined : supersedingSchema.safeParse(parseJson(text)).data;
  }

  /** Writes data where no reader looks, to be renamed into place when its record is written. */
  async writeData(name: string, data: Uint8Array): Promise<TempFile> {
    return writeTempFile(await this.folder('tmp'), data, keyOf(name));
  }

  /** Runs `commit`, which puts the data in place, with the record written before. */
  async commit(record: ArtifactRecord, identity: string, commit: () => Promise<void>): Promise<void> {
    const path = this.#path(record.name, identity);
    underWay.add(path);
    try {
      await this.#write(path, record.name, JSON.stringify(record));
      await commit();
    } finally {
      underWay.delete(path);
      // If it failed, whether the data is in place decides what is garbage.
      await this.cleanUp(record.name, record.replaces);
    }
  }

  async noteDeletion(name: string, deletion: Superseding): Promise<void> {
    await this.#write(this.#path(name, 'deleted'), name, JSON.stringify({ name, ...deletion }));
  }

  /** About what the record of an artifact takes, in bytes. */
  sizeOf(info: ArtifactInfo): number {
    return Buffer.byteLength(JSON.stringify(info)) + RECORD_OVERHEAD_BYTES;
  }

  /** What the records of all other artifacts take, in bytes. */
  async totalBytes(name: string): Promise<number> {
    const root = join(this.#root, FOLDER);
    const own = keyOf(name);
    const folders = ((await unlessErrno(readdir(root), 'ENOENT')) ?? []).filter((folder) =>
      /^[0-9a-f]{2}$/.test(folder),
    );
    const sizes = await pLimit(STAT_CONCURRENCY).map(folders, async (folder) => {
      const files = (await unlessErrno(readdir(join(root, folder)), 'ENOENT', 'ENOTDIR')) ?? [];
      let bytes = 0;
      for (const file of files) {
        if (file.startsWith(own)) continue;
        bytes += (await unlessErrno(stat(join(root, folder, file)), 'ENOENT'))?.size ?? 0;
      }
      return bytes;
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** After a save or a delete: removes the record of the data that it replaced, and what killed writers left. */
  async cleanUp(name: string, replaced: string | undefined): Promise<void> {
    try {
      await this.#removeGarbage(keyOf(name), replaced);
      for (const key of new Set(await sweepTempFiles(join(this.#root, FOLDER, 'tmp')))) await this.#removeGarbage(key);
    } catch (error) {
      // What was to be done is done: what can't be removed now is removed by a later save.
      if (!isErrno(error) && !(error instanceof CodeModeError)) throw error;
    }
  }

  /** @param replaced identity of data that was in place, which is reason enough to remove its record */
  async #removeGarbage(key: string, replaced?: string): Promise<void> {
    const done = new Map<string, ArtifactRecord | 'damaged'>();
    let name: string | undefined;
    for (const path of await this.#pathsOf(key)) {
      const record = await this.#read(path);
      if (record === undefined) continue;
      if (record !== 'damaged') ({ name } = record);
      if (path.endsWith(`.${replaced}.json`) || (await isDone(path, record))) done.set(path, record);
    }
    if (name === undefined || keyOf(name) !== key) return;
    // Looked at only now: a writer found to be done a moment ago has nothing more to put in place.
    const data = await statData(this.#root, name);
    const identity = data === undefined ? undefined : identityOf(data);
    const current = identity === undefined ? undefined : this.#path(name, identity);
    const isRecorded = current === undefined || (await unlessErrno(stat(current), 'ENOENT')) !== undefined;
    for (const [path, record] of done) {
      // Data without a record of its own was changed by hand or copied: an older record still says something about
      // it. Not so one that never came to replace it.
      const isGarbage = isRecorded || (record !== 'damaged' && record.replaces === identity);
      if (isGarbage && path !== current) await rm(path, { force: true });
    }
  }

  async #write(path: string, name: string, text: string): Promise<void> {
    await this.folder(keyOf(name).slice(0, 2));
    const temp = await writeTempFile(await this.folder('tmp'), Buffer.from(text), keyOf(name));
    try {
      await rename(temp.path, path);
    } catch (error) {
      await rm(temp.path, { force: true });
      throw error;
    }
  }

  async #read(path: string): Promise<ArtifactRecord | 'damaged' | undefined> {
    const cached = this.#cache.get(path);
    if (cached !== undefined) return cached;
    const data = await unlessErrno(readFile(path), 'ENOENT');
    if (data === undefined) return undefined;
    const record = recordSchema.safeParse(parseJson(data.toString('utf8'))).data;
    if (record === undefined) return 'damaged';
    if (this.#cache.size >= MAX_CACHED_RECORDS) this.#cache.clear();
    if (data.byteLength <= MAX_CACHED_RECORD_BYTES) this.#cache.set(path, record);
    return record;
  }

  async #pathsOf(key: string): Promise<readonly string[]> {
    const folder = join(this.#root, FOLDER, key.slice(0, 2));
    const names = (await unlessErrno(readdir(folder), 'ENOENT')) ?? [];
    return names
      .filter((name) => name.startsWith(`${key}.`) && !name.endsWith('.deleted.json'))
      .map((name) => join(folder, name));
  }

  #path(name: string, identity: string): string {
    const key = keyOf(name);
    return join(this.#root, FOLDER, key.slice(0, 2), `${key}.${identity}.json`);
  }

  /** A folder for what is no artifact, made if need be. */
  async folder(name: string): Promise<string> {
    await realFolder(this.#root, [FOLDER, name], true);
    return join(this.#root, FOLDER, name);
  }
}

/** True when whoever wrote a record is not about to put its data in place. */
async function isDone(path: string, record: ArtifactRecord | 'damaged'): Promise<boolean> {
  // Records are renamed into place whole: a damaged one was not being written.
  if (record === 'damaged') return true;
  if (record.writer === WRITER) return !underWay.has(path);
  const stats = await unlessErrno(stat(path), 'ENOENT');
  return stats !== undefined && isGone(record.writer, Date.now() - stats.mtimeMs);
}

/** One file name for each artifact name, whatever its length and folders. */
function keyOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
