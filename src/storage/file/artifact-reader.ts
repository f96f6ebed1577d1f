import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import pLimit from 'p-limit';
import type { ArtifactContent, ArtifactInfo, ArtifactListing } from '../../contracts/artifact-store.ts';
import { CodeModeError, isCodeModeError } from '../../errors/code-mode-error.ts';
import { damaged, unknownArtifact } from '../artifact-rules.ts';
import { ArtifactDescriptions } from './artifact-descriptions.ts';
import type { Description } from './artifact-descriptions.ts';
import { chunksOf, identityOf, openData, statData, walkData, whileMoving } from './artifact-files.ts';
import type { ArtifactRecords } from './artifact-records.ts';
import { holds } from '../infer-type.ts';
import { LEGACY_INDEX } from './legacy-index.ts';
import type { LegacyIndex } from './legacy-index.ts';
import { isErrno, orStorageError } from './storage-error.ts';

/** The file system's thread pool has four threads: many more at once only wait. */
const LIST_CONCURRENCY = 16;
const MAX_LOAD_BYTES = 2 * 1024 * 1024 * 1024;
const NOT_WHAT_WAS_SAVED = 'its data is not what was saved';

interface OpenArtifact extends Description {
  readonly file: FileHandle;
}

/** Reads artifacts without any lock, while others write. */
export class ArtifactReader {
  readonly #root: string;
  readonly #index: LegacyIndex;
  readonly #descriptions: ArtifactDescriptions;

  constructor(root: string, records: ArtifactRecords, index: LegacyIndex) {
    this.#root = root;
    this.#index = index;
    this.#descriptions = new ArtifactDescriptions(root, records, index);
  }

  async load(name: string): Promise<{ readonly content: ArtifactContent; readonly info: ArtifactInfo }> {
    const { file, info, source, sha256 } = await this.#open(name);
    try {
      if (info.sizeBytes > MAX_LOAD_BYTES) {
        const message = `Cannot load artifacts/${name}: it has ${info.sizeBytes} bytes; read more than ${MAX_LOAD_BYTES} as a stream`;
        throw new CodeModeError('STORAGE', message);
      }
      const data = new Uint8Array(info.sizeBytes);
      for await (const _ of verified(name, chunksOf(file, info.sizeBytes, data), sha256));
      if (source === 'index' && !holds(info.type, data)) throw damaged(name, `it does not hold ${info.type}`);
      return { content: { type: info.type, data }, info };
    } finally {
      await file.close();
    }
  }

  async stream(name: string): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly info: ArtifactInfo }> {
    const { file, info, sha256 } = await this.#open(name);
    const chunks = verified(name, chunksOf(file, info.sizeBytes), sha256);
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      try {
        const next = await orStorageError(`load artifacts/${name}`, () => chunks.next());
        if (next.done !== true) return controller.enqueue(next.value);
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
      controller.close();
    };
    // Nothing is read ahead, so that a stream nobody reads is closed by cancelling it.
    return { info, stream: new ReadableStream({ pull, cancel: () => file.close() }, { highWaterMark: 0 }) };
  }

  async list(): Promise<ArtifactListing> {
    const { names, refused } = await walkData(this.#root);
    const damagedOnes = [...refused];
    if (await this.#index.isDamaged()) damagedOnes.push({ name: LEGACY_INDEX, reason: 'the index is not readable' });
    const described = await pLimit(LIST_CONCURRENCY).map(names, async (name) => {
      try {
        return (await this.describe(name))?.info;
      } catch (error) {
        damagedOnes.push({ name, reason: reasonOf(error) });
        return undefined;
      }
    });
    return {
      artifacts: described.filter((info) => info !== undefined),
      damaged: damagedOnes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  async describe(name: string): Promise<Description | undefined> {
    const answer = await whileMoving(name, async () => {
      const stats = await statData(this.#root, name);
      if (stats === undefined) return { found: undefined };
      const found = await this.#descriptions.of(name, stats);
      return (await this.#isSteady(name, stats, found)) ? { found } : undefined;
    });
    return answer.found;
  }

  async #open(name: string): Promise<OpenArtifact> {
    return whileMoving(name, async () => {
      const data = await openData(this.#root, name);
      if (data === undefined) throw await this.#unknown(name);
      try {
        const found = await this.#descriptions.of(name, data.stats);
        if (found !== undefined && (await this.#isSteady(name, data.stats, found))) {
          return { file: data.file, ...found };
        }
      } catch (error) {
        await data.file.close();
        throw error;
      }
      await data.file.close();
      return undefined;
    });
  }

  /** A record belongs to its data, come what may; anything else holds only if the file is still the same. */
  async #isSteady(name: string, stats: BigIntStats, found: Description | undefined): Promise<boolean> {
    if (found?.source === 'record') return true;
    const now = await statData(this.#root, name);
    return found !== undefined && now !== undefined && identityOf(now) === identityOf(stats);
  }

  async #unknown(name: string): Promise<CodeModeError> {
    return unknownArtifact(name, (await walkData(this.#root)).names);
  }
}

/** Passes chunks on; fails at the end if they are not what was saved. */
async function* verified(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  sha256: string | undefined,
): AsyncGenerator<Uint8Array, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    if (sha256 !== undefined) hash.update(chunk);
    yield chunk;
  }
  if (sha256 !== undefined && hash.digest('hex') !== sha256) throw damaged(name, NOT_WHAT_WAS_SAVED);
}

/** Why one artifact can't be listed; anything but its own fault is thrown. */
function reasonOf(error: unknown): string {
  if (isErrno(error)) return `it can't be read (${error.code})`;
  if (!isCodeModeError(error)) throw error;
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.message;
}
