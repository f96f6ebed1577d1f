/**
 * Frames carry JSON with parts beside it that are no JSON: bytes, and long texts, which so need no escaping.
 *
 * | bytes           | are                                                                       |
 * |-----------------|---------------------------------------------------------------------------|
 * | 4               | length of the head, big-endian                                            |
 * | that many       | the head: UTF-8 JSON `{"body": ..., "parts": [["b", 5], ...]}`            |
 * | as `parts` says | the parts, one after another: `b` bytes, `u` UTF-8 text, `w` UTF-16 text  |
 *
 * `w` (little-endian) is for texts with lone surrogates, which UTF-8 has no form for.
 */
import { CodeModeError } from '../../errors/code-mode-error.ts';
import type { EncodedValue } from '../codec/message.ts';

export interface Frame {
  readonly body: unknown;
  readonly parts: EncodedValue['parts'];
}

/** A frame whose parts are still to be read. */
export interface FrameHead {
  readonly body: unknown;
  readonly parts: readonly PartHead[];
}

interface PartHead {
  readonly kind: PartKind;
  readonly bytes: number;
}

type PartKind = 'b' | 'u' | 'w';

const LENGTH_BYTES = 4;
const MAX_PARTS = 65_536;

export function encodeFrame(body: unknown, parts: EncodedValue['parts'] = []): Buffer<ArrayBuffer> {
  const encoded = parts.map(encodePart);
  const heads = encoded.map(({ kind, bytes }) => [kind, bytes.byteLength] as const);
  return Buffer.concat([encodeHead(body, heads), ...encoded.map(({ bytes }) => bytes)]);
}

/** The start of a frame with one part of bytes, which follow it. */
export function encodeFrameHead(body: unknown, bytes: number): Buffer {
  return encodeHead(body, [['b', bytes]]);
}

function encodeHead(body: unknown, parts: readonly (readonly [PartKind, number])[]): Buffer {
  const head = Buffer.from(JSON.stringify(parts.length === 0 ? { body } : { body, parts }));
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32BE(head.byteLength);
  return Buffer.concat([length, head]);
}

function encodePart(part: ArrayBuffer | string): { readonly kind: PartKind; readonly bytes: Buffer } {
  if (typeof part !== 'string') return { kind: 'b', bytes: Buffer.from(part) };
  return part.isWellFormed()
    ? { kind: 'u', bytes: Buffer.from(part, 'utf8') }
    : { kind: 'w', bytes: Buffer.from(part, 'utf16le') };
}

/** Reads frames from bytes as they come. What comes may be hostile: nothing larger than `maxFrameBytes` is taken in. */
export class FrameReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #maxFrameBytes: number;
  readonly #chunks: Buffer[] = [];
  #buffered = 0;

  constructor(source: AsyncIterable<Uint8Array>, maxFrameBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** `undefined` at the end. @throws {CodeModeError} `INVALID_DATA` for what is no frame, or is cut off. */
  async next(): Promise<Frame | undefined> {
    const head = await this.nextHead();
    if (head === undefined) return undefined;
    const parts: (ArrayBuffer | string)[] = [];
    for (const { kind, bytes } of head.parts) parts.push(decodePart(kind, await this.#take(bytes)));
    return { body: head.body, parts };
  }

  /** The head alone; its parts are then to be read by `rest`. @throws as `next` */
  async nextHead(): Promise<FrameHead | undefined> {
    if (!(await this.#fill(LENGTH_BYTES)) && this.#buffered === 0) return undefined;
    const length = (await this.#take(LENGTH_BYTES)).readUInt32BE();
    if (length > this.#maxFrameBytes) throw invalidFrame(`its head takes ${length} bytes`);
    return parseHead((await this.#take(length)).toString('utf8'), this.#maxFrameBytes);
  }

  /** The next bytes, in pieces as they come. @throws {CodeModeError} `INVALID_DATA` when fewer come. */
  async *rest(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0;) {
      if (!(await this.#fill(1))) throw invalidFrame(`it ends ${left} bytes early`);
      const [chunk = Buffer.alloc(0)] = this.#chunks;
      const piece = await this.#take(Math.min(left, chunk.byteLength));
      left -= piece.byteLength;
      yield piece;
    }
  }

  /** Lets go of the source. */
  async cancel(): Promise<void> {
    await this.#source.return?.();
  }

  /** False when the source ends before there are so many bytes. */
  async #fill(bytes: number): Promise<boolean> {
    while (this.#buffered < bytes) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      const { buffer, byteOffset, byteLength } = next.value;
      this.#chunks.push(Buffer.from(buffer, byteOffset, byteLength));
      this.#buffered += byteLength;
    }
    return true;
  }

  async #take(bytes: number): Promise<Buffer> {
    if (!(await this.#fill(bytes))) throw invalidFrame('it is cut off');
    const taken: Buffer[] = [];
    for (let left = bytes; left > 0;) {
      const chunk = this.#chunks.shift() ?? Buffer.alloc(0);
      if (chunk.byteLength > left) this.#chunks.unshift(chunk.subarray(left));
      taken.push(chunk.subarray(0, left));
      left -= Math.min(left, chunk.byteLength);
    }
    this.#buffered -= bytes;
    return taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken);
  }
}

/** The one frame that a whole message is. @throws {CodeModeError} `INVALID_DATA` */
export async function decodeFrame(message: Uint8Array): Promise<Frame> {
  const reader = new FrameReader(only(message), message.byteLength);
  const frame = await reader.next();
  if (frame === undefined || (await reader.next()) !== undefined) throw invalidFrame('expected exactly one');
  return frame;
}

async function* only(message: Uint8Array): AsyncGenerator<Uint8Array> {
  yield message;
}

function parseHead(text: string, maxBytes: number): FrameHead {
  const head = parseJson(text);
  if (typeof head !== 'object' || head === null || !('body' in head)) throw invalidFrame('its head has no body');
  const listed: unknown = 'parts' in head ? head.parts : [];
  if (!Array.isArray(listed) || listed.length > MAX_PARTS) throw invalidFrame('its parts are no list, or too many');
  const parts = listed.map(parsePart);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, text.length);
  if (total > maxBytes) throw invalidFrame(`it takes ${total} bytes, more than ${maxBytes}`);
  return { body: head.body, parts };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidFrame('its head is no JSON', cause);
  }
}

function parsePart(part: unknown): PartHead {
  if (!Array.isArray(part) || part.length !== 2) throw invalidFrame('a part is no pair');
  const pair: readonly unknown[] = part;
  const [kind, bytes] = pair;
  if (kind !== 'b' && kind !== 'u' && kind !== 'w') throw invalidFrame('a part is of no known kind');
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0 || (kind === 'w' && bytes % 2 > 0))
    throw invalidFrame('the length of a part is none');
  return { kind, bytes };
}

function decodePart(kind: PartKind, bytes: Buffer): ArrayBuffer | string {
  if (kind === 'b') return new Uint8Array(bytes).buffer;
  return bytes.toString(kind === 'u' ? 'utf8' : 'utf16le');
}

function invalidFrame(problem: string, cause?: unknown): CodeModeError {
  return new CodeModeError('INVALID_DATA', `Cannot read the frame: ${problem}`, { cause });
}
