import { rename, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type {
  ArtifactContent,
  ArtifactInfo,
  ArtifactListing,
  ArtifactOptions,
  ArtifactStore,
} from '../../contracts/artifact-store.ts';
import { describeArtifact, nameTaken, quotaExceeded } from '../artifact-rules.ts';
import { checkArtifactName } from '../names.ts';
import { identityOf, realFolder, statData, walkData, whileMoving, withFolder } from './artifact-files.ts';
import { ArtifactReader } from './artifact-reader.ts';
import { ArtifactRecords } from './artifact-records.ts';
import { withFolderLock } from './folder-lock.ts';
import { LegacyIndex } from './legacy-index.ts';
import { isErrno, orStorageError, unlessErrno } from './storage-error.ts';
import { syncFolder } from './temp-file.ts';
import type { TempFile } from './temp-file.ts';
import { WRITER } from './writer.ts';

/** The file system's thread pool has four threads: more at once only wait. */
const STAT_CONCURRENCY = 16;

/**
 * Artifacts as plain files under their own names, with a record of each in `.records/` (see {@link ArtifactRecords}).
 * Files put there by hand are artifacts too. Stores that py-code-mode made are read; its index is left as it is.
 */
export class FileArtifactStore implements ArtifactStore {
  readonly #root: string;
  readonly #quotaBytes: number | undefined;
  readonly #records: ArtifactRecords;
  readonly #index: LegacyIndex;
  readonly #reader: ArtifactReader;
  readonly #oneAtATime = pLimit(1);

  /** @param root absolute, without symbolic links on the way */
  constructor(root: string, quotaBytes?: number) {
    this.#root = root;
    this.#quotaBytes = quotaBytes;
    this.#records = new ArtifactRecords(root);
    this.#index = new LegacyIndex(root);
    this.#reader = new ArtifactReader(root, this.#records, this.#index);
  }

  async save(name: string, content: ArtifactContent, options: ArtifactOptions = {}): Promise<ArtifactInfo> {
    const info = describeArtifact(name, content, options);
    await orStorageError(`save artifacts/${name}`, async () => {
      this.#checkQuota(info, 0);
      await statData(this.#root, name);
      const temp = await this.#records.writeData(name, content.data);
      try {
        await (this.#quotaBytes === undefined ? this.#commit(info, temp) : this.#commitWithinQuota(info, temp));
      } finally {
        await rm(temp.path, { force: true });
      }
    });
    return info;
  }

  async load(name: string): Promise<{ readonly content: ArtifactContent; readonly info: ArtifactInfo }> {
    checkArtifactName(name);
    return orStorageError(`load artifacts/${name}`, () => this.#reader.load(name));
  }

  /** The stream holds the file open: read it to its end, or cancel it. It fails at its end if the data is damaged. */
  async stream(name: string): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly info: ArtifactInfo }> {
    checkArtifactName(name);
    return orStorageError(`load artifacts/${name}`, () => this.#reader.stream(name));
  }

  async info(name: string): Promise<ArtifactInfo | undefined> {
    checkArtifactName(name);
    return orStorageError(`read artifacts/${name}`, async () => (await this.#reader.describe(name))?.info);
  }

  async list(): Promise<ArtifactListing> {
    return orStorageError('list artifacts/', () => this.#reader.list());
  }

  async delete(name: string): Promise<boolean> {
    const segments = checkArtifactName(name);
    return orStorageError(`delete artifacts/${name}`, async () => {
      const stats = await statData(this.#root, name);
      if (stats === undefined) return false;
      const identity = identityOf(stats);
      const entry = await this.#index.entry(name);
      if (entry !== undefined && entry !== 'damaged') {
        await this.#records.noteDeletion(name, { replaces: identity, supersedes: entry.createdAt });
      }
      const unlinked = withFolder(this.#root, segments.slice(0, -1), async (folder) => {
        await unlink(join(folder, segments.at(-1) ?? ''));
        return true;
      });
      const deleted = await unlessErrno(unlinked, 'ENOENT');
      await this.#records.cleanUp(name, identity);
      await this.#removeEmptyFolders(segments.slice(0, -1));
      return deleted ?? false;
    });
  }

  async #commitWithinQuota(info: ArtifactInfo, temp: TempFile): Promise<void> {
    const locks = await this.#records.folder('locks');
    // In this process the saves queue, so that they don't poll for each other.
    await this.#oneAtATime(() =>
      withFolderLock(locks, `save artifacts/${info.name}`, async () => {
        const { names } = await walkData(this.#root);
        const others = names.filter((name) => name !== info.name);
        const sizes = await pLimit(STAT_CONCURRENCY).map(others, (name) => this.#sizeOf(name));
        const recordsBytes = await this.#records.totalBytes(info.name);
        this.#checkQuota(
          info,
          sizes.reduce((sum, size) => sum + size, recordsBytes),
        );
        await this.#commit(info, temp);
      }),
    );
  }

  /** Puts the data in place, its record first. See {@link ArtifactRecords} for why this is atomic. */
  async #commit(info: ArtifactInfo, temp: TempFile): Promise<void> {
    const { name } = info;
    const segments = checkArtifactName(name);
    const replaced = await statData(this.#root, name);
    const entry = await this.#index.entry(name);
    const record = {
      ...info,
      sha256: temp.sha256,
      writer: WRITER,
      ...(replaced === undefined ? {} : { replaces: identityOf(replaced) }),
      ...(entry === undefined || entry === 'damaged' ? {} : { supersedes: entry.createdAt }),
    };
    await this.#records.commit(record, identityOf(temp.stat), async () => {
      await whileMoving(name, () =>
        // A concurrent delete may remove the folder, as empty, before the file is in it.
        unlessErrno(this.#place(temp, segments), 'ENOENT'),
      );
    });
  }

  async #place(temp: TempFile, segments: readonly string[]): Promise<true> {
    await withFolder(this.#root, segments.slice(0, -1), async (folder) => {
      try {
        await rename(temp.path, join(folder, segments.at(-1) ?? ''));
      } catch (error) {
        if (!isErrno(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
        await this.#replaceFolder(temp, join(folder, segments.at(-1) ?? ''), segments.join('/'));
      }
      await syncFolder(folder);
    });
    return true;
  }

  /** An empty folder, left by hand or by a deletion that was killed, is in nobody's way. */
  async #replaceFolder(temp: TempFile, path: string, name: string): Promise<void> {
    const isRemoved = await unlessErrno(
      rmdir(path).then(() => true),
      'ENOTEMPTY',
      'EEXIST',
      'ENOENT',
    );
    if (isRemoved !== true) throw nameTaken(name, 'it is a folder that is not empty');
    await rename(temp.path, path);
  }

  async #sizeOf(name: string): Promise<number> {
    return Number((await statData(this.#root, name))?.size ?? 0);
  }

  #checkQuota(info: ArtifactInfo, othersBytes: number): void {
    const quotaBytes = this.#quotaBytes;
    const sizeBytes = info.sizeBytes + this.#records.sizeOf(info);
    if (quotaBytes === undefined || othersBytes + sizeBytes <= quotaBytes) return;
    throw quotaExceeded(info.name, { sizeBytes, othersBytes, quotaBytes });
  }

  async #removeEmptyFolders(folders: readonly string[]): Promise<void> {
    for (let depth = folders.length; depth > 0; depth -= 1) {
      const folder = await realFolder(this.#root, folders.slice(0, depth), false);
      const removed =
        folder !== undefined &&
        (await rmdir(folder).then(
          () => true,
          () => false,
        ));
      if (!removed) return;
    }
  }
}
