import { CodeModeError, isCodeModeError } from '../errors/code-mode-error.ts';

/**
 * The error of a command whose standard error was printed while it ran, without that in its message: it stands right
 * above. Any other error as it is.
 */
export function withoutToldStderr(error: unknown): unknown {
  if (!isCodeModeError(error, 'TOOL_FAILED')) return error;
  const { stderr, argv, exitCode, signal } = error.details;
  if (typeof stderr !== 'string' || stderr.trim() === '' || !Array.isArray(argv)) return error;
  const ended = typeof exitCode === 'number' ? `exit code ${exitCode}` : `ended by ${String(signal)}`;
  const message = `Cannot run ${String(argv[0])}: ${ended}; what it wrote to stderr is above`;
  return new CodeModeError(error.code, message, { details: error.details });
}
