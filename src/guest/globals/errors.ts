import { defineValue } from '../../protocol/codec/intrinsics.ts';
import { IntrinsicError, IntrinsicRangeError, IntrinsicSyntaxError, IntrinsicTypeError } from './captured.ts';

/** A TypeError with the code that Node gives it. */
export function typeError(message: string, code?: string): TypeError {
  return withCode(new IntrinsicTypeError(message), code);
}

export function rangeError(message: string, code?: string): RangeError {
  return withCode(new IntrinsicRangeError(message), code);
}

/** A method was called on something that is not of its class. */
export function incompatible(className: string): TypeError {
  return typeError(`Receiver must be an instance of class ${className}`, 'ERR_INVALID_THIS');
}

/** @throws TypeError when fewer arguments were given than are required. */
export function requireArguments(given: number, names: readonly string[]): void {
  if (given >= names.length) return;
  let list = '';
  for (let i = 0; i < names.length; i++) list += `${i === 0 ? '' : ' and '}"${names[i]}"`;
  throw typeError(`The ${list} ${names.length === 1 ? 'argument' : 'arguments'} must be specified`, 'ERR_MISSING_ARGS');
}

/** An error that the host answered, as one of the guest's own. */
export function errorFromHost(name: string, message: string): Error {
  if (name === 'TypeError') return new IntrinsicTypeError(message);
  if (name === 'RangeError') return new IntrinsicRangeError(message);
  if (name === 'SyntaxError') return new IntrinsicSyntaxError(message);
  return new IntrinsicError(message);
}

function withCode<E extends Error>(error: E, code: string | undefined): E {
  if (code !== undefined) defineValue(error, 'code', code, true);
  return error;
}
