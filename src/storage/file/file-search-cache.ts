import { createHash, randomUUID } from 'node:crypto';
import { open, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_SEARCH_ENTRY_BYTES } from '../../contracts/search-cache.ts';
import type { SearchCache } from '../../contracts/search-cache.ts';
import { warnOfSearchCache } from '../search-cache-warning.ts';
import { encodeRecord, recordsIn } from './search-records.ts';
import { isErrno, unlessErrno } from './storage-error.ts';

/** A file that grows beyond this is begun anew, with what was asked for last. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const MIN_COMPACTED_BYTES = 1024 * 1024;

/**
 * One file a space, under `.cache/search/`, that processes append to at the same time: each record says how long it is
 * and has a checksum (see `search-records.ts`). A reader that finds most of a file useless writes it anew.
 */
export class FileSearchCache implements SearchCache {
  readonly #folder: string;
  /** Spaces whose file was looked through for what is of no use. */
  readonly #compacted = new Set<string>();
  #isWarned = false;

  /** @param folder made at the first write */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(space: string, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    try {
      const data = await unlessErrno(readFile(this.#path(space)), 'ENOENT', 'ENOTDIR');
      if (data === undefined || keys.length === 0) return new Map();
      const found = recordsIn(data, new Set(keys));
      await this.#compact(space, data, found);
      return found;
    } catch (error) {
      this.#tell('read', error);
      return new Map();
    }
  }

  async write(space: string, entries: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const records = [...entries]
      .filter(([, data]) => data.byteLength <= MAX_SEARCH_ENTRY_BYTES)
      .map(([key, data]) => encodeRecord(key, data));
    if (records.length === 0) return;
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await open(this.#path(space), 'a');
      try {
        // One call: what several processes append at the same time lands one after the other.
        await file.write(Buffer.concat(records));
      } finally {
        await file.close();
      }
    } catch (error) {
      this.#tell('write', error);
    }
  }

  /** What another process appends meanwhile is lost, which costs it the time to derive it again. */
  async #compact(space: string, data: Buffer, found: ReadonlyMap<string, Uint8Array>): Promise<void> {
    if (this.#compacted.has(space) || data.byteLength < MIN_COMPACTED_BYTES) return;
    this.#compacted.add(space);
    const all = data.byteLength > MAX_FILE_BYTES ? found : recordsIn(data);
    const records = [...all].map(([key, value]) => encodeRecord(key, value));
    const bytes = records.reduce((sum, record) => sum + record.byteLength, 0);
    if (bytes > data.byteLength / 2) return;
    const temp = join(this.#folder, `.${randomUUID()}.tmp`);
    try {
      const file = await open(temp, 'wx');
      try {
        await file.writeFile(Buffer.concat(records));
      } finally {
        await file.close();
      }
      await rename(temp, this.#path(space));
    } finally {
      await rm(temp, { force: true });
    }
  }

  #tell(action: string, error: unknown): void {
    if (!isErrno(error)) throw error;
    if (!this.#isWarned) warnOfSearchCache(action, error.code);
    this.#isWarned = true;
  }

  #path(space: string): string {
    return join(this.#folder, createHash('sha256').update(space).digest('hex'));
  }
}
