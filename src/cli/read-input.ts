import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { fileProblem } from './file-problem.ts';

/**
 * The content of a file, or of stdin for `-`.
 *
 * @param action what fails when it can't be read: `run`, `save the artifact`
 * @throws {CodeModeError} `INVALID_OPTION`
 */
export async function readInput(path: string, action: string, signal: AbortSignal): Promise<Uint8Array> {
  if (path === '-') return buffer(addAbortSignal(signal, process.stdin));
  try {
    return await readFile(path, { signal });
  } catch (cause) {
    const reason = fileProblem(cause, 'there is no such file');
    throw new CodeModeError('INVALID_OPTION', `Cannot ${action} ${path}: ${reason}`, { cause });
  }
}

/** The same as text. @throws {CodeModeError} `INVALID_OPTION` when it is not UTF-8. */
export async function readTextInput(path: string, action: string, signal: AbortSignal): Promise<string> {
  const bytes = await readInput(path, action, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const name = path === '-' ? 'standard input' : path;
    throw new CodeModeError('INVALID_OPTION', `Cannot ${action} ${name}: it is no text; expected UTF-8`, { cause });
  }
}
