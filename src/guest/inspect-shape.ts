import {
  bufferIsDetached,
  bufferLength,
  dataViewBuffer,
  dataViewBytes,
  dataViewOffset,
  dateTime,
  getOwnPropertyDescriptor,
  hasOwn,
  IntrinsicUint8Array,
  isArray,
  isBuffer,
  mapForEach,
  mapSize,
  newList,
  objectKeys,
  ownKeys,
  regExpFlags,
  regExpSource,
  setForEach,
  setSize,
  typedArrayLength,
  typedArrayName,
  unboxBigInt,
  unboxBoolean,
  unboxNumber,
  unboxString,
  uncurryThis,
} from '../protocol/codec/intrinsics.ts';
import { kindOf } from '../protocol/codec/kinds.ts';
import type { Kind } from '../protocol/codec/kinds.ts';
import { errorKeys, errorText } from './inspect-error.ts';
import { functionTitle } from './inspect-function.ts';
import type { Layout } from './inspect-layout.ts';
import { inspectPrimitive } from './inspect-primitive.ts';
import { className, extraTag, ownData } from './object-names.ts';
import { quoteText } from './quote-text.ts';
import { plural, slice, toRadix } from './text.ts';

/** Shows what is inside of an object. */
export interface Contents {
  /** No more text is wanted. */
  readonly isSpent: boolean;
  nested(value: unknown): string;
  property(descriptor: PropertyDescriptor): string;
}

/** How an object is shown. */
export interface Shape {
  /** What stands before the braces, or in place of them where there is nothing in them. */
  readonly base: string;
  readonly open: string;
  readonly close: string;
  /** What stands in brackets for an object that is nested too deep. */
  readonly title: string;
  /** Adds what is shown before the properties to a list. Undefined where that is nothing. */
  readonly entries: Entries | undefined;
  /** Entries after which one more says how many are left out. */
  readonly limit: number | undefined;
  /** The properties shown. */
  readonly keys: readonly PropertyKey[];
}

/** Entries shown of arrays, Maps, Sets and buffers. */
const MAX_ENTRIES = 100;
/** Holes of an array are counted no further. */
const MAX_HOLES = 100_000;
/** Longer arrays are not searched for properties besides their elements. */
const MAX_SEARCHED_LENGTH = 10_000;

const isoDate: (date: unknown) => string = uncurryThis(Date.prototype.toISOString);
const unboxSymbol: (boxed: unknown) => symbol = uncurryThis(Symbol.prototype.valueOf);

/** How `value` is shown. `indentation`: columns by which further lines of an error are indented. */
export function shapeOf(value: object, indentation: number): Shape {
  const name = className(value);
  const tag = extraTag(value, name);
  const kind = typeof value === 'function' ? 'function' : genuineKind(value);
  const title = (fallback: string, size = ''): string =>
    (name === undefined ? '[' + fallback + size + ': null prototype]' : name + size) +
    (tag === '' ? '' : ' [' + tag + ']');
  switch (kind) {
    case 'function':
      return braces('{', title('Function'), keysOf(value), functionTitle(value, name));
    case 'array':
      return arrayShape(
        value,
        name === 'Array' && tag === '' ? '' : title('Array', '(' + lengthOf(value) + ') '),
        title('Array'),
      );
    case 'view':
      return viewShape(value, title);
    case 'Map':
      return collection(title, kind, mapSize(value), keysOf(value), mapEntries(value));
    case 'Set':
      return collection(title, kind, setSize(value), keysOf(value), setEntries(value));
    case 'ArrayBuffer':
      return { ...braces(title(kind) + ' {', title(kind), keysOf(value)), entries: bufferEntries(value) };
    case 'Error': {
      const text = errorText(value, name, indentation);
      return braces('{', title(kind), errorKeys(value, text), text);
    }
    case 'String':
      return braces(
        '{',
        title(kind),
        keysOf(value, unboxString(value).length),
        '[String: ' + quoteText(unboxString(value)) + ']',
      );
    case 'plain':
    case 'null-prototype':
    case 'instance':
    case 'iterator': {
      const isOrdinary = kind === 'plain' && tag === '';
      return braces(isOrdinary ? '{' : title('Object') + ' {', title('Object'), keysOf(value));
    }
    default: {
      const text = simpleText(value, kind);
      if (text !== undefined) return braces('{', title(kind), keysOf(value), text);
      return { ...braces(title(kind) + ' {', title(kind), keysOf(value)), entries: only(opaqueContents(kind)) };
    }
  }
}

/** What is said of contents that no code can see. */
function opaqueContents(kind: Kind): string {
  return kind === 'Promise' ? '<await it to see its value>' : '<items unknown>';
}

type Title = (fallback: string, size?: string) => string;
type Entries = (list: string[], contents: Contents) => Layout['columns'];

function braces(open: string, title: string, keys: readonly PropertyKey[], base = ''): Shape {
  return { base, open, close: '}', title, keys, entries: undefined, limit: undefined };
}

/** What the object really is; only the prototype of a proxy says that it is a Map. */
function genuineKind(value: object): Kind {
  const kind = kindOf(value);
  try {
    if (kind === 'Map') mapSize(value);
    else if (kind === 'Set') setSize(value);
    else if (kind === 'Date') dateTime(value);
    else if (kind === 'RegExp') regExpSource(value);
    else if (kind === 'ArrayBuffer') bufferLength(value);
    else if (kind === 'view' && typedArrayName(value) === undefined) dataViewBuffer(value);
    else if (kind === 'String') unboxString(value);
    else simpleText(value, kind);
    return kind;
  } catch {
    return 'instance';
  }
}

/** The text of an object that is hardly more than one value. */
function simpleText(value: object, kind: Kind): string | undefined {
  switch (kind) {
    case 'Date':
      return dateTime(value) === dateTime(value) ? isoDate(value) : 'Invalid Date';
    case 'RegExp':
      return '/' + regExpSource(value) + '/' + regExpFlags(value);
    case 'Number':
      return '[Number: ' + inspectPrimitive(unboxNumber(value)) + ']';
    case 'Boolean':
      return '[Boolean: ' + inspectPrimitive(unboxBoolean(value)) + ']';
    case 'BigInt':
      return '[BigInt: ' + inspectPrimitive(unboxBigInt(value)) + ']';
    case 'Symbol':
      return '[Symbol: ' + inspectPrimitive(unboxSymbol(value)) + ']';
    default:
      return undefined;
  }
}

/** The enumerable own properties, symbols last; without the indexes below `skipped`. */
function keysOf(value: object, skipped = 0): PropertyKey[] {
  const keys: PropertyKey[] = newList();
  const names = objectKeys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    if (skipped === 0 || !(+name < skipped)) keys[keys.length] = name;
  }
  const all = ownKeys(value);
  // Symbols come last, so that the search ends at the first name from behind.
  let first = all.length;
  while (first > 0 && typeof all[first - 1] === 'symbol') first--;
  for (let i = first; i < all.length; i++) {
    const key = all[i] ?? '';
    if (getOwnPropertyDescriptor(value, key)?.enumerable === true) keys[keys.length] = key;
  }
  return keys;
}

function lengthOf(array: object): number {
  const length = isArray(array) ? array.length : 0;
  return typeof length === 'number' ? length : 0;
}

function arrayShape(value: object, prefix: string, title: string): Shape {
  const length = lengthOf(value);
  const keys = length > MAX_SEARCHED_LENGTH ? newList<PropertyKey>() : keysOf(value, length);
  return {
    base: '',
    open: prefix + '[',
    close: ']',
    title,
    keys,
    limit: MAX_ENTRIES,
    entries: length === 0 ? undefined : arrayEntries(value, length),
  };
}

function arrayEntries(array: object, length: number): Entries {
  return (list, contents) => {
    let columns: Layout['columns'] = 'right';
    let index = 0;
    while (index < length && list.length < MAX_ENTRIES && !contents.isSpent) {
      const descriptor = getOwnPropertyDescriptor(array, index);
      const value: unknown = descriptor !== undefined && hasOwn(descriptor, 'value') ? descriptor.value : undefined;
      if (typeof value !== 'number' && typeof value !== 'bigint') columns = 'left';
      if (descriptor === undefined) {
        const holes = countHoles(array, index, length);
        list[list.length] = '<' + plural(holes, 'empty item') + '>';
        index += holes;
      } else {
        list[list.length] = contents.property(descriptor);
        index++;
      }
    }
    addRemainder(list, length - index, 'item');
    return columns;
  };
}

function countHoles(array: object, start: number, length: number): number {
  let end = start + 1;
  while (end < length && end - start < MAX_HOLES && !hasOwn(array, end)) end++;
  return end - start;
}

function viewShape(value: object, title: Title): Shape {
  const name = typedArrayName(value);
  if (name === undefined)
    return { ...braces(title('DataView') + ' {', title('DataView'), keysOf(value)), entries: dataViewEntries(value) };
  const length = typedArrayLength(value);
  const keys = length > MAX_SEARCHED_LENGTH ? newList<PropertyKey>() : keysOf(value, length);
  const open = title(name, '(' + length + ')') + ' [';
  return {
    base: '',
    open,
    close: ']',
    title: title(name),
    keys,
    limit: MAX_ENTRIES,
    entries: length === 0 ? undefined : elementEntries(value, length),
  };
}

function elementEntries(array: object, length: number): Entries {
  return (list, contents) => {
    const shown = length > MAX_ENTRIES ? MAX_ENTRIES : length;
    for (let i = 0; i < shown; i++) list[i] = contents.nested(ownData(array, i));
    addRemainder(list, length - shown, 'item');
    return 'right';
  };
}

function dataViewEntries(view: object): Entries {
  return (list, contents) => {
    list[0] = '[byteLength]: ' + dataViewBytes(view);
    list[1] = '[byteOffset]: ' + dataViewOffset(view);
    list[2] = '[buffer]: ' + contents.nested(dataViewBuffer(view));
    return 'none';
  };
}

function bufferEntries(buffer: object): Entries {
  return (list) => {
    if (!isBuffer(buffer) || bufferIsDetached(buffer)) return only('(detached)')(list);
    const bytes = new IntrinsicUint8Array(buffer);
    const length = bufferLength(buffer);
    const shown = length > MAX_ENTRIES ? MAX_ENTRIES : length;
    let text = '';
    for (let i = 0; i < shown; i++) text += (i === 0 ? '' : ' ') + slice(toRadix(256 + (bytes[i] ?? 0), 16), 1);
    if (length > shown) text += ' ... ' + plural(length - shown, 'more byte');
    list[0] = '[Uint8Contents]: <' + text + '>';
    list[1] = '[byteLength]: ' + length;
    return 'none';
  };
}

function collection(title: Title, kind: string, size: number, keys: readonly PropertyKey[], entries: Entries): Shape {
  const shape = braces(title(kind, '(' + size + ')') + ' {', title(kind), keys);
  return size === 0 ? shape : { ...shape, entries };
}

function mapEntries(map: object): Entries {
  return (list, contents) => {
    let seen = 0;
    mapForEach(map, (value, key) => {
      if (list.length === seen && seen < MAX_ENTRIES && !contents.isSpent) {
        list[seen] = contents.nested(key) + ' => ' + contents.nested(value);
      }
      seen++;
    });
    addRemainder(list, seen - list.length, 'item');
    return 'none';
  };
}

function setEntries(set: object): Entries {
  return (list, contents) => {
    let seen = 0;
    setForEach(set, (value) => {
      if (list.length === seen && seen < MAX_ENTRIES && !contents.isSpent) list[seen] = contents.nested(value);
      seen++;
    });
    addRemainder(list, seen - list.length, 'item');
    return 'none';
  };
}

function only(entry: string): (list: string[]) => Layout['columns'] {
  return (list) => {
    list[0] = entry;
    return 'none';
  };
}

function addRemainder(list: string[], count: number, what: string): void {
  if (count > 0) list[list.length] = '... ' + plural(count, 'more ' + what);
}
