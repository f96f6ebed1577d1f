import { statSync } from 'node:fs';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import type { StartFolder } from './cli-definition.ts';

/** Why the operating system did not start a command, and what to do about it. */
export function startFailure(
  error: unknown,
  argv: readonly [string, ...string[]],
  cwd: StartFolder | undefined,
): CodeModeError {
  const [command] = argv;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const fail = (errorCode: 'TOOL_NOT_INSTALLED' | 'INVALID_ARGUMENTS' | 'TOOL_FAILED', reason: string): CodeModeError =>
    new CodeModeError(errorCode, `Cannot run ${command}: ${reason}`, {
      cause: error,
      details: { command, systemCode: code },
    });
  // For a missing folder the system answers as for a missing command.
  if (cwd !== undefined && !isFolder(cwd.path)) {
    const folder = JSON.stringify(cwd.name);
    return fail('TOOL_FAILED', `there is no folder ${folder} to start it in; make it, or change cwd in the tool file`);
  }
  switch (code) {
    case 'ENOENT':
      return fail(
        'TOOL_NOT_INSTALLED',
        `there is no such command on the host's PATH; install it, or change command in the tool file`,
      );
    case 'EACCES':
      return fail(
        'TOOL_NOT_INSTALLED',
        `it is there, but may not be executed; make it executable, or change command in the tool file`,
      );
    case 'E2BIG': {
      const bytes = argv.reduce((sum, argument) => sum + Buffer.byteLength(argument), 0);
      return fail(
        'INVALID_ARGUMENTS',
        `its arguments have ${bytes} bytes, more than the system passes; pass less, or feed the data by stdin`,
      );
    }
    default:
      return fail('TOOL_FAILED', `the system could not start it (${code}); try again, or look at the host's limits`);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
