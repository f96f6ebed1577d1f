import { asArray, decodeLocales, decodeOptions, emptyRecord } from './decode.ts';
import { findClass } from './intl-natives.ts';

const DATE = ['weekday', 'year', 'month', 'day'];
const TIME = ['dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits'];
const SHOWN_DATE = ['year', 'month', 'day'];
const SHOWN_TIME = ['hour', 'minute', 'second'];

interface DateMethod {
  readonly native: (this: Date, ...args: []) => string;
  /** Options of which one is enough. */
  readonly named: readonly string[];
  /** What is shown when none of them is given. */
  readonly shown: readonly string[];
}

/** The methods of Date as ECMA-402 specifies them. */
const METHODS: ReadonlyMap<unknown, DateMethod> = new Map([
  [
    'toLocaleString',
    { native: Date.prototype.toLocaleString, named: [...DATE, ...TIME], shown: [...SHOWN_DATE, ...SHOWN_TIME] },
  ],
  ['toLocaleDateString', { native: Date.prototype.toLocaleDateString, named: DATE, shown: SHOWN_DATE }],
  ['toLocaleTimeString', { native: Date.prototype.toLocaleTimeString, named: TIME, shown: SHOWN_TIME }],
]);

/**
 * The DateTimeFormat that a method of Date makes for itself at every call, which takes 100 us.
 *
 * @param key `[method, locales, options]`, as JSON.
 */
export function createDateFormat(key: string): Intl.DateTimeFormat {
  const [name, locales, given] = asArray(JSON.parse(key), 'a key');
  const method = METHODS.get(name);
  if (method === undefined) throw new TypeError('Unknown method of Date');
  const tags = decodeLocales(locales);
  const options = decodeOptions(given);
  // Refuses what is wrong in its own words.
  Reflect.apply(method.native, new Date(0), [tags, options]);
  const complete = Object.assign(emptyRecord(), typeof options === 'object' ? options : undefined);
  if (![...method.named, 'dateStyle', 'timeStyle'].some((option) => complete[option] !== undefined)) {
    for (const option of method.shown) complete[option] = 'numeric';
  }
  const format = findClass('DateTimeFormat').create(tags, complete);
  if (format instanceof Intl.DateTimeFormat) return format;
  throw new TypeError('Not a DateTimeFormat');
}
