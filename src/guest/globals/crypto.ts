import {
  IntrinsicUint8Array,
  typedArrayBuffer,
  typedArrayBytes,
  typedArrayName,
  typedArrayOffset,
} from '../../protocol/codec/intrinsics.ts';
import { copyInto, IntrinsicDOMException, sliceText } from './captured.ts';
import { nameClass, showMembers } from './define.ts';
import { requireArguments } from './errors.ts';
import { host } from './host.ts';

/** What the standard allows at once. */
const MAX_BYTES = 65_536;
const UUID_BYTES = 16;
const HEX = '0123456789abcdef';

/** The part of Web Crypto that a guest has: random numbers from the operating system. */
export class Crypto {
  getRandomValues(array: unknown): unknown {
    requireArguments(arguments.length, ['array']);
    if (!isIntegerArray(array))
      throw new IntrinsicDOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    const size = typedArrayBytes(array);
    if (size > MAX_BYTES)
      throw new IntrinsicDOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    copyInto(new IntrinsicUint8Array(typedArrayBuffer(array), typedArrayOffset(array), size), randomBytes(size));
    return array;
  }

  /** A version 4 UUID. */
  randomUUID(): string {
    const bytes = randomBytes(UUID_BYTES);
    let text = '';
    for (let i = 0; i < UUID_BYTES; i++) {
      let byte = bytes[i] ?? 0;
      if (i === 6) byte = (byte & 0x0f) | 0x40;
      if (i === 8) byte = (byte & 0x3f) | 0x80;
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
      text += `${HEX[byte >> 4]}${HEX[byte & 15]}`;
    }
    return text;
  }

  static {
    nameClass(Crypto, 'Crypto', 0);
    showMembers(Crypto.prototype);
  }
}

function randomBytes(count: number): Uint8Array {
  return new IntrinsicUint8Array(host().randomBytes(count));
}

function isIntegerArray(value: unknown): boolean {
  const name = typedArrayName(value);
  return name !== undefined && sliceText(name, 0, 5) !== 'Float';
}
