import { defineValue, quote } from '../../protocol/codec/intrinsics.ts';
import { defineAccessor, nameClass, showMembers } from './define.ts';
import { encodeArray, isObject } from './encode.ts';
import { incompatible, requireArguments, typeError } from './errors.ts';
import { ask } from './host.ts';
import { linkParams, paramsToString, refillParams, usvText } from './url-search-params.ts';
import type { URLSearchParams } from './url-search-params.ts';
import { URL_FIELDS } from './wire.ts';

type Fields = readonly string[];
const SEARCH = URL_FIELDS.indexOf('search');

/** Reads the href of a URL; undefined for anything else. */
let hrefOf: (value: object) => string | undefined;

/** The URL standard's class. The host parses; an object holds the fields that it answered. */
export class URL {
  #fields: Fields;
  #searchParams: URLSearchParams | undefined;

  constructor(url: unknown, base?: unknown) {
    requireArguments(arguments.length, ['url']);
    const text = usvText(url);
    this.#fields = parse(text, base) ?? refuse(text);
  }

  static canParse(url: unknown, base?: unknown): boolean {
    requireArguments(arguments.length, ['url']);
    return parse(usvText(url), base) !== null;
  }

  static parse(url: unknown, base?: unknown): URL | null {
    requireArguments(arguments.length, ['url']);
    const fields = parse(usvText(url), base);
    return fields === null ? null : new URL(fields[0]);
  }

  get searchParams(): URLSearchParams {
    this.#searchParams ??= linkParams(this.#fields[SEARCH] ?? '', (query) => this.#set('search', query));
    return this.#searchParams;
  }

  toString(): string {
    return this.#fields[0] ?? '';
  }

  toJSON(): string {
    return this.#fields[0] ?? '';
  }

  #set(field: string, value: string): void {
    const fields = ask<Fields | null>(
      'url.set',
      encodeArray([quote(this.#fields[0] ?? ''), quote(field), quote(value)]),
    );
    this.#fields = fields ?? refuse(value);
  }

  #setAndFollow(field: string, value: string): void {
    const before = this.#fields[SEARCH];
    this.#set(field, value);
    const search = this.#fields[SEARCH] ?? '';
    if (this.#searchParams !== undefined && search !== before) refillParams(this.#searchParams, search);
  }

  static #of(value: unknown): URL {
    if (isObject(value) && #fields in value) return value;
    throw incompatible('URL');
  }

  static {
    hrefOf = (value) => (#fields in value ? value.#fields[0] : undefined);
    for (const [index, field] of URL_FIELDS.entries()) {
      const set = (self: unknown, value: unknown): void => URL.#of(self).#setAndFollow(field, usvText(value));
      defineAccessor(
        URL.prototype,
        field,
        (self) => URL.#of(self).#fields[index],
        field === 'origin' ? undefined : set,
      );
    }
    nameClass(URL, 'URL', 1);
    showMembers(URL.prototype);
    showMembers(URL, { canParse: 1, parse: 1 });
  }
}

/** The href of a URL, the query of URLSearchParams, undefined for anything else. Runs no code of the agent's. */
export function urlToString(value: object): string | undefined {
  return hrefOf(value) ?? paramsToString(value);
}

function parse(text: string, base: unknown): Fields | null {
  return ask('url.parse', encodeArray([quote(text), base === undefined ? 'null' : quote(usvText(base))]));
}

/** @throws TypeError with Node's code and the input. */
function refuse(input: string): never {
  const error = typeError('Invalid URL', 'ERR_INVALID_URL');
  defineValue(error, 'input', input, true);
  throw error;
}
