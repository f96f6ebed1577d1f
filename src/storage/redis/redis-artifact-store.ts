import { randomUUID } from 'node:crypto';
import type {
  ArtifactContent,
  ArtifactInfo,
  ArtifactListing,
  ArtifactOptions,
  ArtifactStore,
} from '../../contracts/artifact-store.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { describeArtifact, nameTaken, quotaExceeded } from '../artifact-rules.ts';
import { checkArtifactName } from '../names.ts';
import { encodeEntry } from './artifact-entry.ts';
import { ArtifactKeys } from './artifact-keys.ts';
import { ArtifactReader, PIECE_BYTES } from './artifact-reader.ts';
import type { RedisLink } from './redis-link.ts';
import { asArray, asBytes } from './replies.ts';
import { DELETE_ARTIFACT, SAVE_ARTIFACT, UPLOAD } from './scripts.ts';

/** What Redis keeps under one key. */
const MAX_ARTIFACT_BYTES = 512 * 1024 * 1024;
/** A server that lost what was uploaded is given another chance. */
const MAX_UPLOADS = 3;

/** Artifacts as plain keys, with a hash of what is known of them: the layout of py-code-mode. */
export class RedisArtifactStore implements ArtifactStore {
  readonly #link: RedisLink;
  readonly #keys: ArtifactKeys;
  readonly #quotaBytes: number | undefined;
  readonly #reader: ArtifactReader;

  /** @param prefix `myapp:artifacts` */
  constructor(link: RedisLink, prefix: string, quotaBytes?: number) {
    this.#link = link;
    this.#keys = new ArtifactKeys(prefix);
    this.#quotaBytes = quotaBytes;
    this.#reader = new ArtifactReader(link, this.#keys);
  }

  async save(name: string, content: ArtifactContent, options: ArtifactOptions = {}): Promise<ArtifactInfo> {
    const info = describeArtifact(name, content, options);
    const { data } = content;
    if (data.byteLength > MAX_ARTIFACT_BYTES) {
      const problem = `it has ${data.byteLength} bytes; Redis keeps at most ${MAX_ARTIFACT_BYTES}`;
      throw new CodeModeError('INVALID_DATA', `Cannot save artifacts/${name}: ${problem}`);
    }
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (let uploads = 0; uploads < MAX_UPLOADS; uploads += 1) {
      if (await this.#save(info, bytes)) return info;
    }
    const problem = 'Redis lost what was uploaded; check that it does not evict keys, and try again';
    throw new CodeModeError('STORAGE', `Cannot save artifacts/${name}: ${problem}`);
  }

  async load(name: string): Promise<{ readonly content: ArtifactContent; readonly info: ArtifactInfo }> {
    checkArtifactName(name);
    return this.#reader.load(name);
  }

  /** The stream fails when the artifact is replaced or deleted while it is read. */
  async stream(name: string): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly info: ArtifactInfo }> {
    checkArtifactName(name);
    return this.#reader.stream(name);
  }

  async info(name: string): Promise<ArtifactInfo | undefined> {
    checkArtifactName(name);
    return this.#reader.info(name);
  }

  async list(): Promise<ArtifactListing> {
    return this.#reader.list();
  }

  async delete(name: string): Promise<boolean> {
    checkArtifactName(name);
    const { index, names } = this.#keys;
    const keys = [this.#keys.done(randomUUID()), this.#keys.data(name), index, names];
    const answer = await this.#link.script(`delete artifacts/${name}`, DELETE_ARTIFACT, keys, [name]);
    return asBytes(answer).toString() === 'done';
  }

  /** False when what was uploaded is gone. */
  async #save(info: ArtifactInfo, bytes: Buffer): Promise<boolean> {
    const id = randomUUID();
    if (bytes.byteLength <= PIECE_BYTES) return this.#put(info, bytes.byteLength, id, bytes);
    const temp = this.#keys.temp(id);
    let isSaved = false;
    try {
      isSaved = (await this.#upload(info.name, temp, bytes)) && (await this.#put(info, bytes.byteLength, id, ''));
      return isSaved;
    } finally {
      if (!isSaved) await this.#link.tryCommand(temp, ['UNLINK', temp]);
    }
  }

  /** @param inline the data; `''`: it is uploaded */
  async #put(info: ArtifactInfo, sizeBytes: number, id: string, inline: Buffer | ''): Promise<boolean> {
    const { name } = info;
    const { index, names, dataPrefix, escapedIndex } = this.#keys;
    const entry = encodeEntry(info, id);
    const folders = checkArtifactName(name)
      .slice(0, -1)
      .map((_, depth, steps) => steps.slice(0, depth + 1).join('/'));
    const quota = this.#quotaBytes === undefined ? '' : String(this.#quotaBytes);
    const keys = [this.#keys.done(id), this.#keys.data(name), index, names, this.#keys.temp(id)];
    const args = [name, entry, String(sizeBytes), inline, quota, dataPrefix, escapedIndex, ...folders];
    const answer = await this.#link.script(`save artifacts/${name}`, SAVE_ARTIFACT, keys, args);
    if (!Array.isArray(answer)) return asBytes(answer).toString() === 'done';
    const [problem, detail] = asArray(answer).map((part) => asBytes(part).toString());
    if (problem === 'taken') throw nameTaken(name, takenBy(detail ?? ''));
    throw quotaExceeded(name, {
      sizeBytes: sizeBytes + Buffer.byteLength(entry),
      othersBytes: Number(detail),
      quotaBytes: this.#quotaBytes ?? 0,
    });
  }

  async #upload(name: string, temp: string, bytes: Buffer): Promise<boolean> {
    for (let offset = 0; offset < bytes.byteLength; offset += PIECE_BYTES) {
      const args = [String(offset), bytes.subarray(offset, offset + PIECE_BYTES)];
      const answer = await this.#link.script(`save artifacts/${name}`, UPLOAD, [temp], args);
      if (asBytes(answer).toString() === 'lost') return false;
    }
    return true;
  }
}

/** @param place a folder with a slash at its end, or an artifact */
function takenBy(place: string): string {
  return place.endsWith('/') ? 'it is a folder with artifacts in it' : `"${place}" is an artifact, not a folder`;
}
