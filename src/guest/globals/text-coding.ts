import {
  bufferLength,
  copyBytes,
  dataViewBuffer,
  dataViewBytes,
  dataViewOffset,
  IntrinsicUint8Array,
  isBuffer,
  isView,
  quote,
  typedArrayBuffer,
  typedArrayBytes,
  typedArrayName,
  typedArrayOffset,
} from '../../protocol/codec/intrinsics.ts';
import { charCodeAt, copyInto, sliceText, toWellFormed } from './captured.ts';
import { nameClass, showMembers } from './define.ts';
import { encodeArray, flag } from './encode.ts';
import { rangeError, typeError } from './errors.ts';
import { ask, host } from './host.ts';
import { incompleteTail } from './utf8-tail.ts';

const UTF8 = 'utf-8';

export class TextEncoder {
  get encoding(): string {
    return UTF8;
  }

  encode(input: unknown = ''): Uint8Array {
    return new IntrinsicUint8Array(host().encodeUtf8(toWellFormed(`${input}`)));
  }

  /** Writes as many whole characters as fit. */
  encodeInto(source: unknown, target: unknown): { read: number; written: number } {
    if (!isBytes(target))
      throw typeError('The "dest" argument must be an instance of Uint8Array', 'ERR_INVALID_ARG_TYPE');
    const room = typedArrayBytes(target);
    const text = toWellFormed(`${source}`);
    const read = fittingLength(text, room);
    const bytes = new IntrinsicUint8Array(host().encodeUtf8(sliceText(text, 0, read)));
    copyInto(target, bytes);
    return { read, written: typedArrayBytes(bytes) };
  }

  static {
    nameClass(TextEncoder, 'TextEncoder', 0);
    showMembers(TextEncoder.prototype);
  }
}

/** Decodes what Node decodes. A stream (`{ stream: true }`) must be UTF-8. */
export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBom: boolean;
  /** Bytes of a character that the next part of the stream goes on with. */
  #pending = new IntrinsicUint8Array(0);
  #inStream = false;

  constructor(label: unknown = UTF8, options?: unknown) {
    const text = `${label}`;
    this.#encoding = text === UTF8 ? UTF8 : ask('text.encoding', encodeArray([quote(text)]));
    this.#fatal = flag(options, 'fatal');
    this.#ignoreBom = flag(options, 'ignoreBOM');
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBom;
  }

  decode(input?: unknown, options?: unknown): string {
    const stream = flag(options, 'stream');
    if (stream && this.#encoding !== UTF8) {
      throw rangeError(
        `Cannot decode a stream of ${this.#encoding}; only ${UTF8} is supported: decode all bytes at once`,
      );
    }
    let bytes = this.#withPending(input === undefined ? new IntrinsicUint8Array(0) : bytesOf(input));
    if (stream) {
      const whole = typedArrayBytes(bytes) - incompleteTail(bytes);
      this.#pending = part(bytes, whole, typedArrayBytes(bytes));
      bytes = part(bytes, 0, whole);
    }
    const keepBom = this.#ignoreBom || this.#inStream;
    this.#inStream = stream && (this.#inStream || typedArrayBytes(bytes) > 0);
    return this.#decodeWhole(bytes, keepBom);
  }

  #withPending(bytes: Uint8Array): Uint8Array {
    const before = this.#pending;
    const size = typedArrayBytes(before);
    if (size === 0) return bytes;
    this.#pending = new IntrinsicUint8Array(0);
    const joined = new IntrinsicUint8Array(size + typedArrayBytes(bytes));
    copyInto(joined, before);
    copyInto(joined, bytes, size);
    return joined;
  }

  #decodeWhole(bytes: Uint8Array, keepBom: boolean): string {
    try {
      const text: unknown = host().decodeText(bufferOf(bytes), this.#encoding, this.#fatal, keepBom);
      // A host may answer something else rather than throw: an error of its own must not get inside.
      if (typeof text === 'string') return text;
    } catch (error) {
      if (!this.#fatal) throw error;
    }
    throw typeError(
      `The encoded data was not valid for encoding ${this.#encoding}`,
      'ERR_ENCODING_INVALID_ENCODED_DATA',
    );
  }

  static {
    nameClass(TextDecoder, 'TextDecoder', 0);
    showMembers(TextDecoder.prototype, { decode: 0 });
  }
}

/** How much of the text fits into so many bytes of UTF-8. */
function fittingLength(text: string, room: number): number {
  if (text.length * 3 <= room) return text.length;
  let written = 0;
  let read = 0;
  while (read < text.length) {
    const code = charCodeAt(text, read);
    written += utf8Length(code);
    if (written > room) break;
    read += isLeadSurrogate(code) ? 2 : 1;
  }
  return read;
}

/** Of the character that starts with this code unit, in a text without lone surrogates. */
function utf8Length(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return isLeadSurrogate(code) ? 4 : 3;
}

function isLeadSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isBytes(value: unknown): value is Uint8Array {
  return typedArrayName(value) === 'Uint8Array';
}

/** The bytes behind a buffer or a view. */
function bytesOf(input: unknown): Uint8Array {
  if (typedArrayName(input) !== undefined)
    return new IntrinsicUint8Array(typedArrayBuffer(input), typedArrayOffset(input), typedArrayBytes(input));
  if (isView(input)) return new IntrinsicUint8Array(dataViewBuffer(input), dataViewOffset(input), dataViewBytes(input));
  if (!isBuffer(input))
    throw typeError(
      'The "list" argument must be an instance of ArrayBuffer or ArrayBufferView',
      'ERR_INVALID_ARG_TYPE',
    );
  return new IntrinsicUint8Array(input);
}

/** A copy of some of the bytes. */
function part(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const offset = typedArrayOffset(bytes);
  return new IntrinsicUint8Array(copyBytes(typedArrayBuffer(bytes), offset + start, offset + end));
}

/** The buffer that holds these bytes and no others. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const buffer = typedArrayBuffer(bytes);
  const size = typedArrayBytes(bytes);
  return bufferLength(buffer) === size ? buffer : typedArrayBuffer(part(bytes, 0, size));
}
