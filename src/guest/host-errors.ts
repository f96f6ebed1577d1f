import { defineProperty, getOwnPropertyDescriptor, isRecord, parseJson } from '../protocol/codec/intrinsics.ts';

const IntrinsicError = Error;

/** An error in the guest from the data of one on the host: `name`, `code`, `message`, `details`, `cause`. */
export function guestError(data: unknown): Error {
  const message = own(data, 'message');
  const error = new IntrinsicError(typeof message === 'string' ? message : 'The host call failed');
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
  defineProperty(error, name, {
    __proto__: null,
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  } as PropertyDescriptor);
}
