import { apply, bigintToString, newList, quote, setPrototypeOf } from '../../protocol/codec/intrinsics.ts';
import {
  hasProperty,
  ordinaryToPrimitive,
  reflectGet,
  symbolIterator,
  symbolToPrimitive,
  toNumber,
  toObject,
} from './captured.ts';
import { rangeError, typeError } from './errors.ts';
import { localeTag } from './intl-state.ts';
import { CAPS, DURATION_FIELDS } from './wire.ts';

/**
 * Arguments for the host, as the text of JSON. It is put together by hand: `JSON.stringify` of an object or an array
 * would call a `toJSON` that somebody put on its prototype.
 */

type Hint = 'number' | 'string' | 'boolean';

/** The options that are no text. What they are asked for matters only when their value is an object. */
const OPTION_HINTS: Readonly<Record<string, Hint>> = {
  minimumIntegerDigits: 'number',
  minimumFractionDigits: 'number',
  maximumFractionDigits: 'number',
  minimumSignificantDigits: 'number',
  maximumSignificantDigits: 'number',
  fractionalSecondDigits: 'number',
  fractionalDigits: 'number',
  roundingIncrement: 'number',
  hour12: 'boolean',
  numeric: 'boolean',
  ignorePunctuation: 'boolean',
};
setPrototypeOf(OPTION_HINTS, null);

export function encodeArray(items: readonly string[]): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += i === 0 ? items[i] : `,${items[i]}`;
  return `${text}]`;
}

export function encodeTexts(texts: readonly string[]): string {
  const items = newList<string>();
  for (let i = 0; i < texts.length; i++) items[i] = quote(texts[i] ?? '');
  return encodeArray(items);
}

/** A primitive as it is: what it converts to, or whether it converts at all, is for the host's own Intl to say. */
export function encodePrimitive(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (value === 0) return 1 / value < 0 ? tagged('number', '-0') : '0';
      return value - value === 0 ? `${value}` : tagged('number', `${value}`);
    case 'bigint':
      return tagged('bigint', bigintToString(value, 10));
    case 'symbol':
      return tagged('symbol', '');
    default:
      return value === null ? 'null' : tagged('undefined', '');
  }
}

/** Converts an object to a primitive, as the language does before it converts that to a number or a text. */
export function encodeArgument(value: unknown, hint: Hint): string {
  if (!isObject(value)) return encodePrimitive(value);
  if (hint === 'boolean') return 'true';
  return hint === 'number' ? encodePrimitive(toNumericPrimitive(value)) : quote(`${value}`);
}

/** The `locales` argument of Intl: a tag, a Locale, or a list of them. */
export function encodeLocales(locales: unknown): string {
  if (locales === undefined) return '[]';
  if (!isObject(locales) || localeTag(locales) !== undefined) return encodeLocale(locales);
  const length = toNumber(reflectGet(locales, 'length'));
  if (length >= CAPS.locales + 1)
    throw rangeError(`Cannot use ${length} locales; at most ${CAPS.locales} are supported`);
  const items = newList<string>();
  for (let i = 0; i + 1 <= length; i++) {
    if (hasProperty(locales, i)) items[items.length] = encodeLocale(reflectGet(locales, i));
  }
  return encodeArray(items);
}

export function encodeLocale(locale: unknown): string {
  return isObject(locale) ? quote(localeTag(locale) ?? `${locale}`) : encodePrimitive(locale);
}

/** The options that a class of Intl reads, so far converted that no getter of the agent's is left. */
export function encodeOptions(options: unknown, names: readonly string[]): string {
  return isObject(options)
    ? encodeFields(options, names, (name) => OPTION_HINTS[name] ?? 'string')
    : encodePrimitive(options);
}

export function encodeDuration(duration: unknown): string {
  return isObject(duration) ? encodeFields(duration, DURATION_FIELDS, () => 'number') : encodePrimitive(duration);
}

/** @throws TypeError for an item that is no string, RangeError for too many items. */
export function encodeStringList(list: unknown): string {
  const items = newList<string>();
  const add = (item: unknown): void => {
    if (typeof item !== 'string')
      throw typeError(`Iterable yielded ${typeof item === 'number' ? item : typeof item} which is not a string`);
    if (items.length === CAPS.listItems) throw rangeError(`Cannot format more than ${CAPS.listItems} items`);
    items[items.length] = quote(item);
  };
  if (list !== undefined) eachOf(list, add);
  return encodeArray(items);
}

/** Walks an iterable by the iterator that it has now, as the language itself does. */
export function eachOf(iterable: unknown, visit: (item: unknown) => void): void {
  if (!isIterable(iterable)) throw typeError('The value is not iterable');
  for (const item of iterable) visit(item);
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && value !== undefined && isCallable(reflectGet(toObject(value), symbolIterator, value));
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

export function isCallable(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

/** A member of an options object that is true or false. */
export function flag(options: unknown, name: string): boolean {
  return isObject(options) && !!reflectGet(options, name);
}

function encodeFields(source: object, names: readonly string[], hintOf: (name: string) => Hint): string {
  let text = '';
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    const value = reflectGet(source, name);
    if (value !== undefined) text += `${text === '' ? '' : ','}"${name}":${encodeArgument(value, hintOf(name))}`;
  }
  return `{${text}}`;
}

/** `+value`, but a bigint stays one. */
function toNumericPrimitive(value: object): unknown {
  const exotic = reflectGet(value, symbolToPrimitive);
  if (exotic === undefined || exotic === null) return ordinaryToPrimitive(value, 'number');
  const primitive = isCallable(exotic) ? apply(exotic, value, ['number']) : value;
  if (isObject(primitive)) throw typeError('Cannot convert object to primitive value');
  return primitive;
}

function tagged(kind: string, text: string): string {
  return `{"$":"${kind}","v":"${text}"}`;
}
