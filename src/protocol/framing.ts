import { Buffer } from 'node:buffer';

/**
 * Frames between two processes: what one message takes, as bytes.
 *
 * `u32 size of what follows · u32 number of parts · (u8 kind, u32 size) for each part · the parts`, little endian. The
 * first part is the head: a short text that says what the others are. Texts and bytes stand apart from it, so that
 * they are copied, never escaped or base64-ed.
 */
export interface Frame {
  readonly head: string;
  readonly parts: readonly FramePart[];
}

export type FramePart = ArrayBuffer | string;

/** The bytes do not form a frame, or one that is larger than is allowed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export const SIZE_BYTES = 4;
const PART_HEADER_BYTES = 5;
const COUNT_BYTES = 4;
/** More parts than any value has: see the codec's own limit. */
const MAX_PARTS = 1_000_000;

const KIND = { bytes: 0, utf8: 1, utf16: 2 } as const;

/** @throws {FrameError} when it takes more than 4 GiB. */
export function encodeFrame({ head, parts }: Frame): Buffer<ArrayBuffer> {
  const all = [head, ...parts].map(measure);
  const size = all.reduce((sum, part) => sum + part.size, COUNT_BYTES + all.length * PART_HEADER_BYTES);
  if (size > 0xffff_ffff)
    throw new FrameError(`Cannot write a frame: it takes ${size} bytes; expected less than 4 GiB`);
  const bytes = Buffer.allocUnsafe(SIZE_BYTES + size);
  bytes.writeUInt32LE(size, 0);
  bytes.writeUInt32LE(all.length, SIZE_BYTES);
  let header = SIZE_BYTES + COUNT_BYTES;
  let body = header + all.length * PART_HEADER_BYTES;
  for (const part of all) {
    bytes.writeUInt8(part.kind, header);
    bytes.writeUInt32LE(part.size, header + 1);
    write(bytes, body, part);
    header += PART_HEADER_BYTES;
    body += part.size;
  }
  return bytes;
}

/** @param bytes a frame without its size. @throws {FrameError} */
export function decodeFrame(bytes: Buffer): Frame {
  const count = bytes.length < COUNT_BYTES ? 0 : bytes.readUInt32LE(0);
  let body = COUNT_BYTES + count * PART_HEADER_BYTES;
  if (count === 0 || count > MAX_PARTS || body > bytes.length) throw new FrameError('Cannot read a frame: no parts');
  const parts: FramePart[] = [];
  for (let header = COUNT_BYTES; parts.length < count; header += PART_HEADER_BYTES) {
    const end = body + bytes.readUInt32LE(header + 1);
    if (end > bytes.length) throw new FrameError('Cannot read a frame: a part ends beyond it');
    parts.push(read(bytes.subarray(body, end), bytes.readUInt8(header)));
    body = end;
  }
  const [head, ...rest] = parts;
  if (body !== bytes.length) throw new FrameError('Cannot read a frame: something follows its parts');
  if (typeof head !== 'string') throw new FrameError('Cannot read a frame: its head is no text');
  return { head, parts: rest };
}

/** Puts frames together from the chunks of a stream. Holds no more than what has come, and never more than one frame may take. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Size of the frame that is coming; `undefined` until its first bytes have come. */
  #size: number | undefined;

  /** Takes a chunk; answers the frames that are whole. @throws {FrameError} when a frame is larger than `maxBytes`. */
  push(chunk: Buffer, maxBytes: number): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(maxBytes); frame !== undefined; frame = this.#next(maxBytes)) frames.push(frame);
    return frames;
  }

  #next(maxBytes: number): Frame | undefined {
    if (this.#size === undefined) {
      if (this.#length < SIZE_BYTES) return undefined;
      this.#size = this.#take(SIZE_BYTES).readUInt32LE(0);
      if (this.#size > maxBytes)
        throw new FrameError(
          `Cannot read a frame: it says that it takes ${this.#size} bytes; expected at most ${maxBytes}`,
        );
    }
    if (this.#length < this.#size) return undefined;
    const frame = decodeFrame(this.#take(this.#size));
    this.#size = undefined;
    return frame;
  }

  #take(count: number): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = all.length === count ? [] : [all.subarray(count)];
    this.#length -= count;
    return all.subarray(0, count);
  }
}

interface MeasuredPart {
  readonly kind: (typeof KIND)[keyof typeof KIND];
  readonly size: number;
  readonly part: FramePart;
}

function measure(part: FramePart): MeasuredPart {
  if (typeof part !== 'string') return { kind: KIND.bytes, size: part.byteLength, part };
  // UTF-8 has no lone surrogates.
  if (part.isWellFormed()) return { kind: KIND.utf8, size: Buffer.byteLength(part), part };
  return { kind: KIND.utf16, size: part.length * 2, part };
}

function write(target: Buffer, at: number, { kind, part }: MeasuredPart): void {
  if (typeof part !== 'string') target.set(new Uint8Array(part), at);
  else target.write(part, at, kind === KIND.utf8 ? 'utf8' : 'utf16le');
}

function read(bytes: Buffer, kind: number): FramePart {
  if (kind === KIND.bytes) return new Uint8Array(bytes).buffer;
  if (kind === KIND.utf8) return bytes.toString('utf8');
  if (kind === KIND.utf16) return bytes.toString('utf16le');
  throw new FrameError('Cannot read a frame: a part is of no known kind');
}
