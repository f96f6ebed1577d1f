import type { ErrorCode } from '../../errors/code-mode-error.ts';
import { isErrorCode } from '../../errors/error-data.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import { mapStack } from './map-stack.ts';
import type { SourceRecord } from './map-stack.ts';
import { codeFrame } from '../../typescript/syntax-error.ts';

const MAX_CAUSES = 8;

/**
 * The error of a run, from the JSON that the guest's runtime gives, with its stack in the agent's own positions.
 *
 * @param lookup the source of a file that the session has compiled
 */
export function describeFailure(json: string, lookup: (file: string) => SourceRecord | undefined): ErrorData {
  return describe(parse(json), lookup, 0);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function describe(failure: unknown, lookup: (file: string) => SourceRecord | undefined, depth: number): ErrorData {
  const given = isObject(failure) ? failure : {};
  const name = textOf(given['name'], 'Error');
  const message = textOf(given['message'], 'The run failed and did not say why');
  const { text: stack, location } = mapStack(textOf(given['stack'], ''), lookup);
  const source = location && lookup(location.file)?.source;
  return {
    name,
    code: engineCode(name, message) ?? givenCode(given['code']),
    message,
    stack,
    ...(given['cause'] === undefined || depth >= MAX_CAUSES
      ? {}
      : { cause: describe(given['cause'], lookup, depth + 1) }),
    ...(isObject(given['details']) ? { details: given['details'] } : {}),
    ...(location === undefined ? {} : { location }),
    ...(location === undefined || source === undefined ? {} : { frame: codeFrame(source, location) }),
  };
}

/** The host alone says that a run was ended, and why: what the agent's code throws is no word of it. */
const ENDINGS: readonly ErrorCode[] = [
  'ABORTED',
  'CALL_LIMIT',
  'CPU_LIMIT',
  'MEMORY_LIMIT',
  'OUTPUT_LIMIT',
  'SANDBOX_CRASHED',
  'SESSION_CLOSED',
  'STACK_LIMIT',
  'STALLED',
  'TIMEOUT',
];

function givenCode(code: unknown): ErrorCode {
  return isErrorCode(code) && !ENDINGS.includes(code) ? code : 'GUEST_ERROR';
}

/** Limits that the engine itself reports. */
function engineCode(name: string, message: string): 'MEMORY_LIMIT' | 'STACK_LIMIT' | undefined {
  // A regular expression that can't be compiled for lack of memory is a SyntaxError.
  if ((name === 'InternalError' || name === 'SyntaxError') && message === 'out of memory') return 'MEMORY_LIMIT';
  if (name === 'RangeError' && message === 'Maximum call stack size exceeded') return 'STACK_LIMIT';
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
