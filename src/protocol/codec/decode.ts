import { CodeModeError } from '../../errors/code-mode-error.ts';
import {
  construct,
  createObject,
  defineValue,
  deleteProperty,
  IntrinsicDate,
  IntrinsicMap,
  IntrinsicRegExp,
  IntrinsicSet,
  isArray,
  isBuffer,
  isRecord,
  mapGet,
  mapSet,
  newList,
  objectKeys,
  parseJson,
  setAdd,
  toBigInt,
} from './intrinsics.ts';
import { MAX_DEPTH } from './message.ts';
import type { EncodedValue } from './message.ts';

/**
 * Turns an encoded value back into the value. The message may be hostile: whatever it says, the work and the
 * memory stay in proportion to its size, and no prototype changes.
 *
 * The value takes over the buffers in `parts`.
 *
 * @throws CodeModeError `INVALID_DATA` when the message is not what `encodeValue` writes.
 */
export function decodeValue(encoded: EncodedValue): unknown {
  const tree = parse(encoded.text);
  if (encoded.plain || typeof tree !== 'object' || tree === null) return tree;
  return new Decoder(encoded.parts).decode(tree);
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw invalid('the text is no JSON', error);
  }
}

function invalid(what: string, cause?: unknown): CodeModeError {
  return new CodeModeError('INVALID_DATA', `Cannot decode a value: ${what}; expected a message of encodeValue`, { cause });
}

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

// Records without a prototype: no name but these is found in them.
const VIEWS = withoutPrototype<ViewConstructor>({
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float16Array: Reflect.get(globalThis, 'Float16Array'),
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
});
const ERRORS = withoutPrototype<ErrorConstructor | AggregateErrorConstructor>({
  AggregateError,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
});
const IntrinsicError = Error;

function withoutPrototype<T>(record: Record<string, T>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), record);
}

class Decoder {
  readonly #parts: EncodedValue['parts'];
  /** Objects as they are met; their position is their id. */
  readonly #objects: object[] = newList();
  /** Where in its original buffer each part starts, in bytes; what is missing starts at 0. */
  #bases: readonly unknown[] = newList();
  readonly #baseOf = new IntrinsicMap<ArrayBuffer, number>();

  constructor(parts: EncodedValue['parts']) {
    this.#parts = parts;
  }

  decode(tree: object): unknown {
    if (!isArray(tree) || tree[tree.length - 1] !== 'w') return this.#node(tree, 0);
    expectLength(tree, 2);
    const bases = tree[0];
    if (!isArray(bases)) throw invalid('the bases are no list');
    this.#bases = bases;
    return this.#value(tree[1], 0);
  }

  #register<T extends object>(value: T): T {
    this.#objects[this.#objects.length] = value;
    return value;
  }

  #value(value: unknown, depth: number): unknown {
    return typeof value === 'object' && value !== null ? this.#node(value, depth) : value;
  }

  /** Arrays and objects become what they mean in place: an own element or property that is set again meets no setter. */
  #node(node: object, depth: number): unknown {
    if (depth > MAX_DEPTH) throw invalid('it is too deeply nested');
    if (!isArray(node)) return this.#fields(node, this.#register(node), depth);
    const last = node.length - 1;
    if (last < 0) throw invalid('a hole stands outside of an array');
    return node[last] === 0 ? this.#array(node, last, depth) : this.#tagged(node, last, depth);
  }

  #array(node: unknown[], length: number, depth: number): unknown[] {
    this.#register(node);
    node.length = length;
    for (let i = 0; i < length; i++) {
      const item = node[i];
      if (typeof item !== 'object' || item === null) continue;
      if (isArray(item) && item.length === 0) deleteProperty(node, i);
      else node[i] = this.#node(item, depth + 1);
    }
    return node;
  }

  /** Decodes the properties of `source` into `target`: itself, or an object without a prototype. */
  #fields(source: object, target: object, depth: number): object {
    if (!isRecord(source) || !isRecord(target)) return target;
    const keys = objectKeys(source);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      const item = source[key];
      if (typeof item === 'object' && item !== null) target[key] = this.#node(item, depth + 1);
      else if (source !== target) target[key] = item;
    }
    return target;
  }

  #tagged(node: readonly unknown[], last: number, depth: number): unknown {
    switch (node[last]) {
      case 'u':
        return undefined;
      case 'N':
        return NaN;
      case 'i':
        return bigint(node[0]);
      case '-i':
        return -bigint(node[0]);
      case 's':
        return this.#stringPart(node[0]);
      case 'r':
        return this.#reference(node[0]);
      case 'n':
        return this.#fields(record(node[0]), this.#register(createObject(null)), depth);
      case 'd':
        return this.#register(new IntrinsicDate(node[0] === null ? NaN : finite(node[0])));
      case 'x':
        return this.#register(regExp(this.#text(node[0], depth), this.#text(node[1], depth)));
      case 'm':
        return this.#map(node, last, depth);
      case 't':
        return this.#set(node, last, depth);
      case 'e':
        return this.#error(node, depth);
      case 'b':
        return this.#buffer(node[0]);
      case 'v':
        return this.#view(node, depth);
      default:
        throw invalid('it has an unknown tag');
    }
  }

  #text(value: unknown, depth: number): string {
    const text = this.#value(value, depth + 1);
    if (typeof text !== 'string') throw invalid('text is missing');
    return text;
  }

  #part(index: unknown): ArrayBuffer | string | undefined {
    return typeof index === 'number' && index >= 0 && index < this.#parts.length ? this.#parts[index] : undefined;
  }

  #stringPart(index: unknown): string {
    const part = this.#part(index);
    if (typeof part !== 'string') throw invalid('a part is missing');
    return part;
  }

  #buffer(index: unknown): ArrayBuffer {
    const part = this.#part(index);
    if (!isBuffer(part)) throw invalid('a part is missing');
    const base = typeof index === 'number' && index < this.#bases.length ? this.#bases[index] : undefined;
    if (base !== undefined) mapSet(this.#baseOf, part, finite(base));
    return this.#register(part);
  }

  #reference(id: unknown): object {
    const object = typeof id === 'number' ? this.#objects[id] : undefined;
    if (object === undefined) throw invalid('it refers to an object that is not in it');
    return object;
  }

  #map(node: readonly unknown[], last: number, depth: number): Map<unknown, unknown> {
    if (last % 2 !== 0) throw invalid('a Map has a key without a value');
    const map = this.#register(new IntrinsicMap<unknown, unknown>());
    for (let i = 0; i < last; i += 2) {
      const key = this.#value(node[i], depth + 1);
      mapSet(map, key, this.#value(node[i + 1], depth + 1));
    }
    return map;
  }

  #set(node: readonly unknown[], last: number, depth: number): Set<unknown> {
    const set = this.#register(new IntrinsicSet<unknown>());
    for (let i = 0; i < last; i++) setAdd(set, this.#value(node[i], depth + 1));
    return set;
  }

  #error(node: readonly unknown[], depth: number): Error {
    const name = this.#text(node[0], depth);
    const message = this.#text(node[1], depth);
    const stack = node[2] === null ? `${name}: ${message}` : this.#text(node[2], depth);
    const constructor = ERRORS[name];
    // Not by AggregateError's own constructor: it would iterate.
    const error: Error = this.#register(construct(IntrinsicError, [message], constructor ?? IntrinsicError));
    if (constructor === undefined) defineValue(error, 'name', name, false);
    // Always: the engine's own would show where the decoder runs.
    defineValue(error, 'stack', stack, false);
    const properties = record(node[3]);
    const keys = objectKeys(properties);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      defineValue(error, key, this.#value(properties[key], depth + 1), key !== 'cause' && key !== 'errors');
    }
    return error;
  }

  #view(node: readonly unknown[], depth: number): ArrayBufferView {
    const buffer = this.#value(node[0], depth);
    const constructor = typeof node[3] === 'string' ? VIEWS[node[3]] : undefined;
    if (!isBuffer(buffer) || constructor === undefined) throw invalid('a view has no buffer or an unknown type');
    const offset = finite(node[1]) - (mapGet(this.#baseOf, buffer) ?? 0);
    const length = finite(node[2]);
    return this.#register(attempt('a view does not fit its buffer', () => new constructor(buffer, offset, length)));
  }
}

function expectLength(node: readonly unknown[], length: number): void {
  if (node.length !== length + 1) throw invalid('a tag has the wrong number of values');
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || value - value !== 0) throw invalid('a number is missing');
  return value;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value) || isArray(value)) throw invalid('an object is missing');
  return value;
}

function bigint(digits: unknown): bigint {
  if (typeof digits !== 'string') throw invalid('the digits of a bigint are missing');
  return attempt('a bigint has wrong digits', () => toBigInt(`0x${digits}`));
}

function regExp(source: string, flags: string): RegExp {
  return attempt('this engine does not know a regular expression', () => new IntrinsicRegExp(source, flags));
}

/** Calls what throws for wrong arguments. */
function attempt<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw invalid(what, error);
  }
}
