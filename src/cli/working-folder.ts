import { usageError } from './usage-error.ts';

/**
 * Commands that may run code ask for it even when they do not need it: Node starts no thread without one.
 *
 * @throws {CodeModeError} `INVALID_OPTION` when it was deleted since the shell went there
 */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw usageError('Cannot find the working directory: it was deleted; change to another one');
  }
}
