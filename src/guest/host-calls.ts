import { decodeValue } from '../protocol/codec/decode.ts';
import { EncodedTooLarge, encodeValue } from '../protocol/codec/encode.ts';
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
import { guestError, guestErrorFromJson } from './host-errors.ts';
import type { GuestHost } from './host-interface.ts';

const IntrinsicPromise = Promise;
const mapDelete: (map: Map<number, Pending>, key: number) => boolean = uncurryThis(Map.prototype.delete);
const forEachPending: (map: Map<number, Pending>, visit: (pending: Pending) => void) => void = uncurryThis(
  Map.prototype.forEach,
);
const mapClear: (map: Map<number, Pending>) => void = uncurryThis(Map.prototype.clear);

interface Pending {
  readonly name: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface HostCalls {
  readonly call: (namespace: string, path: readonly string[], args: readonly unknown[]) => Promise<unknown>;
  readonly settle: (id: number, ok: boolean, encoded: EncodedValue) => boolean;
  readonly pending: () => number;
  /** Forgets every call without an answer; their names as JSON. */
  readonly end: () => string;
}

/** The guest's side of host calls. Ids are given in issue order; a call's promise is the guest's own. */
export function makeHostCalls(host: GuestHost): HostCalls {
  const pending = new IntrinsicMap<number, Pending>();
  let lastId = 0;

  return {
    call(namespace, path, args) {
      return new IntrinsicPromise<unknown>((resolve, reject) => {
        const name = dotted(namespace, path);
        const { text, plain, parts } = encodeArguments(name, args, host.limit('callArgumentBytes'));
        const id = ++lastId;
        const given = newList<string | number | boolean | ArrayBuffer>();
        let length = 0;
        given[length++] = id;
        given[length++] = namespace;
        given[length++] = quoteAll(path);
        given[length++] = text;
        given[length++] = plain;
        for (let i = 0; i < parts.length; i++) given[length++] = parts[i] ?? '';
        const refused: unknown = apply(host.issueCall, undefined, given);
        if (typeof refused === 'string' && refused !== '') throw guestErrorFromJson(refused);
        mapSet(pending, id, { name, resolve, reject });
      });
    },
    settle(id, ok, encoded) {
      const waiting = mapGet(pending, id);
      if (waiting === undefined) return false;
      mapDelete(pending, id);
      try {
        const value = decodeValue(encoded);
        if (ok) waiting.resolve(value);
        else waiting.reject(guestError(value));
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
      return `[${names}]`;
    },
  };
}

function encodeArguments(name: string, args: readonly unknown[], maxBytes: number) {
  try {
    return encodeValue(args, { maxBytes, root: 'arguments', encodeSpecial: urlToString });
  } catch (error) {
    if (!(error instanceof EncodedTooLarge)) throw error;
    throw guestError({
      code: 'CALL_SIZE_LIMIT',
      message: `Cannot call ${name}: the arguments take more than ${maxBytes} bytes (callArgumentBytes); pass less, or save the data as an artifact in parts`,
    });
  }
}

function dotted(namespace: string, path: readonly string[]): string {
  let name = namespace;
  for (let i = 0; i < path.length; i++) name += `.${path[i]}`;
  return name;
}

function quoteAll(texts: readonly string[]): string {
  let json = '';
  for (let i = 0; i < texts.length; i++) json += (i === 0 ? '' : ',') + quote(texts[i] ?? '');
  return `[${json}]`;
}
