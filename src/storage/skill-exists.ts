import { CodeModeError } from '../errors/code-mode-error.ts';

export function skillExists(name: string, reason: string): CodeModeError {
  return new CodeModeError(
    'SKILL_EXISTS',
    `Cannot create skill "${name}": ${reason}; set overwrite or choose another name`,
  );
}
