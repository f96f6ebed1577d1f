import { finite, invalid, makeBigInt, makeError, makeRegExp, makeView } from './decode-objects.ts';
import {
  createObject,
  defineValue,
  deleteProperty,
  IntrinsicDate,
  IntrinsicMap,
  IntrinsicSet,
  isArray,
  isBuffer,
  isRecord,
  mapSet,
  newList,
  objectKeys,
  parseJson,
  setAdd,
} from './intrinsics.ts';
import type { EncodedValue } from './message.ts';

const now = Date.now;
/**
 * Whoever decodes a value stands still meanwhile. Parsing its text takes time in proportion to its size, making the
 * objects may take far more: keys can be chosen so that every insertion into a Map or Set collides.
 */
const MAX_DECODE_MS = 1_000;
const STEPS_A_LOOK = 256;
/** Of all regular expressions in a value: compiling takes far longer than the text's size says. */
const MAX_REGEXP_CHARACTERS = 4_096;

/**
 * Turns an encoded value back into the value. The message may be hostile: whatever it says, the work and the
 * memory stay in proportion to its size, and no prototype changes.
 *
 * The value takes over the buffers in `parts`.
 *
 * @param maxMs how long it may take beside parsing the text, in milliseconds. Default: 1,000.
 * @throws CodeModeError `INVALID_DATA` when the message is not what `encodeValue` writes, or takes longer.
 */
export function decodeValue(encoded: EncodedValue, maxMs: number = MAX_DECODE_MS): unknown {
  const tree = parse(encoded.text);
  if (encoded.plain || typeof tree !== 'object' || tree === null) return tree;
  if (!isArray(tree)) throw invalid('an object stands outside of the list');
  return new Decoder(encoded.parts, maxMs).decode(tree);
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw invalid('the text is no JSON', error);
  }
}

class Decoder {
  readonly #parts: EncodedValue['parts'];
  readonly #deadline: number;
  #steps = 0;
  #regExpLeft = MAX_REGEXP_CHARACTERS;
  /** The objects of the list; at first without what is in them. */
  readonly #objects: object[] = newList();
  /** Where in its original buffer each part starts, in bytes; a part that is not in it starts at 0. */
  #bases: readonly unknown[] = newList();

  constructor(parts: EncodedValue['parts'], maxMs: number) {
    this.#parts = parts;
    this.#deadline = now() + maxMs;
  }

  decode(tree: readonly unknown[]): unknown {
    const last = tree.length - 1;
    const tag = last < 0 ? undefined : tree[last];
    if (tag === 'g') return this.#graph(tree, last);
    if (tag !== 'w') return this.#child(tree);
    const bases = last < 1 ? undefined : tree[last - 1];
    if (!isArray(bases)) throw invalid('the bases are missing');
    this.#bases = bases;
    return this.#graph(tree, last - 1);
  }

  #graph(tree: readonly unknown[], count: number): unknown {
    if (count < 1) throw invalid('the list of objects is empty');
    for (let i = 0; i < count; i++) {
      this.#step();
      this.#objects[i] = this.#make(tree[i]);
    }
    for (let i = 0; i < count; i++) {
      this.#step();
      this.#fill(tree[i], this.#objects[i]);
    }
    return this.#objects[0];
  }

  /** The object of an entry. Arrays and plain objects are the entry itself. */
  #make(entry: unknown): object {
    if (typeof entry !== 'object' || entry === null) throw invalid('the list of objects has something else in it');
    if (!isArray(entry)) return entry;
    switch (entry.length === 0 ? undefined : entry[entry.length - 1]) {
      case 0:
        return entry;
      case 'n':
        return createObject(null);
      case 'd':
        return new IntrinsicDate(entry[0] === null ? NaN : finite(entry[0]));
      case 'x':
        return this.#regExp(this.#text(entry[0]), this.#text(entry[1]));
      case 'm':
        return new IntrinsicMap();
      case 't':
        return new IntrinsicSet();
      case 'e':
        return makeError(
          this.#text(entry[0]),
          this.#text(entry[1]),
          entry[2] === null ? undefined : this.#text(entry[2]),
        );
      case 'b':
        return this.#buffer(entry[0]);
      case 'v':
        return makeView(this.#buffer(entry[0]), this.#base(entry[0]), entry);
      default:
        throw invalid('an object has an unknown tag');
    }
  }

  #fill(entry: unknown, object: object | undefined): void {
    if (!isArray(entry)) return this.#fields(entry, object);
    const last = entry.length - 1;
    switch (entry[last]) {
      case 0:
        return this.#array(entry, last);
      case 'n':
        return this.#fields(entry[0], object);
      case 'm':
        return this.#map(entry, last, object);
      case 't':
        return this.#set(entry, last, object);
      case 'e':
        return this.#properties(entry[3], object);
      default:
    }
  }

  /** In place: an own element that is set again meets no setter. */
  #array(entry: unknown[], length: number): void {
    entry.length = length;
    for (let i = 0; i < length; i++) {
      const item = entry[i];
      if (typeof item !== 'object') continue;
      this.#step();
      if (isArray(item) && item.length === 0) deleteProperty(entry, i);
      else entry[i] = this.#child(item);
    }
  }

  /** Into the entry itself, where a property that is set again meets no setter, or into an object without a prototype. */
  #fields(fields: unknown, target: object | undefined): void {
    if (!isRecord(fields) || isArray(fields) || !isRecord(target)) throw invalid('an object has no properties');
    const keys = objectKeys(fields);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      const item = fields[key];
      this.#step();
      if (typeof item === 'object') target[key] = this.#child(item);
      else if (target !== fields) target[key] = item;
    }
  }

  #map(entry: readonly unknown[], last: number, map: unknown): void {
    if (last % 2 !== 0) throw invalid('a Map has a key without a value');
    for (let i = 0; i < last; i += 2) {
      this.#step();
      mapSet(map, this.#child(entry[i]), this.#child(entry[i + 1]));
    }
  }

  #set(entry: readonly unknown[], last: number, set: unknown): void {
    for (let i = 0; i < last; i++) {
      this.#step();
      setAdd(set, this.#child(entry[i]));
    }
  }

  #properties(fields: unknown, error: object | undefined): void {
    if (!isRecord(fields) || isArray(fields) || error === undefined) throw invalid('an error has no properties');
    const keys = objectKeys(fields);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      this.#step();
      defineValue(error, key, this.#child(fields[key]), key !== 'cause' && key !== 'errors');
    }
  }

  #regExp(source: string, flags: string): RegExp {
    this.#regExpLeft -= source.length;
    if (this.#regExpLeft < 0)
      throw invalid(
        'its regular expressions are too long',
        undefined,
        'at most ' + MAX_REGEXP_CHARACTERS + ' characters in all',
      );
    this.#lookAtTheTime();
    return makeRegExp(source, flags);
  }

  #step(): void {
    this.#steps++;
    if (this.#steps % STEPS_A_LOOK === 0) this.#lookAtTheTime();
  }

  #lookAtTheTime(): void {
    if (now() <= this.#deadline) return;
    throw invalid('it takes too long', undefined, 'pass on fewer objects, holes and entries of Maps and Sets at once');
  }

  /** A value inside of an object, or the whole value where it is no object. */
  #child(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (!isArray(value) || value.length === 0) throw invalid('an object stands outside of the list');
    const tag = value[value.length - 1];
    switch (tag) {
      case 'u':
        return undefined;
      case 'NaN':
        return NaN;
      case '-0':
        return -0;
      case 'Infinity':
        return Infinity;
      case '-Infinity':
        return -Infinity;
      case 'i':
        return makeBigInt(value[0]);
      case '-i':
        return -makeBigInt(value[0]);
      case 's':
        return this.#stringPart(value[0]);
      default:
        return this.#reference(value.length === 1 ? tag : undefined);
    }
  }

  #reference(id: unknown): object {
    const object = typeof id === 'number' ? this.#objects[id] : undefined;
    if (object === undefined) throw invalid('it refers to an object that is not in the list');
    return object;
  }

  #text(value: unknown): string {
    const text = this.#child(value);
    if (typeof text !== 'string') throw invalid('text is missing');
    return text;
  }

  #part(index: unknown): ArrayBuffer | string | undefined {
    const isInside = typeof index === 'number' && index >= 0 && index < this.#parts.length;
    return isInside ? this.#parts[index] : undefined;
  }

  #stringPart(index: unknown): string {
    const part = this.#part(index);
    if (typeof part !== 'string') throw invalid('a part is missing');
    return part;
  }

  #buffer(index: unknown): ArrayBuffer {
    const part = this.#part(index);
    if (!isBuffer(part)) throw invalid('a part is missing');
    return part;
  }

  #base(index: unknown): number {
    return typeof index === 'number' && index < this.#bases.length ? finite(this.#bases[index]) : 0;
  }
}
