import {
  dateTime,
  getPrototypeOf,
  isArray,
  isBuffer,
  isError,
  isView,
  mapGet,
  mapSize,
  regExpSource,
  setSize,
} from './intrinsics.ts';

/** What an object is, as far as crossing the boundary goes. `instance`: made by a class of its own, or of another realm. */
export type Kind =
  | 'array'
  | 'plain'
  | 'null-prototype'
  | 'instance'
  | 'date'
  | 'regexp'
  | 'map'
  | 'set'
  | 'error'
  | 'buffer'
  | 'view'
  | 'boxed number'
  | 'boxed string'
  | 'boxed boolean'
  | 'boxed bigint'
  | UntransferableKind;

/** Kinds that can't cross: the value is one of these words. */
export type UntransferableKind = 'boxed symbol' | 'Promise' | 'WeakMap' | 'WeakSet' | 'WeakRef' | 'iterator' | 'SharedArrayBuffer';

function* noValues(): Generator {}
async function* noLaterValues(): AsyncGenerator {}

/** The prototype `levels` steps up the chain. */
function ancestor(value: object, levels: number): object {
  const prototype = Reflect.getPrototypeOf(value) ?? value;
  return levels === 1 ? prototype : ancestor(prototype, levels - 1);
}

// Told by prototype, not by brand: a failed brand check costs an exception, and some kinds have no harmless one.
const KINDS: ReadonlyMap<object, Kind> = new Map<object, Kind>([
  [Object.prototype, 'plain'],
  [Date.prototype, 'date'],
  [RegExp.prototype, 'regexp'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [Error.prototype, 'error'],
  [ArrayBuffer.prototype, 'buffer'],
  [ancestor(Uint8Array.prototype, 1), 'view'],
  [DataView.prototype, 'view'],
  [Number.prototype, 'boxed number'],
  [String.prototype, 'boxed string'],
  [Boolean.prototype, 'boxed boolean'],
  [BigInt.prototype, 'boxed bigint'],
  [Symbol.prototype, 'boxed symbol'],
  [Promise.prototype, 'Promise'],
  [WeakMap.prototype, 'WeakMap'],
  [WeakSet.prototype, 'WeakSet'],
  [WeakRef.prototype, 'WeakRef'],
  [SharedArrayBuffer.prototype, 'SharedArrayBuffer'],
  // A generator object's chain: its function's `prototype`, the generator prototype, the iterator prototype.
  [ancestor(noValues(), 3), 'iterator'],
  [ancestor(noLaterValues(), 3), 'iterator'],
]);

/** A proxy may answer a new prototype for ever. */
const MAX_PROTOTYPES = 1_000;

/** What kind of object this is. Runs the agent's code only where `value` or its prototypes are proxies. */
export function kindOf(value: object): Kind {
  if (isArray(value)) return 'array';
  let prototype = getPrototypeOf(value);
  if (prototype === null) return 'null-prototype';
  const own = mapGet(KINDS, prototype);
  if (own !== undefined) return own;
  for (let steps = 0; steps < MAX_PROTOTYPES; steps++) {
    prototype = getPrototypeOf(prototype);
    if (prototype === null) return kindByBrand(value);
    const kind = mapGet(KINDS, prototype);
    if (kind !== undefined) return kind === 'plain' ? 'instance' : kind;
  }
  return 'instance';
}

/** For a chain that leads to no prototype of this realm: Node's own buffers and errors inside a `vm` context. */
function kindByBrand(value: object): Kind {
  if (isView(value)) return 'view';
  if (isError(value)) return 'error';
  if (isBuffer(value)) return 'buffer';
  if (has(dateTime, value)) return 'date';
  if (has(mapSize, value)) return 'map';
  if (has(setSize, value)) return 'set';
  if (has(regExpSource, value)) return 'regexp';
  return 'instance';
}

function has(brand: (value: unknown) => unknown, value: object): boolean {
  try {
    brand(value);
    return true;
  } catch {
    return false;
  }
}
