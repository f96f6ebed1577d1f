import { CodeModeError, ERROR_CODES } from './code-mode-error.ts';
import type { ErrorCode } from './code-mode-error.ts';

/** An error as plain data: what crosses the boundary between guest and host, and what a result carries. */
export interface ErrorData {
  /** `TypeError`, `CodeModeError`, ... */
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** Frames of the agent's own code: `run-3.ts:2:10`, `skills/report.ts:7:3`. */
  readonly stack: string;
  readonly cause?: ErrorData;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Where in the agent's code, when known. Lines and columns start at 1. */
  readonly location?: SourceLocation;
  /** The lines around the location, with a caret. */
  readonly frame?: string;
}

export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const MAX_CAUSES = 8;

/** Turns anything that was thrown on the host into plain data. Host stacks are left out: the guest must not see host paths. */
export function toErrorData(thrown: unknown, depth = 0): ErrorData {
  if (!(thrown instanceof Error)) {
    return { name: 'Error', code: 'INTERNAL', message: String(thrown), stack: '' };
  }
  const code: ErrorCode = thrown instanceof CodeModeError ? thrown.code : 'INTERNAL';
  const base = { name: thrown.name, code, message: thrown.message, stack: '' };
  const details =
    thrown instanceof CodeModeError && Object.keys(thrown.details).length > 0 ? { details: thrown.details } : {};
  const cause =
    thrown.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: toErrorData(thrown.cause, depth + 1) };
  return { ...base, ...details, ...cause };
}

/** Turns plain data back into an error to throw. */
export function fromErrorData(data: ErrorData): CodeModeError {
  const options = {
    ...(data.cause === undefined ? {} : { cause: fromErrorData(data.cause) }),
    ...(data.details === undefined ? {} : { details: data.details }),
  };
  return new CodeModeError(isErrorCode(data.code) ? data.code : 'INTERNAL', data.message, options);
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return ERROR_CODES.some((code) => code === value);
}
