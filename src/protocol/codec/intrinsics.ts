/**
 * The language's own functions, taken when this module is evaluated: in the guest that is before any of the
 * agent's code, which may replace whatever it can reach. Code that runs in the guest calls these and nothing that
 * is looked up on a live prototype: no `for...of`, no spread, no `push` (a setter on `Array.prototype` would see
 * the element), no `instanceof`, no options read through `Object.prototype`, and no template literals with values
 * in them: QuickJS evaluates those by calling `String.prototype.concat`.
 */

declare global {
  // Newer than the library that TypeScript is told to use.
  interface ErrorConstructor {
    isError(value: unknown): value is Error;
  }
}

/** Turns a method into a function of its `this`: `uncurryThis(Map.prototype.get)(map, key)`. */
export const uncurryThis: <This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
) => (self: This, ...args: Args) => Result = Function.prototype.bind.bind(Function.prototype.call);

/** Turns a getter into a function of its `this`. On a value without that internal slot it throws a TypeError: a brand check. */
function getterOf<Result>(prototype: object, name: PropertyKey): (self: unknown) => Result {
  const getter = Reflect.getOwnPropertyDescriptor(prototype, name)?.get;
  if (getter === undefined) throw new TypeError('This engine has no getter ' + String(name));
  return uncurryThis(getter);
}

// Constructors: `new Map()` would look the global up when it runs.
export const IntrinsicMap = Map;
export const IntrinsicSet = Set;
export const IntrinsicDate = Date;
export const IntrinsicRegExp = RegExp;
export const IntrinsicUint8Array = Uint8Array;
export const arrayPrototype: object = Array.prototype;
export const objectPrototype: object = Object.prototype;

// Objects
export const {
  getPrototypeOf,
  setPrototypeOf,
  defineProperty,
  deleteProperty,
  getOwnPropertyDescriptor,
  ownKeys,
  apply,
  construct,
  isExtensible,
} = Reflect;
export const { keys: objectKeys, hasOwn, freeze } = Object;
export const createObject: <T = unknown>(prototype: object | null) => Record<string, T> = Object.create;
export const isArray: (value: unknown) => value is unknown[] = Array.isArray;
export const isError: (value: unknown) => value is Error = Error.isError;

// JSON. `JSON.stringify` calls a `toJSON` that it finds on an object or its prototypes, never one of a string's.
export const quote: (text: string) => string = JSON.stringify;
export const stringify: (value: unknown) => string = JSON.stringify;
export const parseJson: (text: string) => unknown = JSON.parse;

// Map and Set
export const mapGet: <K, V>(map: ReadonlyMap<K, V>, key: K) => V | undefined = uncurryThis(Map.prototype.get);
export const mapSet: (map: unknown, key: unknown, value: unknown) => unknown = uncurryThis(Map.prototype.set);
export const mapDelete: (map: unknown, key: unknown) => boolean = uncurryThis(Map.prototype.delete);
export const mapSize: (map: unknown) => number = getterOf(Map.prototype, 'size');
export const mapForEach: (map: unknown, visit: (value: unknown, key: unknown) => void) => void = uncurryThis(
  Map.prototype.forEach,
);
export const setAdd: (set: unknown, value: unknown) => unknown = uncurryThis(Set.prototype.add);
export const setHas: <T>(set: ReadonlySet<T>, value: T) => boolean = uncurryThis(Set.prototype.has);
export const setSize: (set: unknown) => number = getterOf(Set.prototype, 'size');
export const setForEach: (set: unknown, visit: (value: unknown) => void) => void = uncurryThis(Set.prototype.forEach);

// Text and numbers
export const isWellFormed: (text: string) => boolean = uncurryThis(String.prototype.isWellFormed);
export const bigintToString: (value: bigint, radix: number) => string = uncurryThis(BigInt.prototype.toString);
export const toBigInt: (text: string) => bigint = BigInt;

// Dates and regular expressions
export const dateTime: (date: unknown) => number = uncurryThis(Date.prototype.getTime);
export const regExpSource: (regExp: unknown) => string = getterOf(RegExp.prototype, 'source');

// The getter `flags` reads the single flags through the live prototype; these do not.
const FLAGS = ['hasIndices', 'global', 'ignoreCase', 'multiline', 'dotAll', 'unicode', 'unicodeSets', 'sticky'];
const flagGetters = FLAGS.map(flagGetter);
function flagGetter(name: string): (regExp: unknown) => boolean {
  return getterOf(RegExp.prototype, name);
}
export function regExpFlags(regExp: unknown): string {
  let flags = '';
  for (let i = 0; i < flagGetters.length; i++) {
    if (flagGetters[i]?.(regExp) === true) flags += 'dgimsuvy'[i];
  }
  return flags;
}

// Bytes. `slice` is not here: it asks the live `constructor` which class to make.
export const isView: (value: unknown) => value is ArrayBufferView = ArrayBuffer.isView;
export const bufferLength: (buffer: unknown) => number = getterOf(ArrayBuffer.prototype, 'byteLength');
export const bufferIsDetached: (buffer: unknown) => boolean = getterOf(ArrayBuffer.prototype, 'detached');
export const bufferIsResizable: (buffer: unknown) => boolean = getterOf(ArrayBuffer.prototype, 'resizable');
export const transferBuffer: (buffer: ArrayBuffer) => ArrayBuffer = uncurryThis(
  ArrayBuffer.prototype.transferToFixedLength,
);

const typedArrayPrototype = Reflect.getPrototypeOf(Uint8Array.prototype) ?? {};
/** `Uint8Array`, ...; undefined for anything that is no typed array. */
export const typedArrayName: (value: unknown) => string | undefined = getterOf(typedArrayPrototype, Symbol.toStringTag);
export const typedArrayBuffer: (array: unknown) => ArrayBuffer = getterOf(typedArrayPrototype, 'buffer');
export const typedArrayOffset: (array: unknown) => number = getterOf(typedArrayPrototype, 'byteOffset');
export const typedArrayBytes: (array: unknown) => number = getterOf(typedArrayPrototype, 'byteLength');
export const typedArrayLength: (array: unknown) => number = getterOf(typedArrayPrototype, 'length');
const typedArraySet: (target: Uint8Array, source: Uint8Array, offset: number) => void = uncurryThis(
  Uint8Array.prototype.set,
);
export const dataViewBuffer: (view: unknown) => ArrayBuffer = getterOf(DataView.prototype, 'buffer');
export const dataViewOffset: (view: unknown) => number = getterOf(DataView.prototype, 'byteOffset');
export const dataViewBytes: (view: unknown) => number = getterOf(DataView.prototype, 'byteLength');

export function isBuffer(value: unknown): value is ArrayBuffer {
  try {
    bufferLength(value);
    return true;
  } catch {
    return false;
  }
}

/** A copy of the bytes from `start` up to `end`, after `zeros` bytes of nothing. Throws a RangeError outside the buffer. */
export function copyBytes(buffer: ArrayBuffer, start: number, end: number, zeros = 0): ArrayBuffer {
  const copy = new IntrinsicUint8Array(zeros + end - start);
  typedArraySet(copy, new IntrinsicUint8Array(buffer, start, end - start), zeros);
  return typedArrayBuffer(copy);
}

// Boxed primitives
export const unboxNumber: (boxed: unknown) => number = uncurryThis(Number.prototype.valueOf);
export const unboxString: (boxed: unknown) => string = uncurryThis(String.prototype.valueOf);
export const unboxBoolean: (boxed: unknown) => boolean = uncurryThis(Boolean.prototype.valueOf);
export const unboxBigInt: (boxed: unknown) => bigint = uncurryThis(BigInt.prototype.valueOf);

/** Defines a property, whatever setters its name meets on the prototypes. */
export function defineValue(target: object, name: PropertyKey, value: unknown, enumerable: boolean): void {
  defineProperty(target, name, withoutPrototype({ value, enumerable, writable: true, configurable: true }));
}

/** Keeps the engine from finding `get`, `cause` or the like on a polluted `Object.prototype`. */
function withoutPrototype<T extends object>(record: T): T {
  setPrototypeOf(record, null);
  return record;
}

/** An empty array without a prototype: elements can be added by index without meeting a setter of the agent's. */
export function newList<T>(): T[] {
  const list: T[] = [];
  setPrototypeOf(list, null);
  return list;
}

/** An option by its name, but never one that somebody put on `Object.prototype`. */
export function ownOption<Options extends object, Name extends keyof Options>(
  options: Options,
  name: Name,
): Options[Name] | undefined {
  return hasOwn(options, name) ? options[name] : undefined;
}

/** Types what `typeof` can't: an object whose string keys may be read. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
