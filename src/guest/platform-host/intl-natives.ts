/** Calls a method, or reads a getter; of a getter that answers a function (`format`, `compare`), calls that. */
export type IntlMember = (instance: object, args: readonly unknown[]) => unknown;

export interface IntlNative {
  readonly create: (locales: unknown, options: unknown) => object;
  readonly supportedLocalesOf: (locales: unknown, options: unknown) => unknown;
  /** What the guest may use of an instance, by name. */
  readonly members: ReadonlyMap<unknown, IntlMember>;
}

const CLASS_NAMES = [
  'Collator',
  'DateTimeFormat',
  'DisplayNames',
  'DurationFormat',
  'ListFormat',
  'Locale',
  'NumberFormat',
  'PluralRules',
  'RelativeTimeFormat',
  'Segmenter',
];

/** Not for `call`: what they answer is not plain data. */
const OTHER_MEMBERS: readonly unknown[] = ['constructor', 'segment'];

const natives: ReadonlyMap<unknown, IntlNative> = new Map(
  CLASS_NAMES.map((name) => [name, describeNative(Reflect.get(Intl, name))]),
);

/** @throws TypeError for any other name. */
export function findClass(name: unknown): IntlNative {
  const native = natives.get(name);
  if (native === undefined) throw new TypeError('Unknown class of Intl');
  return native;
}

export function isSegmenter(instance: object): instance is Intl.Segmenter {
  return instance instanceof Intl.Segmenter;
}

function describeNative(native: unknown): IntlNative {
  if (!isFunction(native)) throw new TypeError('This Node lacks a class of Intl');
  const prototype: unknown = Reflect.get(native, 'prototype');
  const supportedLocalesOf: unknown = Reflect.get(native, 'supportedLocalesOf');
  if (!isObject(prototype)) throw new TypeError('This Node lacks a class of Intl');
  const names = Object.getOwnPropertyNames(prototype).filter((name) => !OTHER_MEMBERS.includes(name));
  return {
    create: (locales, options) => {
      const made: unknown = Reflect.construct(native, [locales, options]);
      if (isObject(made)) return made;
      throw new TypeError('Not an object');
    },
    supportedLocalesOf: (locales, options): unknown => {
      if (isFunction(supportedLocalesOf)) return Reflect.apply(supportedLocalesOf, native, [locales, options]);
      throw new TypeError('Not a function');
    },
    members: new Map(names.map((name) => [name, memberOf(prototype, name)])),
  };
}

function memberOf(prototype: object, name: string): IntlMember {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  const method: unknown = descriptor?.value;
  const get = descriptor?.get;
  if (isFunction(method)) return (instance, args): unknown => Reflect.apply(method, instance, args);
  return (instance, args): unknown => {
    const answer: unknown = get === undefined ? undefined : Reflect.apply(get, instance, []);
    return isFunction(answer) ? answer(...args) : answer;
  };
}

function isFunction(value: unknown): value is (...args: readonly unknown[]) => unknown {
  return typeof value === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
