import { crc32 } from 'node:zlib';
import { MAX_SEARCH_ENTRY_BYTES } from '../../contracts/search-cache.ts';

/**
 * A record of the search cache's files: a marker, the checksum (CRC-32) of what follows, the length of the key (1 byte),
 * the length of the data (4 bytes), key, data. Numbers are little-endian.
 *
 * A writer that is killed leaves a torn record in the middle of the file: the reader goes on at the next marker.
 */
const MARKER = Buffer.from('\u0001rec', 'latin1');
const HEADER_BYTES = MARKER.byteLength + 4 + 1 + 4;

export function encodeRecord(key: string, data: Uint8Array): Buffer {
  const name = Buffer.from(key, 'latin1');
  const record = Buffer.alloc(HEADER_BYTES + name.byteLength + data.byteLength);
  MARKER.copy(record);
  record.writeUInt8(name.byteLength, 8);
  record.writeUInt32LE(data.byteLength, 9);
  name.copy(record, HEADER_BYTES);
  record.set(data, HEADER_BYTES + name.byteLength);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  return record;
}

/**
 * The whole records of a file; of several with one key the last counts. What is damaged is passed over.
 *
 * @param wanted only these keys; the others are not even checked
 */
export function recordsIn(file: Buffer, wanted?: ReadonlySet<string>): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  // A file made to hurt may have a marker every few bytes, each with a long record to check.
  let checkable = 2 * file.byteLength;
  for (let at = file.indexOf(MARKER); at !== -1 && checkable > 0;) {
    const record = recordAt(file, at);
    const isWanted = record !== undefined && (wanted === undefined || wanted.has(record.key));
    if (isWanted) checkable -= record.end - at;
    if (record === undefined || (isWanted && crc32(file.subarray(at + 8, record.end)) !== record.checksum)) {
      at = file.indexOf(MARKER, at + 1);
      continue;
    }
    if (isWanted) found.set(record.key, file.subarray(record.end - record.dataBytes, record.end));
    at = file.indexOf(MARKER, record.end);
  }
  return found;
}

function recordAt(file: Buffer, at: number) {
  if (at + HEADER_BYTES > file.byteLength) return undefined;
  const keyBytes = file.readUInt8(at + 8);
  const dataBytes = file.readUInt32LE(at + 9);
  const keyAt = at + HEADER_BYTES;
  const end = keyAt + keyBytes + dataBytes;
  if (dataBytes > MAX_SEARCH_ENTRY_BYTES || end > file.byteLength) return undefined;
  return { key: file.toString('latin1', keyAt, keyAt + keyBytes), checksum: file.readUInt32LE(at + 4), dataBytes, end };
}
