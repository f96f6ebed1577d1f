import { apply, arrayPrototype, newList, ownKeys, quote, setPrototypeOf } from '../../protocol/codec/intrinsics.ts';
import { iteratorPrototype, ownDescriptor, reflectGet, symbolIterator, toWellFormed } from './captured.ts';
import { defineHidden, nameClass, showMembers } from './define.ts';
import { eachOf, encodeArray, encodeTexts, isCallable, isIterable, isObject } from './encode.ts';
import { incompatible, requireArguments, typeError } from './errors.ts';
import { ask } from './host.ts';

type Part = 'key' | 'value' | 'entry';

/** What this module alone may do with parameters: their class hands it out. */
let connect: (params: URLSearchParams, onChange: (query: string) => void) => void;
let replaceList: (params: URLSearchParams, list: string[]) => void;
let listOf: (value: object) => readonly string[] | undefined;

/** The URL standard's class. Names and values take turns in one list; the host knows how they are written in a query. */
export class URLSearchParams {
  #list: string[] = newList();
  #onChange: ((query: string) => void) | undefined;

  constructor(init?: unknown) {
    if (!isObject(init)) this.#list = init === undefined ? newList() : parseQuery(usvText(init));
    else if ((reflectGet(init, symbolIterator) ?? undefined) === undefined) this.#fillFromRecord(init);
    else this.#fillFromPairs(init);
  }

  get size(): number {
    return this.#list.length / 2;
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, ['name', 'value']);
    this.#add(usvText(name), usvText(value));
    this.#changed();
  }

  delete(name: unknown, value?: unknown): void {
    requireArguments(arguments.length, ['name']);
    this.#remove(usvText(name), value === undefined ? undefined : usvText(value));
    this.#changed();
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, ['name']);
    const index = this.#find(usvText(name), undefined);
    return index === -1 ? null : (this.#list[index + 1] ?? null);
  }

  getAll(name: unknown): string[] {
    requireArguments(arguments.length, ['name']);
    const wanted = usvText(name);
    const found: string[] = newList();
    for (let i = 0; i < this.#list.length; i += 2) {
      if (this.#list[i] === wanted) found[found.length] = this.#list[i + 1] ?? '';
    }
    setPrototypeOf(found, arrayPrototype);
    return found;
  }

  has(name: unknown, value?: unknown): boolean {
    requireArguments(arguments.length, ['name']);
    return this.#find(usvText(name), value === undefined ? undefined : usvText(value)) !== -1;
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, ['name', 'value']);
    const wanted = usvText(name);
    const text = usvText(value);
    const index = this.#find(wanted, undefined);
    if (index === -1) this.#add(wanted, text);
    else {
      this.#remove(wanted, undefined, index);
      this.#list[index + 1] = text;
    }
    this.#changed();
  }

  sort(): void {
    this.#list = withoutPrototype(ask('params.sort', encodeArray([encodeTexts(this.#list)])));
    this.#changed();
  }

  entries(): ParamsIterator {
    return this.#iterate('entry');
  }

  forEach(callback: unknown, thisArg?: unknown): void {
    if (!isCallable(callback))
      throw typeError('The "callback" argument must be of type function', 'ERR_INVALID_ARG_TYPE');
    for (let i = 0; i < this.#list.length; i += 2) apply(callback, thisArg, [this.#list[i + 1], this.#list[i], this]);
  }

  keys(): ParamsIterator {
    return this.#iterate('key');
  }

  values(): ParamsIterator {
    return this.#iterate('value');
  }

  toString(): string {
    return serialize(this.#list);
  }

  #iterate(part: Part): ParamsIterator {
    // The list may be another one at the next step.
    if (!(#list in this)) throw incompatible('URLSearchParams');
    return new ParamsIterator(() => this.#list, part);
  }

  #add(name: string, value: string): void {
    this.#list[this.#list.length] = name;
    this.#list[this.#list.length] = value;
  }

  /** The place of the first parameter of that name, and of that value if one is given; -1 when there is none. */
  #find(name: string, value: string | undefined): number {
    for (let i = 0; i < this.#list.length; i += 2) if (this.#matches(i, name, value)) return i;
    return -1;
  }

  #matches(index: number, name: string, value: string | undefined): boolean {
    return this.#list[index] === name && (value === undefined || this.#list[index + 1] === value);
  }

  /** Removes the parameters that match, but not the one at `except`. */
  #remove(name: string, value: string | undefined, except = -1): void {
    const kept: string[] = newList();
    for (let i = 0; i < this.#list.length; i += 2) {
      if (i !== except && this.#matches(i, name, value)) continue;
      kept[kept.length] = this.#list[i] ?? '';
      kept[kept.length] = this.#list[i + 1] ?? '';
    }
    this.#list = kept;
  }

  #changed(): void {
    this.#onChange?.(serialize(this.#list));
  }

  #fillFromPairs(init: object): void {
    eachOf(init, (pair) => {
      const items = newList<unknown>();
      if (!isObject(pair) || !isIterable(pair)) throw invalidTuple();
      eachOf(pair, (item) => {
        if (items.length === 2) throw invalidTuple();
        items[items.length] = item;
      });
      if (items.length !== 2) throw invalidTuple();
      this.#add(usvText(items[0]), usvText(items[1]));
    });
  }

  #fillFromRecord(init: object): void {
    const keys = ownKeys(init);
    // Two keys may become one where lone surrogates are replaced; then the last value counts.
    let replaced = false;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? '';
      if (ownDescriptor(init, key)?.enumerable !== true) continue;
      const name = usvText(key);
      const value = usvText(reflectGet(init, key));
      replaced ||= name !== key;
      const index = replaced ? this.#find(name, undefined) : -1;
      if (index === -1) this.#add(name, value);
      else this.#list[index + 1] = value;
    }
  }

  static {
    connect = (params, onChange) => {
      params.#onChange = onChange;
    };
    replaceList = (params, list) => {
      params.#list = list;
    };
    listOf = (value) => (#list in value ? value.#list : undefined);
    nameClass(URLSearchParams, 'URLSearchParams', 0);
    showMembers(URLSearchParams.prototype, { delete: 1, forEach: 1, has: 1 });
    defineHidden(URLSearchParams.prototype, Symbol.iterator, URLSearchParams.prototype.entries);
  }
}

class ParamsIterator {
  readonly #list: () => readonly string[];
  readonly #part: Part;
  #index = 0;

  constructor(list: () => readonly string[], part: Part) {
    this.#list = list;
    this.#part = part;
  }

  next(): { value: unknown; done: boolean } {
    const list = this.#list();
    if (this.#index >= list.length) return { value: undefined, done: true };
    const name = list[this.#index];
    const value = list[this.#index + 1];
    this.#index += 2;
    if (this.#part === 'entry') return { value: [name, value], done: false };
    return { value: this.#part === 'key' ? name : value, done: false };
  }

  static {
    setPrototypeOf(ParamsIterator.prototype, iteratorPrototype);
    nameClass(ParamsIterator, 'URLSearchParams Iterator', 0);
    showMembers(ParamsIterator.prototype);
    Reflect.deleteProperty(ParamsIterator.prototype, 'constructor');
  }
}

/** Makes the parameters of a URL; `onChange` gets the query whenever they change. */
export function linkParams(query: string, onChange: (query: string) => void): URLSearchParams {
  const params = new URLSearchParams(query);
  connect(params, onChange);
  return params;
}

/** Replaces the parameters, when the URL's query changed. */
export function refillParams(params: URLSearchParams, query: string): void {
  replaceList(params, parseQuery(query));
}

/** The query; undefined for anything that is no URLSearchParams. */
export function paramsToString(value: object): string | undefined {
  const list = listOf(value);
  return list === undefined ? undefined : serialize(list);
}

function parseQuery(query: string): string[] {
  return withoutPrototype(ask('params.parse', encodeArray([quote(query)])));
}

function serialize(list: readonly string[]): string {
  return list.length === 0 ? '' : ask('params.serialize', encodeArray([encodeTexts(list)]));
}

/** Elements can be added to it without meeting a setter of the agent's. */
function withoutPrototype(list: string[]): string[] {
  setPrototypeOf(list, null);
  return list;
}

function invalidTuple(): TypeError {
  return typeError('Each query pair must be an iterable [name, value] tuple', 'ERR_INVALID_TUPLE');
}

/** The standard's strings have no lone surrogates. */
export function usvText(value: unknown): string {
  return toWellFormed(`${value}`);
}
