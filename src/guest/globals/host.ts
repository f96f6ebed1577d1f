import { hasOwn } from '../../protocol/codec/intrinsics.ts';
import type { GuestPlatform } from '../platform.ts';
import { IntrinsicError } from './captured.ts';
import { errorFromHost } from './errors.ts';
import type { Operation } from './wire.ts';

type Reply<Answer> = { readonly ok: Answer } | { readonly error: { readonly name: string; readonly message: string } };
const parseReply: <Answer>(text: string) => Reply<Answer> = JSON.parse;

let platform: GuestPlatform | undefined;

/** Called once, when the guest's runtime boots. */
export function connectHost(given: GuestPlatform): void {
  platform = given;
}

export function host(): GuestPlatform {
  if (platform === undefined) throw new IntrinsicError('The runtime has not booted');
  return platform;
}

/**
 * Asks the host. `argumentsJson` is the text of a JSON array; see `encode.ts`. An answer of undefined comes as null.
 *
 * @throws the error that the host answers, as an error of the guest.
 */
export function ask<Answer>(operation: Operation, argumentsJson: string): Answer {
  const reply = parseReply<Answer>(host().call(operation, argumentsJson));
  if (hasOwn(reply, 'error') && 'error' in reply) throw errorFromHost(reply.error.name, reply.error.message);
  if ('ok' in reply) return reply.ok;
  throw new IntrinsicError('The host gave no answer');
}
