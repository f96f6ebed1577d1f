import type { JSValueHandle } from 'quickjs-wasi';

import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import { shorten } from '../../errors/shorten.ts';
import { isOutOfMemory } from './out-of-memory.ts';
import type { Violation } from './slice-meter.ts';
import { readString } from './virtual-machine.ts';

const MAX_MESSAGE_CHARACTERS = 4_096;
const MAX_REASON_CHARACTERS = 200;
/** Of an error as JSON: what the guest's runtime cuts its parts to comes to less. */
const MAX_FAILURE_CHARACTERS = 1_048_576;

const OUT_OF_MEMORY =
  'Cannot finish the run: it used up its memory (memoryBytes); keep less at a time, or raise the limit';

/** Nothing that the run waits for will ever come. */
export const STALLED: ErrorData = {
  name: 'CodeModeError',
  code: 'STALLED',
  message:
    'Cannot finish the run: it awaits a promise that nothing will settle; no host call is under way and no timer is set',
  stack: '',
};

export function fromViolation(violation: Violation): ErrorData {
  return { name: 'CodeModeError', stack: '', ...violation };
}

/** Why the engine gave up in the middle of guest code: a limit that it broke, or what the engine threw. */
export function engineFailure(error: unknown, violation: Violation | undefined): ErrorData {
  if (violation !== undefined) return fromViolation(violation);
  if (isOutOfMemory(error)) return fromViolation({ code: 'MEMORY_LIMIT', message: OUT_OF_MEMORY });
  const message = shorten(error instanceof Error ? error.message : String(error), MAX_MESSAGE_CHARACTERS);
  if (/call stack/iu.test(message)) {
    return fromViolation({
      code: 'STACK_LIMIT',
      message: 'Cannot finish the run: it used up its stack (stackBytes) in native code; nest less',
    });
  }
  return fromViolation({
    code: 'SANDBOX_CRASHED',
    message: `Cannot finish the run: the sandbox's engine failed: ${message}`,
  });
}

/** The JSON of a run's error as the guest's runtime gives it, looked at again, since this is the boundary. */
export function readFailure(json: string): string {
  if (json.length <= MAX_FAILURE_CHARACTERS) return json;
  return JSON.stringify({ name: 'Error', message: 'The code threw an error that is too large to be told', stack: '' });
}

/** The warning of a call that the code did not wait for. */
export function notAwaited(name: string): string {
  return `${name} was called and not awaited: it was cancelled when the run ended, and may or may not have been done. Put await in front of it.`;
}

/** Why a host call is refused at once, as the guest's runtime takes it. */
export function refusal(code: ErrorData['code'], message: string): string {
  return JSON.stringify({ name: 'CodeModeError', code, message, stack: '' } satisfies ErrorData);
}

/** Why a cell or a skill does not compile. */
export function compileFailure(error: unknown, file: string): ErrorData {
  if (error instanceof CodeModeError) {
    const data = toErrorData(error);
    const { line, column, frame } = error.details;
    return {
      ...data,
      ...(typeof line === 'number' && typeof column === 'number'
        ? { location: { file, line, column }, stack: `    at ${file}:${line}:${column}` }
        : {}),
      ...(typeof frame === 'string' ? { frame } : {}),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { name: 'CodeModeError', code: 'SYNTAX_ERROR', message: `Cannot parse ${file}: ${message}`, stack: '' };
}

/** What a rejected promise says; reads data properties alone, and never throws, since this runs inside the engine. */
export function describeReason(reason: JSValueHandle): string {
  try {
    if (reason.isString) return shorten(readString(reason), MAX_REASON_CHARACTERS);
    if (!reason.isObject || reason.isProxy) return 'a value that is no error';
    const message = reason.getOwnPropertyDescriptor('message')?.value;
    return message?.isString === true
      ? shorten(readString(message), MAX_REASON_CHARACTERS)
      : 'an object without a message';
  } catch {
    return 'a value that there is no memory to read';
  }
}
