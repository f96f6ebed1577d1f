import type { ByteVector } from './vector-table.ts';

const SCALE_BYTES = 4;

/** A vector as it is kept in a cache: its scale, a little-endian float, then its bytes. */
export function encodeVector({ bytes, scale }: ByteVector): Uint8Array {
  const record = new Uint8Array(SCALE_BYTES + bytes.length);
  new DataView(record.buffer).setFloat32(0, scale, true);
  record.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), SCALE_BYTES);
  return record;
}

/** Undefined when the record, which may come from anywhere, is no vector of so many dimensions and of length 1. */
export function decodeVector(record: Uint8Array, dimensions: number): ByteVector | undefined {
  if (record.length !== SCALE_BYTES + dimensions) return undefined;
  const bytes = Int8Array.from(new Int8Array(record.buffer, record.byteOffset + SCALE_BYTES, dimensions));
  const scale = new DataView(record.buffer, record.byteOffset).getFloat32(0, true);
  const length = scale * Math.sqrt(bytes.reduce((sum, byte) => sum + byte * byte, 0));
  return length === 0 || Math.abs(length - 1) < 0.1 ? { bytes, scale } : undefined;
}
