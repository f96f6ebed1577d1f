/**
 * Turns a value into an {@link EncodedValue}. The same source runs on the host and in the guest, where the value
 * and everything reachable from it is the agent's: see `intrinsics.ts` for what that forbids here.
 *
 * The text is JSON. Objects stand as they are; a JSON array always ends in a tag, so that the decoder turns it
 * into the array it means by dropping its last element:
 *
 * | JSON                                  | value                                                        |
 * |---------------------------------------|--------------------------------------------------------------|
 * | `[a, b, [], 0]`                       | the array `[a, b, <hole>]`                                   |
 * | `["u"]` `["N"]` `-0` `1e999`          | undefined, NaN, -0, Infinity                                 |
 * | `["ff", "i"]` `["ff", "-i"]`          | a bigint, in hexadecimal: linear to print and to parse       |
 * | `[part, "s"]`                         | a string of its own part                                     |
 * | `[id, "r"]`                           | an object met before: objects are numbered as they are met   |
 * | `[{...}, "n"]`                        | an object without a prototype                                |
 * | `[milliseconds or null, "d"]`         | a Date                                                       |
 * | `[source, flags, "x"]`                | a RegExp                                                     |
 * | `[k, v, ..., "m"]` `[v, ..., "t"]`    | a Map, a Set                                                 |
 * | `[name, message, stack, {...}, "e"]`  | an Error; the object has its cause, errors and own properties |
 * | `[part, "b"]`                         | an ArrayBuffer                                               |
 * | `[buffer, offset, length, name, "v"]` | a typed array or DataView                                    |
 * | `[[base, ...], value, "w"]`           | around everything: parts that start at `base` of their buffer |
 */
import { CodeModeError } from '../../errors/code-mode-error.ts';
import {
  arrayPrototype,
  bigintToString,
  bufferIsDetached,
  bufferLength,
  createObject,
  dataViewBuffer,
  dataViewBytes,
  dataViewOffset,
  dateTime,
  getOwnPropertyDescriptor,
  hasOwn,
  IntrinsicMap,
  isArray,
  isBuffer,
  isRecord,
  isWellFormed,
  mapForEach,
  mapGet,
  mapSet,
  mapSize,
  newList,
  objectKeys,
  objectPrototype,
  ownKeys,
  ownOption,
  quote,
  regExpFlags,
  regExpSource,
  setForEach,
  setSize,
  typedArrayBuffer,
  typedArrayBytes,
  typedArrayLength,
  typedArrayName,
  typedArrayOffset,
  unboxBigInt,
  unboxBoolean,
  unboxNumber,
  unboxString,
} from './intrinsics.ts';
import { kindOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { MAX_DEPTH } from './message.ts';
import type { EncodedValue } from './message.ts';
import { PartList } from './part-list.ts';
import { formatPath } from './path.ts';
import type { Step } from './path.ts';

export interface EncodeOptions {
  /** Largest encoded size, in bytes as `encodedSize` counts them. */
  readonly maxBytes: number;
  /** How errors name the value: `result`, `argument 1`. Default: `value`. */
  readonly root?: string;
  /** The text of an object that crosses as text (a URL); undefined for any other. Asked about instances of classes. */
  readonly encodeSpecial?: (value: object) => string | undefined;
  /** Leave out the stacks of errors: those of the host name its files. Default: false. */
  readonly omitStacks?: boolean;
  /** Answers what is put into `parts` for a buffer. Default: the buffer itself, or a copy of the stretch that is shown. */
  readonly takeBuffer?: (buffer: ArrayBuffer) => ArrayBuffer;
}

/** The value does not fit into `maxBytes`. Which limit that is, only the caller knows. */
export class EncodedTooLarge extends Error {
  readonly limitBytes: number;
  /** Where in the value the limit was met: `result.items[3]`. */
  readonly path: string;

  constructor(limitBytes: number, path: string) {
    super(`Cannot encode ${path}: the value is larger than ${limitBytes} bytes; pass on less of it`);
    this.name = 'EncodedTooLarge';
    this.limitBytes = limitBytes;
    this.path = path;
  }
}

/**
 * Encodes a value. Objects of classes cross as plain objects of their own enumerable string properties; symbol
 * keys and further properties of arrays, Maps and the like are left out. A buffer that is not itself in the value
 * crosses only as far as views show it, since Node's Buffers share memory with unrelated data.
 *
 * The parts may be the value's own buffers: copy them, don't transfer them.
 *
 * @throws CodeModeError `NOT_TRANSFERABLE` for functions, symbols, promises and the like, naming the path.
 * @throws EncodedTooLarge before much more than `maxBytes` was written.
 * @throws whatever a getter or proxy of the value throws.
 */
export function encodeValue(value: unknown, options: EncodeOptions): EncodedValue {
  return new Encoder(options).encode(value);
}

/** Size of an encoded value, in bytes. Text counts one byte a UTF-16 code unit: exact for ASCII, at most a third of UTF-8. */
export function encodedSize(encoded: EncodedValue): number {
  let size = encoded.text.length;
  for (let i = 0; i < encoded.parts.length; i++) {
    const part = encoded.parts[i];
    size += typeof part === 'string' ? part.length : bufferLength(part);
  }
  return size;
}

/** Longer strings, in UTF-16 code units, are parts of their own. */
const LONG_STRING = 1_024;
/** Text is gathered this far, in UTF-16 code units, before it is added to the output and counted. */
const CHUNK = 8_192;
/** `0,`: what an element of an array takes at least. */
const SHORTEST_ELEMENT = 2;
/** Property names that are remembered in their quoted form. */
const MAX_QUOTED_KEYS = 256;

class Encoder {
  readonly #maxBytes: number;
  readonly #root: string;
  readonly #encodeSpecial: EncodeOptions['encodeSpecial'];
  readonly #takeBuffer: EncodeOptions['takeBuffer'];
  readonly #omitStacks: boolean;
  #text = '';
  readonly #parts = new PartList();
  readonly #ids = new IntrinsicMap<object, number>();
  #nextId = 0;
  /** How the value being written is reached: `trail[n]` leads from depth n to n + 1. */
  readonly #trail: Step[] = newList();
  readonly #quotedKeys = createObject(null);
  #quotedKeyCount = 0;
  readonly #holesMayShow = hasIndexes(arrayPrototype) || hasIndexes(objectPrototype);

  constructor(options: EncodeOptions) {
    this.#maxBytes = options.maxBytes;
    this.#root = ownOption(options, 'root') ?? 'value';
    this.#encodeSpecial = ownOption(options, 'encodeSpecial');
    this.#takeBuffer = ownOption(options, 'takeBuffer');
    this.#omitStacks = ownOption(options, 'omitStacks') === true;
  }

  encode(value: unknown): EncodedValue {
    if (typeof value === 'object' && value !== null) this.#object(value, 0);
    else this.#append(this.#leaf(value, 0), 0);
    // Only what is no object and needs no tag is plain.
    const plain = this.#text[0] !== '[' && this.#text[0] !== '{';
    const { parts, bases } = this.#parts.finish(this.#takeBuffer);
    return { text: bases === undefined ? this.#text : `[${bases},${this.#text},"w"]`, plain, parts };
  }

  #append(text: string, depth: number): void {
    this.#text += text;
    if (this.#text.length + this.#parts.bytes > this.#maxBytes) throw this.#tooLarge(depth);
  }

  #tooLarge(depth: number): EncodedTooLarge {
    return new EncodedTooLarge(this.#maxBytes, formatPath(this.#root, this.#trail, depth));
  }

  #refusal(depth: number, what: string, advice = 'only data can cross'): CodeModeError {
    const path = formatPath(this.#root, this.#trail, depth);
    return new CodeModeError('NOT_TRANSFERABLE', `Cannot pass on the value: ${path} is ${what}; ${advice}`);
  }

  /** The text of anything that is not an object. */
  #leaf(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return value.length > LONG_STRING ? this.#longString(value, depth) : quote(value);
      case 'number':
        return numberText(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'undefined':
        return '["u"]';
      case 'bigint':
        return value < 0n ? `["${bigintToString(-value, 16)}","-i"]` : `["${bigintToString(value, 16)}","i"]`;
      case 'object':
        return 'null';
      default:
        throw this.#refusal(depth, `a ${typeof value}`);
    }
  }

  #longString(text: string, depth: number): string {
    if (this.#text.length + this.#parts.bytes + text.length > this.#maxBytes) throw this.#tooLarge(depth);
    // Not every channel carries lone surrogates; JSON text escapes them.
    if (!isWellFormed(text)) return quote(text);
    return `[${this.#parts.addText(text)},"s"]`;
  }

  #object(value: object, depth: number): void {
    const known = mapGet(this.#ids, value);
    if (known !== undefined) return this.#append(`[${known},"r"]`, depth);
    if (depth > MAX_DEPTH) throw this.#refusal(depth, 'too deeply nested', `at most ${MAX_DEPTH} levels can cross`);
    const kind = kindOf(value);
    if (kind === 'array') this.#array(value, depth);
    else if (kind === 'plain') this.#plain(value, depth);
    else this.#exotic(value, kind, depth);
  }

  #register(value: object): void {
    mapSet(this.#ids, value, this.#nextId++);
  }

  #array(value: object, depth: number): void {
    if (!isArray(value)) return;
    this.#register(value);
    const length = value.length;
    if (this.#text.length + this.#parts.bytes + length * SHORTEST_ELEMENT > this.#maxBytes) throw this.#tooLarge(depth);
    let text = '[';
    for (let i = 0; i < length; i++) {
      const item = value[i];
      if ((item === undefined || this.#holesMayShow) && !hasOwn(value, i)) {
        text += '[],';
      } else {
        this.#trail[depth] = i;
        if (typeof item === 'object' && item !== null) {
          this.#append(text, depth);
          this.#object(item, depth + 1);
          text = ',';
        } else {
          text += `${this.#leaf(item, depth + 1)},`;
        }
      }
      if (text.length > CHUNK) {
        this.#append(text, depth + 1);
        text = '';
      }
    }
    this.#append(`${text}0]`, depth);
  }

  #plain(value: object, depth: number): void {
    this.#register(value);
    if (isRecord(value)) this.#fields(value, objectKeys(value), depth);
  }

  #fields(value: Readonly<Record<string, unknown>>, names: readonly string[], depth: number): void {
    const keys = inJsonOrder(names);
    let text = '{';
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      const item = value[key];
      this.#trail[depth] = key;
      text += i === 0 ? this.#quotedKey(key) : `,${this.#quotedKey(key)}`;
      if (typeof item === 'object' && item !== null) {
        this.#append(text, depth);
        this.#object(item, depth + 1);
        text = '';
      } else {
        text += this.#leaf(item, depth + 1);
      }
      if (text.length > CHUNK) {
        this.#append(text, depth + 1);
        text = '';
      }
    }
    this.#append(`${text}}`, depth);
  }

  /** `"key":`, remembered for the next object of that shape. */
  #quotedKey(key: string): string {
    const known = this.#quotedKeys[key];
    if (typeof known === 'string') return known;
    const quoted = `${quote(key)}:`;
    if (this.#quotedKeyCount < MAX_QUOTED_KEYS) {
      this.#quotedKeyCount++;
      this.#quotedKeys[key] = quoted;
    }
    return quoted;
  }

  #exotic(value: object, kind: Kind, depth: number): void {
    switch (kind) {
      case 'instance':
        return this.#instance(value, depth);
      case 'null-prototype':
        this.#append('[', depth);
        this.#plain(value, depth);
        return this.#append(',"n"]', depth);
      case 'date':
        return this.#date(value, depth);
      case 'regexp':
        return this.#regExp(value, depth);
      case 'map':
        return this.#map(value, depth);
      case 'set':
        return this.#set(value, depth);
      case 'error':
        return this.#error(value, depth);
      case 'buffer':
        return this.#buffer(value, 0, this.#genuine(bufferLength, value, 'ArrayBuffer', depth), depth);
      case 'view':
        return this.#view(value, depth);
      case 'boxed number':
        return this.#append(numberText(this.#genuine(unboxNumber, value, kind, depth)), depth);
      case 'boxed string':
        return this.#append(this.#leaf(this.#genuine(unboxString, value, kind, depth), depth), depth);
      case 'boxed boolean':
        return this.#append(this.#leaf(this.#genuine(unboxBoolean, value, kind, depth), depth), depth);
      case 'boxed bigint':
        return this.#append(this.#leaf(this.#genuine(unboxBigInt, value, kind, depth), depth), depth);
      case 'Promise':
        throw this.#refusal(depth, 'a Promise', 'await it first');
      default:
        throw this.#refusal(depth, kind === 'iterator' ? 'an iterator' : `a ${kind}`, 'pass on its contents');
    }
  }

  /** Reads an internal slot; the prototype alone may promise what the object is not. */
  #genuine<Result>(read: (value: object) => Result, value: object, kind: string, depth: number): Result {
    try {
      return read(value);
    } catch {
      throw this.#refusal(depth, `not a genuine ${kind}, though its prototype says so`, 'copy a proxy first');
    }
  }

  #instance(value: object, depth: number): void {
    const special = this.#encodeSpecial?.(value);
    if (special === undefined) this.#plain(value, depth);
    else this.#append(this.#leaf(special, depth), depth);
  }

  #date(value: object, depth: number): void {
    const time = this.#genuine(dateTime, value, 'Date', depth);
    this.#register(value);
    this.#append(time === time ? `[${numberText(time)},"d"]` : '[null,"d"]', depth);
  }

  #regExp(value: object, depth: number): void {
    const source = this.#genuine(regExpSource, value, 'RegExp', depth);
    this.#register(value);
    this.#append(`[${this.#leaf(source, depth)},"${regExpFlags(value)}","x"]`, depth);
  }

  #map(value: object, depth: number): void {
    this.#genuine(mapSize, value, 'Map', depth);
    this.#register(value);
    this.#append('[', depth);
    let index = 0;
    mapForEach(value, (item, key) => {
      this.#entry(key, { entry: 'key', at: index }, depth);
      this.#entry(item, { entry: 'value', at: typeof key === 'string' ? key : index }, depth);
      index++;
    });
    this.#append('"m"]', depth);
  }

  #set(value: object, depth: number): void {
    this.#genuine(setSize, value, 'Set', depth);
    this.#register(value);
    this.#append('[', depth);
    let index = 0;
    setForEach(value, (item) => this.#entry(item, { entry: 'value', at: index++ }, depth));
    this.#append('"t"]', depth);
  }

  #entry(value: unknown, step: Step, depth: number): void {
    this.#trail[depth] = step;
    if (typeof value === 'object' && value !== null) this.#object(value, depth + 1);
    else this.#append(this.#leaf(value, depth + 1), depth + 1);
    this.#append(',', depth + 1);
  }

  #error(value: object, depth: number): void {
    if (!isRecord(value)) return;
    this.#register(value);
    const { name, message, stack } = value;
    const stackText = typeof stack === 'string' && !this.#omitStacks ? this.#leaf(stack, depth) : 'null';
    const nameText = this.#leaf(typeof name === 'string' ? name : 'Error', depth);
    const messageText = this.#leaf(typeof message === 'string' ? message : '', depth);
    this.#append(`[${nameText},${messageText},${stackText},`, depth);
    this.#fields(value, errorKeys(value), depth);
    this.#append(',"e"]', depth);
  }

  #view(value: object, depth: number): void {
    const name = typedArrayName(value) ?? 'DataView';
    const isDataView = name === 'DataView';
    const buffer = this.#genuine(isDataView ? dataViewBuffer : typedArrayBuffer, value, name, depth);
    const offset = this.#genuine(isDataView ? dataViewOffset : typedArrayOffset, value, name, depth);
    const bytes = this.#genuine(isDataView ? dataViewBytes : typedArrayBytes, value, name, depth);
    this.#append('[', depth);
    this.#buffer(buffer, offset, offset + bytes, depth);
    this.#register(value);
    this.#append(`,${offset},${isDataView ? bytes : typedArrayLength(value)},"${name}","v"]`, depth);
  }

  /** Writes a buffer of which `start` to `end` is shown. */
  #buffer(buffer: object, start: number, end: number, depth: number): void {
    if (!isBuffer(buffer)) throw this.#refusal(depth, 'backed by a SharedArrayBuffer', 'pass on a copy');
    if (bufferIsDetached(buffer)) throw this.#refusal(depth, 'a detached ArrayBuffer', 'pass on the one it was moved to');
    const isWhole = this.#takeBuffer !== undefined;
    const part = this.#parts.addBuffer(buffer, isWhole ? 0 : start, isWhole ? bufferLength(buffer) : end);
    if (part === undefined) {
      this.#append(`[${mapGet(this.#ids, buffer)},"r"]`, depth);
    } else {
      this.#register(buffer);
      this.#append(`[${part},"b"]`, depth);
    }
  }
}

function numberText(value: number): string {
  if (value !== value) return '["N"]';
  if (value === 0 && 1 / value < 0) return '-0';
  // A number that overflows is how JSON spells Infinity.
  if (value - value !== 0) return value > 0 ? '1e999' : '-1e999';
  return `${value}`;
}

/** The properties of an error that are not written apart. `cause` and `errors` are not enumerable. */
function errorKeys(error: object): string[] {
  const keys: string[] = newList();
  const names = objectKeys(error);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    if (name !== 'name' && name !== 'message' && name !== 'stack') keys[keys.length] = name;
  }
  if (isHidden(error, 'cause')) keys[keys.length] = 'cause';
  if (isHidden(error, 'errors')) keys[keys.length] = 'errors';
  return keys;
}

function isHidden(value: object, name: string): boolean {
  return hasOwn(value, name) && getOwnPropertyDescriptor(value, name)?.enumerable === false;
}

/** A polluted prototype shows through the holes of arrays. Indexes are an object's first keys. */
function hasIndexes(prototype: object): boolean {
  const first = ownKeys(prototype)[0];
  return typeof first === 'string' && isIndex(first);
}

function isIndex(key: string): boolean {
  // The comparisons alone tell most names from digits.
  return key < ':' && key >= '0' && `${+key}` === key && +key < 4_294_967_295;
}

/**
 * The order in which `JSON.parse` will list these keys: indexes first, ascending. Every object lists its own keys
 * so, but a proxy need not, and the decoder would number the objects in another order.
 */
function inJsonOrder(keys: readonly string[]): readonly string[] {
  let lastIndex = -1;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    if (!isIndex(key)) lastIndex = 4_294_967_295;
    else if (+key > lastIndex) lastIndex = +key;
    else return reordered(keys);
  }
  return keys;
}

function reordered(keys: readonly string[]): string[] {
  const record = createObject(null);
  for (let i = 0; i < keys.length; i++) record[keys[i] ?? ''] = true;
  return objectKeys(record);
}
