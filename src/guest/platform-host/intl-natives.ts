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

const natives: ReadonlyMap<unknown, IntlNative> = new Map(CLASS_NAMES.map((name) => [name, describeNative(Reflect.get(Intl, name))]));

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
  if (typeof native !== 'function') throw new TypeError('This Node lacks a class of Intl');
  const prototype: object = native.prototype;
  const names = Object.getOwnPropertyNames(prototype).filter((name) => !OTHER_MEMBERS.includes(name));
  return {
    create: (locales, options) => Reflect.construct(native, [locales, options]),
    supportedLocalesOf: (locales, options) => Reflect.apply(Reflect.get(native, 'supportedLocalesOf'), native, [locales, options]),
    members: new Map(names.map((name) => [name, memberOf(prototype, name)])),
  };
}

function memberOf(prototype: object, name: string): IntlMember {
  const { get, value } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  return (instance, args) => {
    if (get === undefined) return Reflect.apply(value, instance, args);
    const answer: unknown = Reflect.apply(get, instance, []);
    return typeof answer === 'function' ? Reflect.apply(answer, instance, args) : answer;
  };
}
