import { isErrorCode } from '../errors/error-data.ts';
import type { ErrorData, SourceLocation } from '../errors/error-data.ts';
import type { ColumnMap } from './compile/column-map.ts';
import { mapStack } from './compile/map-stack.ts';
import { codeFrame } from './compile/syntax-error.ts';

/** A source of the session, kept for the stack traces and code frames of later errors. */
export interface SourceRecord {
  readonly source: string;
  readonly map: ColumnMap;
}

const MAX_MESSAGE_CHARACTERS = 65_536;

/**
 * What the guest's runtime says of a thrown value (`emitFailure`), as data: with stacks that name the agent's own
 * lines, the first of them as the location, and the lines around it. The text is the guest's, and not trusted.
 */
export function describeFailure(json: string, sourceOf: (file: string) => SourceRecord | undefined): ErrorData {
  const parsed: unknown = parse(json);
  const data = toData(parsed, sourceOf);
  const location = firstLocation(data.stack);
  const source = location === undefined ? undefined : sourceOf(location.file)?.source;
  return {
    ...data,
    ...(location === undefined ? {} : { location }),
    ...(location === undefined || source === undefined ? {} : { frame: codeFrame(source, location) }),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function toData(value: unknown, sourceOf: (file: string) => SourceRecord | undefined): ErrorData {
  const { name, message, stack, code, cause, details }: Record<string, unknown> = isRecord(value) ? value : {};
  const base = {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE_CHARACTERS) : 'the code failed, and its error could not be read',
    stack: typeof stack === 'string' ? mapStack(stack, (file) => sourceOf(file)?.map) : '',
  };
  return {
    ...base,
    code: isErrorCode(code) ? code : engineCode(base.name, base.message),
    ...(isRecord(cause) ? { cause: toData(cause, sourceOf) } : {}),
    ...(isRecord(details) ? { details } : {}),
  };
}

/** The engine's own errors for the limits it holds. */
function engineCode(name: string, message: string): ErrorData['code'] {
  if (name === 'InternalError' && message === 'out of memory') return 'MEMORY_LIMIT';
  if (name === 'RangeError' && message === 'Maximum call stack size exceeded') return 'STACK_LIMIT';
  return 'GUEST_ERROR';
}

/** The first `file:line:column` of a stack. */
function firstLocation(stack: string): SourceLocation | undefined {
  const [, file, line, column] = /^\s*at (?:.*\()?([^\s()]+):(\d+):(\d+)\)?$/mu.exec(stack) ?? [];
  return file === undefined ? undefined : { file, line: Number(line), column: Number(column) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
