import { EncodedTooLarge } from '../protocol/codec/encode.ts';
import {
  defineValue,
  getOwnPropertyDescriptor,
  isRecord,
  parseJson,
  uncurryThis,
} from '../protocol/codec/intrinsics.ts';

const IntrinsicError = Error;
const isPrototypeOf: (prototype: object, value: object) => boolean = uncurryThis(Object.prototype.isPrototypeOf);

/** `instanceof` would ask `Error[Symbol.hasInstance]`, which the agent may define. */
export function isTooLarge(error: unknown): boolean {
  return isRecord(error) && isPrototypeOf(EncodedTooLarge.prototype, error);
}

/** An error in the guest from the data of one on the host: `name`, `code`, `message`, `details`, `cause`. */
export function guestError(data: unknown): Error {
  return fillError(new IntrinsicError(), data);
}

/** Makes `error`, which has a stack of the agent's code, say what the data says. */
export function fillError(error: Error, data: unknown): Error {
  const message = own(data, 'message');
  define(error, 'message', typeof message === 'string' ? message : 'The host call failed');
  define(error, 'name', own(data, 'name') ?? 'CodeModeError');
  define(error, 'code', own(data, 'code') ?? 'INTERNAL');
  const details = own(data, 'details');
  if (details !== undefined) define(error, 'details', details);
  const cause = own(data, 'cause');
  if (cause !== undefined) define(error, 'cause', guestError(cause));
  return error;
}

export function guestErrorFromJson(json: string): Error {
  return guestError(parseJson(json));
}

function own(data: unknown, name: string): unknown {
  return isRecord(data) ? getOwnPropertyDescriptor(data, name)?.value : undefined;
}

function define(error: Error, name: string, value: unknown): void {
  defineValue(error, name, value, false);
}
