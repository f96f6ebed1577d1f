import { CodeModeError } from '../errors/code-mode-error.ts';

/** The command line is wrong: exit code 2. */
export function usageError(message: string): CodeModeError {
  return new CodeModeError('INVALID_OPTION', message);
}
