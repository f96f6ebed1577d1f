import { isCodeModeError } from '../../../src/errors/code-mode-error.ts';
import type { CodeModeError } from '../../../src/errors/code-mode-error.ts';

/** Why a source does not compile. Throws when it does. */
export function compileFailure(compile: () => unknown): CodeModeError {
  try {
    compile();
  } catch (error) {
    if (isCodeModeError(error)) return error;
    throw error;
  }
  throw new Error('The source compiled');
}
