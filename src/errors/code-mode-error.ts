/**
 * Stable error codes. Programs may switch on them; messages may change.
 *
 * Grouped by what went wrong: the agent's code, a limit, a host call, stored data, use of the API.
 */
export const ERROR_CODES = [
  // The agent's code
  'SYNTAX_ERROR', // the cell or skill does not parse
  'UNSUPPORTED_SYNTAX', // TypeScript that needs code generation, or an import
  'GUEST_ERROR', // the code threw
  'STALLED', // the code awaits something that nothing will ever settle
  'NOT_TRANSFERABLE', // a value (function, symbol, ...) can't cross the boundary
  // Limits: each ends the run, never the session
  'CPU_LIMIT',
  'TIMEOUT',
  'MEMORY_LIMIT',
  'STACK_LIMIT',
  'OUTPUT_LIMIT',
  'RESULT_LIMIT',
  'SOURCE_LIMIT',
  'CALL_LIMIT',
  'CALL_SIZE_LIMIT',
  'QUOTA',
  'ABORTED', // by the caller's signal
  // Host calls
  'UNKNOWN_TOOL',
  'UNKNOWN_CALLABLE',
  'INVALID_ARGUMENTS',
  'TOOL_FAILED',
  'TOOL_TIMEOUT',
  'TOOL_OUTPUT_LIMIT',
  'TOOL_NOT_INSTALLED',
  'UNKNOWN_SKILL',
  'INVALID_SKILL',
  'SKILL_EXISTS',
  'SKILL_DEPTH',
  'UNKNOWN_ARTIFACT',
  'INVALID_NAME',
  'INVALID_DATA',
  // Stored data, the machine, use of the API
  'INVALID_TOOL_FILE',
  'DAMAGED',
  'STORAGE',
  'EMBEDDER_FAILED',
  'INVALID_OPTION',
  'SESSION_CLOSED',
  'SANDBOX_CRASHED',
  // A server of sessions
  'UNAUTHORIZED', // the token is not known, or may not do that
  'INVALID_REQUEST', // the server does not take such a request
  'UNKNOWN_SESSION', // the server has no such session (any more)
  'UNKNOWN_RUN',
  'SESSION_LIMIT', // the server has as many sessions as it may
  'UNAVAILABLE', // the server can't be reached, or is going down
  'UNSUPPORTED',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface CodeModeErrorOptions {
  /** What made this happen. */
  readonly cause?: unknown;
  /** The value that was wrong, or facts a program may want (exit code, path, nearest names). Plain data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of this package.
 *
 * Messages read `Cannot <action>: <what was got>; <what was expected or what to do>`.
 */
export class CodeModeError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: CodeModeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodeModeError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** True for a {@link CodeModeError}, with the given code if one is named. */
export function isCodeModeError(error: unknown, code?: ErrorCode): error is CodeModeError {
  return error instanceof CodeModeError && (code === undefined || error.code === code);
}
