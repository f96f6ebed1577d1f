import { encodeValue } from './encode.ts';
import type { EncodedValue } from './message.ts';

/**
 * Encodes a value of the host's for the guest: URLs cross as their text, and errors without their stacks, which
 * name the host's files.
 *
 * @throws what `encodeValue` throws.
 */
export function encodeHostValue(
  value: unknown,
  options: { readonly maxBytes: number; readonly root: string },
): EncodedValue {
  return encodeValue(value, { ...options, encodeSpecial: urlText, omitStacks: true });
}

function urlText(value: object): string | undefined {
  return value instanceof URL || value instanceof URLSearchParams ? value.toString() : undefined;
}
