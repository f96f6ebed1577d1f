/**
 * The classes of Intl, as data. Options are named in the order in which Node reads them.
 *
 * A method's value says what its arguments are, one letter each: `n` a number or bigint, `d` a time (now, when it is
 * undefined), `s` a text, `l` a list of texts, `u` a duration.
 */
export interface IntlClass {
  readonly options: string;
  readonly methods: Readonly<Record<string, string>>;
  /** A getter that answers a function bound to the object. */
  readonly bound?: readonly [name: string, letters: string];
  readonly getters?: string;
  /** May be called without `new`. */
  readonly callable?: true;
  readonly length?: number;
}

const DIGITS =
  'minimumIntegerDigits minimumFractionDigits maximumFractionDigits minimumSignificantDigits maximumSignificantDigits roundingIncrement roundingMode roundingPriority trailingZeroDisplay';

export const INTL_CLASSES: Readonly<Record<string, IntlClass>> = {
  DateTimeFormat: {
    options:
      'localeMatcher calendar numberingSystem hour12 hourCycle timeZone weekday era year month day dayPeriod hour minute second fractionalSecondDigits timeZoneName formatMatcher dateStyle timeStyle',
    methods: { resolvedOptions: '', formatToParts: 'd', formatRange: 'nn', formatRangeToParts: 'nn' },
    bound: ['format', 'd'],
    callable: true,
  },
  NumberFormat: {
    options: `localeMatcher numberingSystem style currency currencyDisplay currencySign unit unitDisplay notation ${DIGITS} compactDisplay useGrouping signDisplay`,
    methods: { resolvedOptions: '', formatToParts: 'n', formatRange: 'nn', formatRangeToParts: 'nn' },
    bound: ['format', 'n'],
    callable: true,
  },
  Collator: {
    options: 'usage localeMatcher collation numeric caseFirst sensitivity ignorePunctuation',
    methods: { resolvedOptions: '' },
    bound: ['compare', 'ss'],
    callable: true,
  },
  PluralRules: {
    options: `localeMatcher type ${DIGITS}`,
    methods: { resolvedOptions: '', select: 'n', selectRange: 'nn' },
  },
  RelativeTimeFormat: {
    options: 'localeMatcher numberingSystem style numeric',
    methods: { resolvedOptions: '', format: 'ns', formatToParts: 'ns' },
  },
  ListFormat: {
    options: 'localeMatcher type style',
    methods: { resolvedOptions: '', format: 'l', formatToParts: 'l' },
  },
  Locale: {
    options: 'language script region calendar collation firstDayOfWeek hourCycle caseFirst numeric numberingSystem',
    methods: {
      toString: '',
      maximize: '',
      minimize: '',
      getCalendars: '',
      getCollations: '',
      getHourCycles: '',
      getNumberingSystems: '',
      getTimeZones: '',
      getTextInfo: '',
      getWeekInfo: '',
    },
    getters:
      'language script region baseName calendar caseFirst collation firstDayOfWeek hourCycle numeric numberingSystem calendars collations hourCycles numberingSystems textInfo timeZones weekInfo',
    length: 1,
  },
  DisplayNames: {
    options: 'localeMatcher style type fallback languageDisplay',
    methods: { resolvedOptions: '', of: 's' },
    length: 2,
  },
  Segmenter: {
    options: 'localeMatcher granularity',
    methods: { resolvedOptions: '' },
  },
  DurationFormat: {
    options:
      'localeMatcher numberingSystem style years yearsDisplay months monthsDisplay weeks weeksDisplay days daysDisplay hours hoursDisplay minutes minutesDisplay seconds secondsDisplay milliseconds millisecondsDisplay microseconds microsecondsDisplay nanoseconds nanosecondsDisplay fractionalDigits',
    methods: { resolvedOptions: '', format: 'u', formatToParts: 'u' },
  },
};
