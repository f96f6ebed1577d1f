/**
 * Turns a value into an {@link EncodedValue}. The same source runs on the host and in the guest, where the value
 * and everything reachable from it is the agent's: see `intrinsics.ts` for what that forbids here.
 *
 * The text is JSON, and flat: it lists the objects in the order in which they are met, and one inside another is
 * written `[n]`, its place in that list. So shared objects and cycles need nothing further, and no depth of
 * nesting needs a stack, here or in the decoder or in the engine's own `JSON.parse`.
 *
 * Where JSON alone can carry the value, its plain JSON text is used instead: see `plain.ts`.
 *
 * A JSON array other than `[n]` ends in a tag, so that the decoder makes an array of it by dropping the tag.
 *
 * | JSON                                    | is                                                            |
 * |-----------------------------------------|---------------------------------------------------------------|
 * | `[object, object, ..., "g"]`            | the whole text, where the value is an object: the first one   |
 * | `[object, ..., [base, ...], "w"]`       | the same, with parts that start at `base` of their buffer     |
 * | any other text                          | the value, where it is none                                   |
 *
 * | value                                   | is                                                            |
 * |-----------------------------------------|---------------------------------------------------------------|
 * | `"text"` `1` `true` `null`              | itself                                                        |
 * | `["u"]`                                 | undefined                                                     |
 * | `["NaN"]` `["-0"]` `["Infinity"]`       | such a number                                                 |
 * | `["ff", "i"]` `["ff", "-i"]`            | a bigint, in hexadecimal: linear to print and to parse        |
 * | `[part, "s"]`                           | a string that is a part                                       |
 * | `[n]`                                   | an object of the list                                         |
 *
 * | object                                  | is                                                            |
 * |-----------------------------------------|---------------------------------------------------------------|
 * | `{"key": value, ...}`                   | an object                                                     |
 * | `[{"key": value, ...}, "n"]`            | an object without a prototype                                 |
 * | `[value, [], ..., 0]`                   | an array; `[]` is a hole                                      |
 * | `[key, value, ..., "m"]` `[value, "t"]` | a Map, a Set                                                  |
 * | `[milliseconds or null, "d"]`           | a Date                                                        |
 * | `[source, flags, "x"]`                  | a RegExp                                                      |
 * | `[name, message, stack, {...}, "e"]`    | an Error, with its own properties, cause and errors           |
 * | `[part, "b"]`                           | an ArrayBuffer                                                |
 * | `[part, offset, length, name, "v"]`     | a typed array or DataView                                     |
 */
import { CodeModeError } from '../../errors/code-mode-error.ts';
import {
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
import { LONG_STRING, MAX_DEPTH } from './message.ts';
import type { EncodedValue } from './message.ts';
import { PartList } from './part-list.ts';
import { formatPath } from './path.ts';
import type { Met, Step } from './path.ts';
import { plainJson } from './plain.ts';
import { prototypesHaveIndexes } from './pollution.ts';

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
    super('Cannot encode ' + path + ': the value is larger than ' + limitBytes + ' bytes; pass on less of it');
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
  const text = plainJson(value, options.maxBytes);
  if (text !== undefined) return { text, plain: true, parts: [] };
  return encodeTagged(value, options);
}

/** As `encodeValue`, for a value of which `plainJson` has answered that JSON alone can't carry it. */
export function encodeTagged(value: unknown, options: EncodeOptions): EncodedValue {
  return new Encoder(options).encode(value);
}

/** Size of an encoded value, in bytes. Text counts one byte a UTF-16 code unit: exact for ASCII, never under a third. */
export function encodedSize(encoded: EncodedValue): number {
  let size = encoded.text.length;
  for (let i = 0; i < encoded.parts.length; i++) {
    const part = encoded.parts[i];
    size += typeof part === 'string' ? part.length : bufferLength(part);
  }
  return size;
}

/** Spelled out, lest an option is found on a polluted `Object.prototype`. */
const NO_DETAILS = { cause: undefined, details: {} };
/** Text is gathered this far, in UTF-16 code units, before it is added to the output and counted. */
const CHUNK = 8_192;
/** `0,` and `"":0,`: what an element and a property take at least, in bytes. */
const SHORTEST_ELEMENT = 2;
const SHORTEST_PROPERTY = 5;
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
  /** The objects met so far, in order. */
  readonly #objects: Met[] = newList();
  /** The one that is being written. */
  #current: Met | undefined;
  readonly #quotedKeys: Record<string, string> = createObject(null);
  #quotedKeyCount = 0;
  readonly #holesMayShow = prototypesHaveIndexes();

  constructor(options: EncodeOptions) {
    this.#maxBytes = options.maxBytes;
    this.#root = ownOption(options, 'root') ?? 'value';
    this.#encodeSpecial = ownOption(options, 'encodeSpecial');
    this.#takeBuffer = ownOption(options, 'takeBuffer');
    this.#omitStacks = ownOption(options, 'omitStacks') === true;
  }

  encode(value: unknown): EncodedValue {
    const first = this.#value(value, '');
    if (this.#objects.length === 0) {
      this.#append(first);
      return { text: first, plain: false, parts: this.#parts.finish(undefined).parts };
    }
    this.#text = '[';
    for (let i = 0; i < this.#objects.length; i++) this.#writeObject(this.#objects[i]);
    this.#current = undefined;
    const { parts, bases } = this.#finishParts();
    this.#append(bases === undefined ? '"g"]' : '[' + bases + '],"w"]');
    return { text: this.#text, plain: false, parts };
  }

  #finishParts(): ReturnType<PartList['finish']> {
    try {
      return this.#parts.finish(this.#takeBuffer);
    } catch {
      throw this.#refusal(
        undefined,
        'no longer what it was: a getter shrank one of its buffers',
        'leave them as they are',
      );
    }
  }

  /** Adds finished text to the output, and holds it to the limit. */
  #append(text: string): void {
    this.#text += text;
    this.#reserve(0);
  }

  /** @throws EncodedTooLarge when so many bytes more do not fit. */
  #reserve(bytes: number): void {
    if (this.#text.length + this.#parts.bytes + bytes > this.#maxBytes) {
      throw new EncodedTooLarge(this.#maxBytes, formatPath(this.#root, this.#current));
    }
  }

  #refusal(step: Step | undefined, what: string, advice = 'only data can cross'): CodeModeError {
    const path = formatPath(this.#root, this.#current, step);
    return new CodeModeError(
      'NOT_TRANSFERABLE',
      'Cannot pass on the value: ' + path + ' is ' + what + '; ' + advice,
      NO_DETAILS,
    );
  }

  /** The text of a value inside of an object; an object is put on the list. */
  #value(value: unknown, step: Step): string {
    switch (typeof value) {
      case 'string':
        return value.length > LONG_STRING ? this.#longString(value) : quote(value);
      case 'number':
        return value - value === 0 && (value !== 0 || 1 / value > 0) ? '' + value : oddNumber(value);
      case 'object':
        return value === null ? 'null' : this.#reference(value, step);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'undefined':
        return '["u"]';
      case 'bigint':
        return value < 0n ? '["' + bigintToString(-value, 16) + '","-i"]' : '["' + bigintToString(value, 16) + '","i"]';
      default:
        throw this.#refusal(step, 'a ' + typeof value);
    }
  }

  #longString(text: string): string {
    this.#reserve(text.length);
    // Not every channel carries lone surrogates; JSON text escapes them.
    return isWellFormed(text) ? '[' + this.#parts.addText(text) + ',"s"]' : quote(text);
  }

  #reference(value: object, step: Step): string {
    const known = mapGet(this.#ids, value);
    if (known !== undefined) return '[' + known + ']';
    const kind = kindOf(value);
    if (kind !== 'plain' && kind !== 'array') {
      const text = this.#primitive(value, kind, step);
      if (text !== undefined) return text;
    }
    const depth = this.#current === undefined ? 0 : this.#current.depth + 1;
    if (depth > MAX_DEPTH) throw this.#refusal(step, 'too deeply nested', 'at most ' + MAX_DEPTH + ' levels can cross');
    const id = this.#objects.length;
    this.#objects[id] = { value, kind, parent: this.#current, step, depth };
    mapSet(this.#ids, value, id);
    return '[' + id + ']';
  }

  /** The text of an object that crosses as a primitive; undefined for one that crosses as an object. */
  #primitive(value: object, kind: Kind, step: Step): string | undefined {
    switch (kind) {
      case 'instance': {
        const text = this.#encodeSpecial?.(value);
        return text === undefined ? undefined : this.#value(text, step);
      }
      case 'Number':
        return this.#value(this.#genuine(unboxNumber, value, kind, step), step);
      case 'String':
        return this.#value(this.#genuine(unboxString, value, kind, step), step);
      case 'Boolean':
        return this.#value(this.#genuine(unboxBoolean, value, kind, step), step);
      case 'BigInt':
        return this.#value(this.#genuine(unboxBigInt, value, kind, step), step);
      case 'Promise':
        throw this.#refusal(step, 'a Promise', 'await it first');
      case 'iterator':
        throw this.#refusal(step, 'an iterator', 'collect what it yields first');
      case 'Symbol':
      case 'WeakMap':
      case 'WeakSet':
      case 'WeakRef':
      case 'SharedArrayBuffer':
        throw this.#refusal(step, 'a ' + kind);
      default:
        return undefined;
    }
  }

  /** Reads an internal slot: a proxy, or a prototype that was set, promises what the object is not. */
  #genuine<Result>(read: (value: object) => Result, value: object, kind: string, step?: Step): Result {
    try {
      return read(value);
    } catch {
      throw this.#refusal(step, 'no genuine ' + kind + ', though its prototype says so', 'pass on a copy');
    }
  }

  #writeObject(met: Met | undefined): void {
    if (met === undefined) return;
    this.#current = met;
    const { value, kind } = met;
    if (isArray(value)) this.#writeArray(value);
    else if (isRecord(value)) this.#writeRecord(value, kind);
  }

  #writeRecord(value: Readonly<Record<string, unknown>>, kind: Kind): void {
    switch (kind) {
      case 'null-prototype':
        this.#text += '[';
        this.#writeFields(value, objectKeys(value));
        return this.#append(',"n"],');
      case 'Date': {
        const time = this.#genuine(dateTime, value, kind);
        return this.#append(time === time ? '[' + time + ',"d"],' : '[null,"d"],');
      }
      case 'RegExp': {
        const source = this.#value(this.#genuine(regExpSource, value, kind), 'source');
        return this.#append('[' + source + ',"' + regExpFlags(value) + '","x"],');
      }
      case 'Map':
        return this.#writeMap(value);
      case 'Set':
        return this.#writeSet(value);
      case 'Error':
        return this.#writeError(value);
      case 'ArrayBuffer':
        return this.#append('[' + this.#buffer(value, 0, this.#genuine(bufferLength, value, kind)) + ',"b"],');
      case 'view':
        return this.#writeView(value);
      default:
        this.#writeFields(value, objectKeys(value));
        return this.#append(',');
    }
  }

  #writeArray(value: readonly unknown[]): void {
    const length = value.length;
    this.#reserve(length * SHORTEST_ELEMENT);
    let text = '[';
    for (let i = 0; i < length; i++) {
      // Asked first where a hole reads as something else than undefined.
      const item = this.#holesMayShow && !hasOwn(value, i) ? undefined : value[i];
      text += item === undefined && !hasOwn(value, i) ? '[],' : this.#value(item, i) + ',';
      if (text.length > CHUNK) {
        this.#append(text);
        text = '';
      }
    }
    this.#append(text + '0],');
  }

  #writeFields(value: Readonly<Record<string, unknown>>, keys: readonly string[]): void {
    this.#reserve(keys.length * SHORTEST_PROPERTY);
    let text = '{';
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      const quoted = this.#quotedKeys[key] ?? this.#quoteKey(key);
      text += (i === 0 ? quoted : ',' + quoted) + this.#value(value[key], key);
      if (text.length > CHUNK) {
        this.#append(text);
        text = '';
      }
    }
    this.#append(text + '}');
  }

  /** `"key":`, remembered for the next object of that shape. */
  #quoteKey(key: string): string {
    const quoted = quote(key) + ':';
    if (this.#quotedKeyCount < MAX_QUOTED_KEYS) {
      this.#quotedKeyCount++;
      this.#quotedKeys[key] = quoted;
    }
    return quoted;
  }

  #writeMap(value: object): void {
    this.#reserve(this.#genuine(mapSize, value, 'Map') * 2 * SHORTEST_ELEMENT);
    this.#text += '[';
    let index = 0;
    mapForEach(value, (item, key) => {
      const keyText = this.#value(key, { entry: 'key', at: index });
      const itemText = this.#value(item, { entry: 'value', at: typeof key === 'string' ? key : index });
      this.#append(keyText + ',' + itemText + ',');
      index++;
    });
    this.#append('"m"],');
  }

  #writeSet(value: object): void {
    this.#reserve(this.#genuine(setSize, value, 'Set') * SHORTEST_ELEMENT);
    this.#text += '[';
    let index = 0;
    setForEach(value, (item) => this.#append(this.#value(item, { entry: 'value', at: index++ }) + ','));
    this.#append('"t"],');
  }

  #writeError(error: Readonly<Record<string, unknown>>): void {
    const { name, message, stack } = error;
    const nameText = this.#value(typeof name === 'string' ? name : 'Error', 'name');
    const messageText = this.#value(typeof message === 'string' ? message : '', 'message');
    const stackText = typeof stack === 'string' && !this.#omitStacks ? this.#value(stack, 'stack') : 'null';
    this.#append('[' + nameText + ',' + messageText + ',' + stackText + ',');
    this.#writeFields(error, errorKeys(error));
    this.#append(',"e"],');
  }

  #writeView(value: object): void {
    const name = typedArrayName(value) ?? 'DataView';
    const isDataView = name === 'DataView';
    const buffer = this.#genuine(isDataView ? dataViewBuffer : typedArrayBuffer, value, name);
    const offset = this.#genuine(isDataView ? dataViewOffset : typedArrayOffset, value, name);
    const bytes = this.#genuine(isDataView ? dataViewBytes : typedArrayBytes, value, name);
    const part = this.#buffer(buffer, offset, offset + bytes);
    const length = isDataView ? bytes : typedArrayLength(value);
    this.#append('[' + part + ',' + offset + ',' + length + ',"' + name + '","v"],');
  }

  /** The part of a buffer of which `start` to `end` is shown. */
  #buffer(buffer: object, start: number, end: number): number {
    if (!isBuffer(buffer)) throw this.#refusal(undefined, 'backed by a SharedArrayBuffer', 'pass on a copy');
    if (bufferIsDetached(buffer))
      throw this.#refusal(undefined, 'backed by a detached ArrayBuffer', 'pass on the one it moved to');
    if (this.#takeBuffer === undefined) return this.#parts.addBuffer(buffer, start, end);
    return this.#parts.addBuffer(buffer, 0, bufferLength(buffer));
  }
}

function oddNumber(value: number): string {
  if (value !== value) return '["NaN"]';
  if (value === 0) return '["-0"]';
  return value > 0 ? '["Infinity"]' : '["-Infinity"]';
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
