import { CodeModeError } from '../../errors/code-mode-error.ts';

/** What Redis answers is checked where it comes in: a proxy or another version may answer anything. */

/** @throws {CodeModeError} `STORAGE` */
export function asArray(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw unexpected(reply);
}

/** @throws {CodeModeError} `STORAGE` */
export function asBytes(reply: unknown): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  if (typeof reply === 'string') return Buffer.from(reply);
  throw unexpected(reply);
}

/** `undefined` for nothing. @throws {CodeModeError} `STORAGE` */
export function asOptionalBytes(reply: unknown): Buffer | undefined {
  return reply === null || reply === undefined ? undefined : asBytes(reply);
}

/** @throws {CodeModeError} `STORAGE` */
export function asNumber(reply: unknown): number {
  if (typeof reply === 'number') return reply;
  throw unexpected(reply);
}

function unexpected(reply: unknown): CodeModeError {
  return new CodeModeError(
    'STORAGE',
    `Cannot read what Redis answered: it is ${reply === null ? 'null' : typeof reply}; check that the server is a Redis`,
  );
}
