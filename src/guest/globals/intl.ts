import { construct, defineProperty, mapGet, newList, quote } from '../../protocol/codec/intrinsics.ts';
import { currentTime } from './captured.ts';
import { defineAccessor, defineConstant, defineHidden, defineMethod, nameClass } from './define.ts';
import {
  encodeArgument,
  encodeArray,
  encodeDuration,
  encodeLocale,
  encodeLocales,
  encodeOptions,
  encodeStringList,
  isObject,
} from './encode.ts';
import { typeError } from './errors.ts';
import { ask } from './host.ts';
import { INTL_CLASSES } from './intl-classes.ts';
import type { IntlClass } from './intl-classes.ts';
import { intlState, keepState } from './intl-state.ts';
import type { IntlState } from './intl-state.ts';
import { defineSegment } from './segments.ts';

const optionsByClass = new Map(Object.entries(INTL_CLASSES).map(([type, shape]) => [type, shape.options.split(' ')]));

/** The options that a class reads. */
export function optionNames(type: string): readonly string[] {
  return mapGet(optionsByClass, type) ?? [];
}

/** The `Intl` object. Its classes hold no more than what they were made of; the host answers every call. */
export function createIntl(): object {
  const intl = {};
  defineConstant(intl, Symbol.toStringTag, 'Intl');
  defineMethod(intl, 'getCanonicalLocales', 1, (_, args) =>
    ask('intl.canonicalLocales', encodeArray([encodeLocales(args[0])])),
  );
  defineMethod(intl, 'supportedValuesOf', 1, (_, args) =>
    ask('intl.supportedValues', encodeArray([encodeArgument(args[0], 'string')])),
  );
  for (const [name, shape] of Object.entries(INTL_CLASSES)) defineHidden(intl, name, createClass(name, shape));
  return intl;
}

/** What an object of Intl is made of: `["<class>", <locales>, <options>]`. By this text the host finds it in its cache. */
export function classKey(type: string, locales: string, options: unknown): string {
  return encodeArray([quote(type), locales, encodeOptions(options, optionNames(type))]);
}

/** The start of every `intl.call` of the object with that key. */
export function callHead(key: string): string {
  return `[${quote(key)},`;
}

type CallableClass = ((this: object, locales?: unknown, options?: unknown) => unknown) & { readonly prototype: object };

function createClass(type: string, shape: IntlClass): CallableClass {
  // A function, since three of the classes may be called without `new`.
  const create: CallableClass = function (this: object, locales?: unknown, options?: unknown): unknown {
    if (new.target === undefined) {
      if (shape.callable !== true) throw typeError(`Constructor Intl.${type} requires 'new'`);
      return construct(create, [locales, options]);
    }
    keepState(this, createState(type, locales, options));
    return undefined;
  };
  nameClass(create, type, shape.length ?? 0, `Intl.${type}`);
  defineProperty(create, 'prototype', { writable: false });
  defineMembers(create, type, shape);
  return create;
}

function createState(type: string, locales: unknown, options: unknown): IntlState {
  const isLocale = type === 'Locale';
  const key = classKey(type, isLocale ? encodeLocale(locales) : encodeLocales(locales), options);
  const detail = ask<string | null>('intl.create', encodeArray([quote(key)])) ?? '';
  return { type, head: callHead(isLocale ? classKey(type, quote(detail), undefined) : key), detail, bound: undefined };
}

function defineMembers(create: CallableClass, type: string, shape: IntlClass): void {
  const { prototype } = create;
  for (const [name, letters] of Object.entries(shape.methods)) {
    defineMethod(prototype, name, letters.length, (self, args) => {
      const answer = callMember(stateOf(self, type, name), name, letters, args);
      return name === 'maximize' || name === 'minimize' ? construct(create, [answer]) : answer;
    });
  }
  for (const name of shape.getters?.split(' ') ?? []) {
    defineAccessor(prototype, name, (self) => callMember(stateOf(self, type, name), name, '', []));
  }
  if (shape.bound !== undefined) defineBound(prototype, type, ...shape.bound);
  if (type === 'Segmenter') defineSegment(prototype, (self) => stateOf(self, type, 'segment'));
  if (type === 'Locale') return;
  defineMethod(create, 'supportedLocalesOf', 1, (_, args) =>
    ask(
      'intl.supportedLocales',
      encodeArray([quote(type), encodeLocales(args[0]), encodeOptions(args[1], ['localeMatcher'])]),
    ),
  );
}

/** `format` and `compare` are getters that answer one function for an object, which needs no `this`. */
function defineBound(prototype: object, type: string, name: string, letters: string): void {
  defineAccessor(prototype, name, (self) => {
    const state = stateOf(self, type, name);
    state.bound ??= boundFunction(state, name, letters);
    return state.bound;
  });
}

function boundFunction(state: IntlState, name: string, letters: string): unknown {
  const holder: { [key: string]: unknown } = {};
  defineMethod(holder, '', letters.length, (_, args) => {
    const first = args[0];
    const second = args[1];
    if (name === 'compare' && typeof first === 'string' && typeof second === 'string') {
      // Every collation calls a text equal to itself.
      return first === second ? 0 : compareTexts(state.head, first, second);
    }
    return callMember(state, name, letters, args);
  });
  return holder[''];
}

/** A sort calls this tens of thousands of times. */
export function compareTexts(head: string, first: string, second: string): number {
  return ask('intl.call', `${head}"compare",[${quote(first)},${quote(second)}]]`);
}

function callMember(state: IntlState, name: string, letters: string, args: readonly unknown[]): unknown {
  const encoded = newList<string>();
  for (let i = 0; i < letters.length; i++) encoded[i] = encodeByLetter(letters[i], args[i]);
  return ask<unknown>('intl.call', `${state.head}"${name}",${encodeArray(encoded)}]`) ?? undefined;
}

function encodeByLetter(letter: string | undefined, value: unknown): string {
  switch (letter) {
    case 's':
      return encodeArgument(value, 'string');
    case 'l':
      return encodeStringList(value);
    case 'u':
      return encodeDuration(value);
    case 'd':
      return value === undefined ? `${currentTime()}` : encodeArgument(value, 'number');
    default:
      return encodeArgument(value, 'number');
  }
}

function stateOf(self: unknown, type: string, member: string): IntlState {
  const state = isObject(self) ? intlState(self) : undefined;
  if (state?.type === type) return state;
  throw typeError(`Method Intl.${type}.prototype.${member} called on incompatible receiver`);
}
