import { createHash } from 'node:crypto';
import type { ArtifactContent, ArtifactInfo, ArtifactListing, ArtifactType } from '../../contracts/artifact-store.ts';
import { CodeModeError, isCodeModeError } from '../../errors/code-mode-error.ts';
import { damaged, unknownArtifact } from '../artifact-rules.ts';
import { holds, inferType, MAX_INFERRED_BYTES } from '../infer-type.ts';
import { artifactNameProblem } from '../names.ts';
import { decodeEntry } from './artifact-entry.ts';
import type { ArtifactEntry } from './artifact-entry.ts';
import type { ArtifactKeys } from './artifact-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { asArray, asBytes, asNumber, asOptionalBytes } from './replies.ts';
import { NEAR_NAMES, READ_ARTIFACT, SIZES } from './scripts.ts';

/** Small enough that a reply does not hold up the others, large enough for few of them. */
export const PIECE_BYTES = 1024 * 1024;
const SCAN_COUNT = '500';
const MAX_ATTEMPTS = 20;
/** Before the name, after it, and at random. */
const NEAR_NAMES_EACH = '300';
const DATA_GONE = 'its data is gone';
const NOT_READABLE = 'its entry in the index is not readable';

/** An artifact as it was at one moment: later pieces are read only if it is still the same. */
interface Snapshot {
  readonly name: string;
  readonly entry: ArtifactEntry;
  /** What the entry hashes to. */
  readonly identity: string;
  readonly sizeBytes: number;
  readonly firstPiece: Buffer;
}

export class ArtifactReader {
  readonly #link: RedisLink;
  readonly #keys: ArtifactKeys;

  constructor(link: RedisLink, keys: ArtifactKeys) {
    this.#link = link;
    this.#keys = keys;
  }

  async load(name: string): Promise<{ readonly content: ArtifactContent; readonly info: ArtifactInfo }> {
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
      const snapshot = await this.#snapshot(name);
      const data = await this.#rest(snapshot);
      if (data === undefined) continue;
      const info = await this.#infoOf(snapshot, data);
      if (!snapshot.entry.isOurs && !holds(info.type, data)) throw damaged(name, `it does not hold ${info.type}`);
      return { content: { type: info.type, data }, info };
    }
    throw replaced(name);
  }

  async stream(name: string): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly info: ArtifactInfo }> {
    const snapshot = await this.#snapshot(name);
    const info = await this.#infoOf(snapshot);
    const pieces = this.#pieces(snapshot);
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const next = await pieces.next();
      if (next.done !== true) return controller.enqueue(next.value);
      if (next.value === 'replaced') throw replaced(name);
      controller.close();
    };
    return { info, stream: new ReadableStream({ pull }, { highWaterMark: 0 }) };
  }

  async info(name: string): Promise<ArtifactInfo | undefined> {
    const snapshot = await this.#read(name, 0);
    return snapshot === undefined ? undefined : this.#infoOf(snapshot);
  }

  async list(): Promise<ArtifactListing> {
    const artifacts = new Map<string, ArtifactInfo>();
    const problems = new Map<string, string>();
    for await (const pairs of this.#indexPages()) {
      const sizes = await this.#sizes(pairs.map(([name]) => name));
      for (const [at, [name, value]] of pairs.entries()) {
        try {
          const found = await this.#listed(name, value, sizes[at] ?? -1);
          if (found !== undefined) artifacts.set(name, found);
        } catch (error) {
          problems.set(name, reasonOf(error));
        }
      }
    }
    return {
      artifacts: [...artifacts.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      damaged: [...problems].map(([name, reason]) => ({ name, reason })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  /** `undefined` when it was deleted meanwhile. */
  async #listed(name: string, value: Buffer, sizeBytes: number): Promise<ArtifactInfo | undefined> {
    const problem = artifactNameProblem(name);
    if (problem !== undefined) throw damaged(name, `its name is not valid: ${problem}`);
    const entry = decodeEntry(value);
    if (entry === undefined) throw damaged(name, NOT_READABLE);
    // Looked at again, with its data in the same step: both may have changed between the two questions.
    if (sizeBytes < 0 || entry.type === undefined) return this.info(name);
    return infoFrom(name, entry, { type: entry.type, sizeBytes });
  }

  async *#indexPages(): AsyncGenerator<[name: string, entry: Buffer][]> {
    const { index } = this.#keys;
    let cursor = '0';
    do {
      const args = ['HSCAN', index, cursor, 'COUNT', SCAN_COUNT];
      const [next, found] = asArray(await this.#link.command('list artifacts/', index, args));
      cursor = asBytes(next).toString();
      const parts = asArray(found).map(asBytes);
      const pairs: [string, Buffer][] = [];
      for (let at = 0; at + 1 < parts.length; at += 2) {
        const [name, entry] = [parts[at], parts[at + 1]];
        if (name !== undefined && entry !== undefined) pairs.push([name.toString('utf8'), entry]);
      }
      yield pairs;
    } while (cursor !== '0');
  }

  async #sizes(names: readonly string[]): Promise<readonly number[]> {
    if (names.length === 0) return [];
    const keys = names.map((name) => this.#keys.data(name));
    return asArray(await this.#link.script('list artifacts/', SIZES, keys)).map(asNumber);
  }

  /** @throws {CodeModeError} `UNKNOWN_ARTIFACT`, `DAMAGED` */
  async #snapshot(name: string): Promise<Snapshot> {
    const snapshot = await this.#read(name, PIECE_BYTES);
    if (snapshot !== undefined) return snapshot;
    const { index, names } = this.#keys;
    const near = await this.#link.script('list artifacts/', NEAR_NAMES, [index, names], [name, NEAR_NAMES_EACH]);
    throw unknownArtifact(
      name,
      asArray(near).map((other) => asBytes(other).toString('utf8')),
    );
  }

  /** The entry and the beginning of the data. @throws {CodeModeError} `DAMAGED` */
  async #read(name: string, pieceBytes: number): Promise<Snapshot | undefined> {
    const [reply, size, piece] = await this.#ask(name, 0, pieceBytes);
    const value = asOptionalBytes(reply);
    if (value === undefined) return undefined;
    const entry = decodeEntry(value);
    if (entry === undefined) throw damaged(name, NOT_READABLE);
    const sizeBytes = asNumber(size);
    if (sizeBytes < 0) throw damaged(name, DATA_GONE);
    const identity = createHash('sha1').update(value).digest('hex');
    return { name, entry, identity, sizeBytes, firstPiece: asBytes(piece) };
  }

  async #ask(name: string, start: number, bytes: number, identity = ''): Promise<readonly unknown[]> {
    const keys = [this.#keys.data(name), this.#keys.index];
    const args = [name, String(start), String(start + bytes - 1), identity];
    return asArray(await this.#link.script(`load artifacts/${name}`, READ_ARTIFACT, keys, args));
  }

  async *#pieces({ name, identity, sizeBytes, firstPiece }: Snapshot): AsyncGenerator<Buffer, 'replaced' | undefined> {
    if (firstPiece.byteLength > 0) yield firstPiece;
    for (let offset = firstPiece.byteLength; offset < sizeBytes;) {
      const [entry, size, reply] = await this.#ask(name, offset, PIECE_BYTES, identity);
      const piece = asBytes(reply);
      if (entry === null || size !== sizeBytes || piece.byteLength === 0) return 'replaced';
      offset += piece.byteLength;
      yield piece;
    }
    return undefined;
  }

  /** All of the data; `undefined` when it was replaced meanwhile. */
  async #rest(snapshot: Snapshot): Promise<Uint8Array | undefined> {
    const data = new Uint8Array(snapshot.sizeBytes);
    const pieces = this.#pieces(snapshot);
    for (let offset = 0; ;) {
      const next = await pieces.next();
      if (next.done === true) return next.value === 'replaced' ? undefined : data;
      data.set(next.value, offset);
      offset += next.value.byteLength;
    }
  }

  async #infoOf(snapshot: Snapshot, data?: Uint8Array): Promise<ArtifactInfo> {
    const { name, entry, sizeBytes } = snapshot;
    const type = entry.type ?? (await this.#inferType(snapshot, data));
    return infoFrom(name, entry, { type, sizeBytes });
  }

  async #inferType(snapshot: Snapshot, data?: Uint8Array): Promise<ArtifactType> {
    if (snapshot.sizeBytes > MAX_INFERRED_BYTES) return 'bytes';
    return inferType(snapshot.name, data ?? (await this.#rest(snapshot)) ?? new Uint8Array());
  }
}

function infoFrom(
  name: string,
  { description, metadata, createdAt }: ArtifactEntry,
  { type, sizeBytes }: Pick<ArtifactInfo, 'type' | 'sizeBytes'>,
): ArtifactInfo {
  return { name, type, sizeBytes, description, metadata, createdAt };
}

function replaced(name: string): CodeModeError {
  const problem = 'it was replaced while it was read; try again';
  return new CodeModeError('STORAGE', `Cannot load artifacts/${name}: ${problem}`);
}

/** Why one artifact can't be listed; anything but its own fault is thrown. */
function reasonOf(error: unknown): string {
  if (!isCodeModeError(error, 'DAMAGED')) throw error;
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.message;
}
