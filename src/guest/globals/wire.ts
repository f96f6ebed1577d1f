/**
 * What crosses between the guest's globals and the host that answers for them: the operations of
 * `GuestPlatform.call`, how their arguments look as JSON, and how large they may be.
 *
 * Primitives that JSON lacks are tagged: `{"$": "bigint", "v": "12"}`. An answer of undefined comes as null.
 */
export const OPERATIONS = [
  'url.parse', // [url, base | null] -> the URL's fields; null when it is none
  'url.set', // [href, field, value] -> the URL's fields; null for an href that is no URL
  'params.parse', // [query] -> name, value, name, value, ...
  'params.serialize', // [[name, value, ...]] -> query
  'params.sort', // [[name, value, ...]] -> the same, sorted by name
  'text.encoding', // [label] -> the encoding's name
  'text.case', // ['Upper' | 'Lower', text, locales] -> text
  'time.origin', // [] -> milliseconds since 1970
  'date.format', // [key: a method of Date.prototype, locales and options, time] -> text
  'intl.create', // [key] -> a Locale's tag, a Segmenter's granularity; nothing for the others
  'intl.call', // [key, member, arguments] -> what the method or getter answers
  'intl.segments', // [key, text, from, count] -> start of the segment at `from`, then the ends of up to `count` segments; negative: no word
  'intl.supportedLocales', // [class, locales, options] -> tags
  'intl.canonicalLocales', // [locales] -> tags
  'intl.supportedValues', // [key] -> names
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The fields of a URL, in the order in which they cross. */
export const URL_FIELDS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

/** The fields of a duration, as `Intl.DurationFormat` reads them. */
export const DURATION_FIELDS = [
  'years',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
] as const;

/** Caps, in UTF-16 code units unless the name says otherwise. No interrupt reaches the host: these keep every operation well under a second. */
export const CAPS = {
  url: 1_048_576,
  params: 4_194_304,
  caseText: 4_194_304,
  segmentText: 1_048_576,
  collationText: 262_144,
  /** Comparing takes time that grows with the square of a run of combining marks. */
  combiningMarks: 50,
  /** Digits of a number given as text or bigint; also any other text that is an argument. */
  argumentText: 10_000,
  listItems: 10_000,
  listText: 1_048_576,
  locales: 100,
  localeText: 1_000,
  optionText: 1_000,
} as const;

/** Segments that one operation answers. */
export const SEGMENTS_PER_CALL = 8_192;
