import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ArtifactInfo } from '../../contracts/artifact-store.ts';
import { damaged } from '../artifact-rules.ts';
import { chunksOf, identityOf, openData } from './artifact-files.ts';
import type { ArtifactRecord, ArtifactRecords } from './artifact-records.ts';
import { inferType, MAX_INFERRED_BYTES } from '../infer-type.ts';
import { LEGACY_INDEX } from './legacy-index.ts';
import type { LegacyEntry, LegacyIndex } from './legacy-index.ts';

const MAX_REMEMBERED = 20_000;

export interface Description {
  readonly info: ArtifactInfo;
  /** `record`: of exactly this data. `index`: py-code-mode's entry. `file`: all there is to go by is the file. */
  readonly source: 'record' | 'index' | 'file';
  /** What the data must hash to, where a record says so. */
  readonly sha256?: string;
}

/** Says what is known of the data in place: by its record, else by the index in the original's layout, else by looking. */
export class ArtifactDescriptions {
  readonly #root: string;
  readonly #records: ArtifactRecords;
  readonly #index: LegacyIndex;
  /** What reading a file whole has told, by name and identity. */
  readonly #digests = new Map<string, string | undefined>();
  readonly #types = new Map<string, ArtifactInfo['type'] | undefined>();

  constructor(root: string, records: ArtifactRecords, index: LegacyIndex) {
    this.#root = root;
    this.#records = records;
    this.#index = index;
  }

  /**
   * `undefined` when the file changed while it was looked at: look again.
   *
   * @throws {CodeModeError} `DAMAGED`
   */
  async of(name: string, stats: BigIntStats): Promise<Description | undefined> {
    const identity = identityOf(stats);
    const record = await this.#records.find(name, identity);
    if (record !== undefined) return fromRecord(record);
    const others = await this.#records.others(name, identity);
    for (const other of others) {
      // Copying a store gives files other inodes and times; what they hold is still what was saved.
      if (other.sizeBytes === Number(stats.size) && (await this.#digest(name, stats)) === other.sha256) {
        return fromRecord(other);
      }
    }
    // A record that was to replace this very data never did: its writer was killed before.
    const older = others.filter(({ replaces }) => replaces !== identity);
    const entry = await this.#liveEntry(name, identity, older);
    if (entry === 'damaged') throw damaged(name, `its entry in ${LEGACY_INDEX} is not readable`);
    const type = entry?.type ?? (await this.#type(name, stats));
    if (type === undefined) return undefined;
    const sizeBytes = Number(stats.size);
    if (entry !== undefined) {
      const { description, metadata, createdAt } = entry;
      const info = { name, type, sizeBytes, description, metadata, createdAt: new Date(createdAt).toISOString() };
      return { info, source: 'index' };
    }
    const description = older.length > 0 ? 'Changed outside of the store since it was saved.' : '';
    const createdAt = new Date(Number(stats.mtimeMs)).toISOString();
    return { info: { name, type, sizeBytes, description, metadata: {}, createdAt }, source: 'file' };
  }

  /** The index's entry, unless the artifact was saved anew or deleted here since that entry was made. */
  async #liveEntry(
    name: string,
    identity: string,
    older: readonly ArtifactRecord[],
  ): Promise<LegacyEntry | 'damaged' | undefined> {
    const entry = await this.#index.entry(name);
    if (entry === undefined || entry === 'damaged') return entry;
    const deletion = await this.#records.deletion(name);
    const isOver =
      older.some(({ supersedes }) => supersedes === entry.createdAt) ||
      (deletion?.supersedes === entry.createdAt && deletion.replaces !== identity);
    return isOver ? undefined : entry;
  }

  async #digest(name: string, stats: BigIntStats): Promise<string | undefined> {
    return remember(this.#digests, `${name}\0${identityOf(stats)}`, () =>
      this.#withSame(name, stats, async (file) => {
        const hash = createHash('sha256');
        for await (const chunk of chunksOf(file, Number(stats.size))) hash.update(chunk);
        return hash.digest('hex');
      }),
    );
  }

  async #type(name: string, stats: BigIntStats): Promise<ArtifactInfo['type'] | undefined> {
    if (stats.size > MAX_INFERRED_BYTES) return 'bytes';
    return remember(this.#types, `${name}\0${identityOf(stats)}`, () =>
      this.#withSame(name, stats, async (file) => inferType(name, await file.readFile())),
    );
  }

  /** Runs `use` on the file if it is still the one that was looked at. */
  async #withSame<T>(name: string, stats: BigIntStats, use: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    const data = await openData(this.#root, name);
    if (data === undefined) return undefined;
    try {
      return identityOf(data.stats) === identityOf(stats) ? await use(data.file) : undefined;
    } finally {
      await data.file.close();
    }
  }
}

function fromRecord({ name, type, sizeBytes, description, metadata, createdAt, sha256 }: ArtifactRecord): Description {
  return { info: { name, type, sizeBytes, description, metadata, createdAt }, source: 'record', sha256 };
}

async function remember<T>(
  known: Map<string, T | undefined>,
  key: string,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const value = known.get(key) ?? (await find());
  if (known.size >= MAX_REMEMBERED) known.clear();
  if (value !== undefined) known.set(key, value);
  return value;
}
