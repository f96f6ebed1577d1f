import { decodeValue } from '../protocol/codec/decode.ts';
import { encodeTagged } from '../protocol/codec/encode.ts';
import {
  apply,
  IntrinsicMap,
  mapGet,
  mapSet,
  mapSize,
  newList,
  quote,
  uncurryThis,
} from '../protocol/codec/intrinsics.ts';
import type { EncodedValue } from '../protocol/codec/message.ts';
import { plainJson } from '../protocol/codec/plain.ts';
import { urlToString } from './globals/url.ts';
import { fillError, guestError, guestErrorFromJson, isTooLarge } from './host-errors.ts';
import type { GuestHost, GuestLimits } from './host-interface.ts';
import type { Member } from './namespaces.ts';

const IntrinsicPromise = Promise;
const IntrinsicError = Error;
const mapDelete: (map: Map<number, Pending>, key: number) => boolean = uncurryThis(Map.prototype.delete);
const forEachPending: (map: Map<number, Pending>, visit: (pending: Pending) => void) => void = uncurryThis(
  Map.prototype.forEach,
);
const mapClear: (map: Map<number, Pending>) => void = uncurryThis(Map.prototype.clear);

interface Settlers {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

interface Pending extends Readonly<Settlers> {
  readonly name: string;
  /** Made when the call was issued: its stack names the agent's line, which is gone when the answer comes. */
  readonly error: Error;
}

export interface HostCalls {
  readonly call: (member: Member, args: readonly unknown[]) => Promise<unknown>;
  readonly settle: (id: number, ok: boolean, encoded: EncodedValue) => boolean;
  readonly pending: () => number;
  /** Forgets every call without an answer; their names as JSON. */
  readonly end: () => string;
}

/** Of the promise that was made last. */
const settlers: Settlers = { resolve: () => undefined, reject: () => undefined };

function takeSettlers(resolve: Settlers['resolve'], reject: Settlers['reject']): void {
  settlers.resolve = resolve;
  settlers.reject = reject;
}

/** The guest's side of host calls. Ids are given in issue order; a call's promise is the guest's own. */
export function makeHostCalls(host: GuestHost, limits: () => GuestLimits): HostCalls {
  const pending = new IntrinsicMap<number, Pending>();
  let lastId = 0;

  return {
    call(member, args) {
      // Few frames and few objects: this is what a loop of calls mostly does.
      const error = new IntrinsicError();
      const promise = new IntrinsicPromise<unknown>(takeSettlers);
      const { resolve, reject } = settlers;
      try {
        const id = ++lastId;
        const refused = issue(host, id, member, args, limits().callArgumentBytes);
        if (refused !== undefined) throw guestErrorFromJson(refused);
        mapSet(pending, id, { name: member.name, resolve, reject, error });
      } catch (refusal) {
        reject(refusal);
      }
      return promise;
    },
    settle(id, ok, encoded) {
      const waiting = mapGet(pending, id);
      if (waiting === undefined) return false;
      mapDelete(pending, id);
      try {
        const value = decodeValue(encoded, Infinity);
        if (ok) waiting.resolve(value);
        else waiting.reject(fillError(waiting.error, value));
      } catch (error) {
        waiting.reject(error);
      }
      return true;
    },
    pending: () => mapSize(pending),
    end() {
      let names = '';
      forEachPending(pending, (waiting) => {
        names += (names === '' ? '' : ',') + quote(waiting.name);
      });
      mapClear(pending);
      return '[' + names + ']';
    },
  };
}

function issue(
  host: GuestHost,
  id: number,
  member: Member,
  args: readonly unknown[],
  maxBytes: number,
): string | undefined {
  const plain = plainJson(args, maxBytes);
  if (plain !== undefined) return host.issueCall(id + ',1,' + member.json + '\n' + plain);
  const { text, parts } = encodeArguments(member.name, args, maxBytes);
  const given = newList<string | ArrayBuffer>();
  given[0] = id + ',0,' + member.json + '\n' + text;
  for (let i = 0; i < parts.length; i++) given[i + 1] = parts[i] ?? '';
  const refused: unknown = apply(host.issueCall, undefined, given);
  return typeof refused === 'string' ? refused : undefined;
}

function encodeArguments(name: string, args: readonly unknown[], maxBytes: number): EncodedValue {
  try {
    return encodeTagged(args, { maxBytes, root: 'arguments', encodeSpecial: urlToString });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    throw guestError({
      code: 'CALL_SIZE_LIMIT',
      message: `Cannot call ${name}: the arguments take more than ${maxBytes} bytes (callArgumentBytes); pass less, or save the data as an artifact in parts`,
    });
  }
}
