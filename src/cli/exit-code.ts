import type { ErrorCode } from '../errors/code-mode-error.ts';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** As `timeout` of coreutils answers. */
const EXIT_TIMED_OUT = 124;

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  INVALID_OPTION: EXIT_USAGE,
  TIMEOUT: EXIT_TIMED_OUT,
  CPU_LIMIT: EXIT_TIMED_OUT,
  TOOL_TIMEOUT: EXIT_TIMED_OUT,
};

export function exitCodeOf(code: ErrorCode): number {
  return EXIT_CODES[code] ?? EXIT_FAILED;
}
