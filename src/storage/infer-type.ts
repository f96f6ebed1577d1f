import { isUtf8 } from 'node:buffer';
import type { ArtifactType } from '../contracts/artifact-store.ts';

/** Larger files that nobody described are bytes: telling would mean reading them whole into memory. */
export const MAX_INFERRED_BYTES = 16 * 1024 * 1024;

/** What a plain file holds: JSON if it is called so and parses, text if it is UTF-8, else bytes. */
export function inferType(name: string, data: Uint8Array): ArtifactType {
  if (data.byteLength > MAX_INFERRED_BYTES || !isUtf8(data)) return 'bytes';
  return /\.json$/iu.test(name) && isJson(data) ? 'json' : 'text';
}

/** Whether data is what it is said to be. */
export function holds(type: ArtifactType, data: Uint8Array): boolean {
  return type === 'bytes' || (isUtf8(data) && (type === 'text' || isJson(data)));
}

function isJson(data: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
