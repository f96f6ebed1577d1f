import {
  apply,
  dateTime,
  getPrototypeOf,
  newList,
  quote,
  typedArrayLength,
  unboxBigInt,
  unboxNumber,
} from '../../protocol/codec/intrinsics.ts';
import { reflectGet, toNumber, toObject } from './captured.ts';
import { defineMethod } from './define.ts';
import { encodeArray, encodeLocales, encodeOptions, encodePrimitive, isCallable } from './encode.ts';
import { typeError } from './errors.ts';
import { ask } from './host.ts';
import { callHead, classKey, compareTexts, optionNames } from './intl.ts';

/** Replaces the language's methods that depend on a locale: the engine has them, and is silently wrong. */
export function installLocaleMethods(): void {
  installTextMethods(String.prototype);
  const headOf = makeHeads('NumberFormat');
  const formatNumber = (value: number | bigint, args: readonly unknown[]): string =>
    ask('intl.call', `${headOf(args[0], args[1])}"format",[${encodePrimitive(value)}]]`);
  defineMethod(Number.prototype, 'toLocaleString', 0, (self, args) => formatNumber(unboxNumber(self), args));
  defineMethod(BigInt.prototype, 'toLocaleString', 0, (self, args) => formatNumber(unboxBigInt(self), args));
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    defineMethod(Date.prototype, name, 0, (self, args) => formatDate(name, dateTime(self), args));
  }
  defineMethod(Array.prototype, 'toLocaleString', 0, (self, args) => {
    if (self === null || self === undefined)
      throw typeError('Array.prototype.toLocaleString called on null or undefined');
    const array = toObject(self);
    return joinElements(array, toNumber(reflectGet(array, 'length')), args);
  });
  const typedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
  defineMethod(typedArrayPrototype ?? {}, 'toLocaleString', 0, (self, args) =>
    joinElements(toObject(self), typedArrayLength(self), args),
  );
}

function installTextMethods(prototype: object): void {
  const headOf = makeHeads('Collator');
  defineMethod(prototype, 'localeCompare', 1, (self, args) => {
    const text = thisText(self, 'localeCompare');
    const other = `${args[0]}`;
    // Other locales and options are for the host to check, even when the texts are the same.
    if (text === other && args[1] === undefined && args[2] === undefined) return 0;
    return compareTexts(headOf(args[1], args[2]), text, other);
  });
  for (const letterCase of ['Upper', 'Lower']) {
    const name = `toLocale${letterCase}Case`;
    defineMethod(prototype, name, 0, (self, args) => {
      const text = thisText(self, name);
      return ask('text.case', encodeArray([quote(letterCase), quote(text), encodeLocales(args[0])]));
    });
  }
}

function thisText(self: unknown, method: string): string {
  if (self === null || self === undefined) throw typeError(`String.prototype.${method} called on null or undefined`);
  return `${self}`;
}

/**
 * Makes the heads of the objects that a method of the language itself needs. It remembers the last one without options:
 * a sort or a table asks for the same again and again.
 */
function makeHeads(type: string): (locales: unknown, options: unknown) => string {
  let lastLocale: string | undefined;
  let lastHead = '';
  return (locales, options) => {
    if (options !== undefined || (locales !== undefined && typeof locales !== 'string')) {
      return callHead(classKey(type, encodeLocales(locales), options));
    }
    if (lastHead === '' || lastLocale !== locales) {
      lastHead = callHead(classKey(type, encodeLocales(locales), undefined));
      lastLocale = locales;
    }
    return lastHead;
  };
}

function formatDate(method: string, time: number, args: readonly unknown[]): string {
  if (time !== time) return 'Invalid Date';
  const options = encodeOptions(args[1], optionNames('DateTimeFormat'));
  return ask(
    'date.format',
    encodeArray([quote(encodeArray([quote(method), encodeLocales(args[0]), options])), `${time}`]),
  );
}

/** Arrays whose elements are being joined: one that contains itself shows nothing there. */
const joining = newList<object>();

function joinElements(array: object, length: number, args: readonly unknown[]): string {
  for (let i = 0; i < joining.length; i++) if (joining[i] === array) return '';
  joining[joining.length] = array;
  try {
    let text = '';
    for (let i = 0; i + 1 <= length; i++) text += `${i === 0 ? '' : ','}${elementText(reflectGet(array, i), args)}`;
    return text;
  } finally {
    joining.length -= 1;
  }
}

function elementText(element: unknown, args: readonly unknown[]): string {
  if (element === null || element === undefined) return '';
  const method = reflectGet(toObject(element), 'toLocaleString', element);
  if (!isCallable(method)) throw typeError('toLocaleString is not a function');
  return `${apply(method, element, [args[0], args[1]])}`;
}
