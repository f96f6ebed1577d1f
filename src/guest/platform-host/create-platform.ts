import { randomFillSync } from 'node:crypto';

import type { GuestPlatform } from '../platform.ts';
import { createOperations } from './operations.ts';

/** The most random bytes of one call, as in the Web Crypto API. */
const MAX_RANDOM_BYTES = 65_536;

/**
 * What a worker's thread does for the guests it hosts. It keeps nothing of theirs but a cache of Intl objects.
 *
 * `call` never throws. `decodeText` throws an error without a stack, so that no path of the host's gets inside.
 */
export function createPlatform(): GuestPlatform {
  const operations = createOperations();
  const encoder = new TextEncoder();
  return {
    call: (operation, argumentsJson) => {
      try {
        const handler = operations.get(operation);
        if (handler === undefined) throw new TypeError('Unknown operation');
        const args: unknown = JSON.parse(argumentsJson);
        if (!Array.isArray(args)) throw new TypeError('Arguments must be an array');
        return JSON.stringify({ ok: handler(args) ?? null });
      } catch (error) {
        return JSON.stringify({ error: describe(error) });
      }
    },
    encodeUtf8: (text) => {
      const bytes = encoder.encode(text);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    },
    decodeText: (bytes, label, fatal, ignoreBom) => {
      try {
        return new TextDecoder(label, { fatal, ignoreBOM: ignoreBom }).decode(bytes);
      } catch (error) {
        throw withoutStack(new TypeError(describe(error).message));
      }
    },
    randomBytes: (count) => {
      const size = Number.isInteger(count) && count > 0 ? Math.min(count, MAX_RANDOM_BYTES) : 0;
      return randomFillSync(new Uint8Array(size)).buffer;
    },
    now: () => performance.now(),
  };
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: 'The host could not answer' };
}

function withoutStack(error: Error): Error {
  error.stack = '';
  return error;
}
