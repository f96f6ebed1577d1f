import {
  arrayPrototype,
  getPrototypeOf,
  IntrinsicSet,
  isArray,
  isRecord,
  newList,
  objectKeys,
  objectPrototype,
  setAdd,
  setHas,
  stringify,
} from './intrinsics.ts';
import { LONG_STRING } from './message.ts';
import { prototypesHaveIndexes, prototypesHaveToJson } from './pollution.ts';

/** Deeper trees are left to the walk that needs no stack. */
const MAX_PLAIN_DEPTH = 100;
/** Compared one by one. */
const FEW_OBJECTS = 4;
/** Each at most a short string: what they take in all is looked at when the text is made. */
const MAX_FLAT_FIELDS = 32;

/**
 * The JSON text of a value that JSON alone can carry: a tree of ordinary arrays and objects with nothing in them but
 * finite numbers, short strings, booleans and null, and no object twice. Undefined for any other value, and for one
 * that takes more than `maxBytes`.
 *
 * Looking first and leaving the text to the engine is several times faster than making the text here, and lets the
 * other side use the engine's own `JSON.parse`. A value that changes in between still yields valid JSON.
 */
export function plainJson(value: unknown, maxBytes: number): string | undefined {
  if (typeof value === 'object' && value !== null) {
    if (prototypesHaveToJson() || prototypesHaveIndexes()) return undefined;
    if (!isOneFlatObject(value) && !new PlainCheck(maxBytes).isPlainObject(value, 0)) return undefined;
  } else if (!isPlainPrimitive(value)) {
    return undefined;
  }
  const text: string | undefined = stringify(value);
  return text === undefined || text.length > maxBytes ? undefined : text;
}

/** `[{ url: 'https://example.com' }]`: the arguments of most calls. */
function isOneFlatObject(value: object): boolean {
  if (!isArray(value) || value.length !== 1 || getPrototypeOf(value) !== arrayPrototype) return false;
  const fields = value[0];
  if (!isRecord(fields) || getPrototypeOf(fields) !== objectPrototype || isArray(fields)) return false;
  const keys = objectKeys(fields);
  if (keys.length > MAX_FLAT_FIELDS) return false;
  for (let i = 0; i < keys.length; i++) if (!isPlainPrimitive(fields[keys[i] ?? ''])) return false;
  return true;
}

class PlainCheck {
  /** The first few objects; most arguments have no more, and a Set costs more than all the rest then. */
  readonly #first: object[] = newList();
  #more: Set<object> | undefined;
  /** A lower bound of what the text may still take. */
  #bytesLeft: number;

  constructor(maxBytes: number) {
    this.#bytesLeft = maxBytes;
  }

  isPlainObject(value: object, depth: number): boolean {
    if (depth > MAX_PLAIN_DEPTH || !this.#isNew(value)) return false;
    const prototype = getPrototypeOf(value);
    if (prototype === objectPrototype) return isRecord(value) && !isArray(value) && this.#areFieldsPlain(value, depth);
    return prototype === arrayPrototype && isArray(value) && this.#areItemsPlain(value, depth);
  }

  #isNew(value: object): boolean {
    const count = this.#first.length;
    for (let i = 0; i < count; i++) if (this.#first[i] === value) return false;
    if (count < FEW_OBJECTS) {
      this.#first[count] = value;
      return true;
    }
    this.#more ??= new IntrinsicSet<object>();
    if (setHas(this.#more, value)) return false;
    setAdd(this.#more, value);
    return true;
  }

  #areItemsPlain(items: readonly unknown[], depth: number): boolean {
    const length = items.length;
    this.#bytesLeft -= length;
    for (let i = 0; i < length && this.#bytesLeft >= 0; i++) {
      const item = items[i];
      if (typeof item === 'string') this.#bytesLeft -= item.length;
      if (isPlainPrimitive(item)) continue;
      if (typeof item !== 'object' || item === null || !this.isPlainObject(item, depth + 1)) return false;
    }
    return this.#bytesLeft >= 0;
  }

  #areFieldsPlain(fields: Readonly<Record<string, unknown>>, depth: number): boolean {
    const keys = objectKeys(fields);
    for (let i = 0; i < keys.length && this.#bytesLeft >= 0; i++) {
      const key = keys[i] ?? '';
      const item = fields[key];
      this.#bytesLeft -= key.length + 1;
      if (typeof item === 'string') this.#bytesLeft -= item.length;
      if (isPlainPrimitive(item)) continue;
      if (typeof item !== 'object' || item === null || !this.isPlainObject(item, depth + 1)) return false;
    }
    return this.#bytesLeft >= 0;
  }
}

function isPlainPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.length <= LONG_STRING;
    case 'number':
      // Not NaN, not an infinity, not -0.
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    case 'boolean':
      return true;
    default:
      return value === null;
  }
}
