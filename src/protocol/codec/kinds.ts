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

/**
 * What an object is, as far as crossing the boundary goes. `instance`: of a class of the agent's or of another realm.
 * `view`: a typed array or DataView. `Number` to `Symbol` are boxed primitives.
 */
export type Kind =
  | 'array'
  | 'plain'
  | 'null-prototype'
  | 'instance'
  | 'view'
  | 'iterator'
  | 'ArrayBuffer'
  | 'BigInt'
  | 'Boolean'
  | 'Date'
  | 'Error'
  | 'Map'
  | 'Number'
  | 'Promise'
  | 'RegExp'
  | 'Set'
  | 'SharedArrayBuffer'
  | 'String'
  | 'Symbol'
  | 'WeakMap'
  | 'WeakRef'
  | 'WeakSet';

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
  [Date.prototype, 'Date'],
  [RegExp.prototype, 'RegExp'],
  [Map.prototype, 'Map'],
  [Set.prototype, 'Set'],
  [Error.prototype, 'Error'],
  [ArrayBuffer.prototype, 'ArrayBuffer'],
  [ancestor(Uint8Array.prototype, 1), 'view'],
  [DataView.prototype, 'view'],
  [Number.prototype, 'Number'],
  [String.prototype, 'String'],
  [Boolean.prototype, 'Boolean'],
  [BigInt.prototype, 'BigInt'],
  [Symbol.prototype, 'Symbol'],
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
  if (isError(value)) return 'Error';
  if (isBuffer(value)) return 'ArrayBuffer';
  if (has(dateTime, value)) return 'Date';
  if (has(mapSize, value)) return 'Map';
  if (has(setSize, value)) return 'Set';
  if (has(regExpSource, value)) return 'RegExp';
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
