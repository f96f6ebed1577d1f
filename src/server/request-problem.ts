import { CodeModeError } from '../errors/code-mode-error.ts';
import type { ErrorCode } from '../errors/code-mode-error.ts';
import { toErrorData } from '../errors/error-data.ts';

/** A request that is refused with a status of its own. */
export class RequestProblem extends CodeModeError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}

export function invalidRequest(status: number, message: string): RequestProblem {
  return new RequestProblem(status, 'INVALID_REQUEST', message);
}

/** The status of an error that has none of its own; missing: 422, the request is well-formed and can't be done. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  UNKNOWN_TOOL: 404,
  UNKNOWN_CALLABLE: 404,
  UNKNOWN_SKILL: 404,
  UNKNOWN_ARTIFACT: 404,
  UNKNOWN_SESSION: 404,
  UNKNOWN_RUN: 404,
  SKILL_EXISTS: 409,
  SESSION_CLOSED: 409,
  QUOTA: 413,
  INVALID_REQUEST: 400,
  SESSION_LIMIT: 429,
  TOOL_FAILED: 502,
  TOOL_TIMEOUT: 504,
  TOOL_OUTPUT_LIMIT: 502,
  TOOL_NOT_INSTALLED: 502,
  DAMAGED: 500,
  STORAGE: 503,
  UNAVAILABLE: 503,
  SANDBOX_CRASHED: 500,
  UNSUPPORTED: 501,
  INTERNAL: 500,
};

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly details?: unknown };
}

/** What a client is told of an error. Of a fault of the server itself: that there was one. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof CodeModeError) || error.code === 'INTERNAL') {
    const message = 'Cannot answer: the server has a fault; its log says more';
    return { status: 500, headers: {}, error: { code: 'INTERNAL', message } };
  }
  const { code, message, details } = toErrorData(error);
  const problem = error instanceof RequestProblem ? error : { status: STATUS[code] ?? 422, headers: {} };
  const shown = { code, message, ...(details === undefined ? {} : { details }) };
  return { status: problem.status, headers: problem.headers, error: shown };
}
