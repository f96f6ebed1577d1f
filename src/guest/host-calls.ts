import { decodeValue } from '../protocol/codec/decode.ts';
import { encodeValue } from '../protocol/codec/encode.ts';
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

interface Pending {
  readonly name: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
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

/** The guest's side of host calls. Ids are given in issue order; a call's promise is the guest's own. */
export function makeHostCalls(host: GuestHost, limits: () => GuestLimits): HostCalls {
  const pending = new IntrinsicMap<number, Pending>();
  let lastId = 0;

  return {
    call(member, args) {
      return new IntrinsicPromise<unknown>((resolve, reject) => {
        const { name } = member;
        const encoded = encodeArguments(name, args, limits().callArgumentBytes);
        const id = ++lastId;
        const head = id + (encoded.plain ? ',1,"' : ',0,"') + member.namespace + '",' + member.pathJson;
        const refused = issue(host, head, encoded);
        if (refused !== '') throw guestErrorFromJson(refused);
        mapSet(pending, id, { name, resolve, reject, error: new IntrinsicError() });
      });
    },
    settle(id, ok, encoded) {
      const waiting = mapGet(pending, id);
      if (waiting === undefined) return false;
      mapDelete(pending, id);
      try {
        const value = decodeValue(encoded);
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

function issue(host: GuestHost, head: string, { text, parts }: EncodedValue): string {
  if (parts.length === 0) return host.issueCall(head, text);
  const given = newList<string | ArrayBuffer>();
  given[0] = head;
  given[1] = text;
  for (let i = 0; i < parts.length; i++) given[i + 2] = parts[i] ?? '';
  const refused: unknown = apply(host.issueCall, undefined, given);
  return typeof refused === 'string' ? refused : '';
}

function encodeArguments(name: string, args: readonly unknown[], maxBytes: number): EncodedValue {
  try {
    return encodeValue(args, { maxBytes, root: 'arguments', encodeSpecial: urlToString });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    throw guestError({
      code: 'CALL_SIZE_LIMIT',
      message: `Cannot call ${name}: the arguments take more than ${maxBytes} bytes (callArgumentBytes); pass less, or save the data as an artifact in parts`,
    });
  }
}
