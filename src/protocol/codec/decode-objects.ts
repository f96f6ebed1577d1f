import { CodeModeError } from '../../errors/code-mode-error.ts';
import { construct, defineValue, IntrinsicRegExp, toBigInt } from './intrinsics.ts';

// Makes what the decoder finds in a message; each of these refuses what is not as it should be.

export function invalid(what: string, cause?: unknown, expected = 'expected a message of encodeValue'): CodeModeError {
  return new CodeModeError('INVALID_DATA', 'Cannot decode a value: ' + what + '; ' + expected, { cause, details: {} });
}

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

// Records without a prototype: no name but these is found in them.
const VIEWS = dictionary<ViewConstructor>({
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float16Array: Reflect.get(globalThis, 'Float16Array'),
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
});
const ERRORS = dictionary<ErrorConstructor | AggregateErrorConstructor>({
  AggregateError,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
});
const IntrinsicError = Error;

function dictionary<T>(record: Record<string, T>): Readonly<Record<string, T>> {
  Object.setPrototypeOf(record, null);
  return record;
}

/** Of `[part, offset, length, name, ...]`. `base`: where the buffer starts in the one that was encoded, in bytes. */
export function makeView(buffer: ArrayBuffer, base: number, entry: readonly unknown[]): ArrayBufferView {
  const start = finite(entry[1]) - base;
  const count = finite(entry[2]);
  const name = entry[3];
  const constructor = typeof name === 'string' ? VIEWS[name] : undefined;
  if (constructor === undefined) throw invalid('this engine does not know a type of view');
  return attempt('a view does not fit its buffer', () => new constructor(buffer, start, count));
}

export function makeError(name: string, message: string, stack: string | undefined): Error {
  const constructor = ERRORS[name];
  // Not by the class's own constructor: AggregateError's would iterate.
  const error: Error = construct(IntrinsicError, [message], constructor ?? IntrinsicError);
  if (constructor === undefined) defineValue(error, 'name', name, false);
  // Always: the engine's own stack would show where the decoder runs.
  defineValue(error, 'stack', stack ?? name + ': ' + message, false);
  return error;
}

export function finite(value: unknown): number {
  if (typeof value !== 'number' || value - value !== 0) throw invalid('a number is missing');
  return value;
}

export function makeBigInt(digits: unknown): bigint {
  if (typeof digits !== 'string') throw invalid('the digits of a bigint are missing');
  return attempt('a bigint has wrong digits', () => toBigInt('0x' + digits));
}

export function makeRegExp(source: string, flags: string): RegExp {
  return attempt('this engine does not know a regular expression', () => new IntrinsicRegExp(source, flags));
}

/** Calls what throws for wrong arguments. */
function attempt<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw invalid(what, error);
  }
}
