import type { JSValueHandle } from 'quickjs-wasi';

import { CodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import type { Violation } from './slice-meter.ts';

const OUT_OF_MEMORY = 'The run used up its memory: the limit is memoryBytes';

/** Nothing that the run waits for will ever come. */
export const STALLED: ErrorData = {
  name: 'CodeModeError',
  code: 'STALLED',
  message: 'The code awaits a promise that nothing will settle: no host call is under way and no timer is set',
  stack: '',
};

export function fromViolation(violation: Violation): ErrorData {
  return { name: 'CodeModeError', stack: '', ...violation };
}

/** Why the engine gave up in the middle of guest code: a limit that it broke, or what the engine threw. */
export function engineFailure(error: unknown, violation: Violation | undefined): ErrorData {
  if (violation !== undefined) return fromViolation(violation);
  const message = error instanceof Error ? error.message : String(error);
  if (/out of memory|wasm_malloc|memory access|array buffer allocation|unreachable/iu.test(message)) {
    return fromViolation({ code: 'MEMORY_LIMIT', message: OUT_OF_MEMORY });
  }
  if (/call stack/iu.test(message)) {
    return fromViolation({ code: 'STACK_LIMIT', message: 'The run used up its stack in native code' });
  }
  return fromViolation({ code: 'SANDBOX_CRASHED', message: `The sandbox's engine failed: ${message}` });
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

/** What a rejected promise says; reads data properties alone, since this runs inside the engine. */
export function describeReason(reason: JSValueHandle): string {
  if (reason.isString) return reason.toString().slice(0, 200);
  if (!reason.isObject || reason.isProxy) return 'a value that is no error';
  const message = reason.getOwnPropertyDescriptor('message')?.value;
  return message?.isString === true ? message.toString().slice(0, 200) : 'an object without a message';
}
