import { CAPS, SEGMENTS_PER_CALL } from '../globals/wire.ts';
import type { Operation } from '../globals/wire.ts';
import { createDateFormat } from './date-format.ts';
import { asArray, decodeArgument, decodeLocales, decodeOptions, decodePrimitive, decodeText } from './decode.ts';
import { findClass, isSegmenter } from './intl-natives.ts';
import type { IntlMember } from './intl-natives.ts';
import { RecentlyUsed } from './recently-used.ts';

/** Intl objects kept. A DateTimeFormat takes some 50 KB outside the heap. */
const CACHED_OBJECTS = 64;
/** A key holds the locales and options of one object, in characters. */
const KEY_CAP = 200_000;

const TOO_MANY_MARKS = new RegExp(`\\p{M}{${CAPS.combiningMarks + 1}}`, 'u');

export type OperationHandler = (args: readonly unknown[]) => unknown;
type IntlOperation = Extract<Operation, `${'intl' | 'date' | 'text.case'}${string}`>;

interface IntlObject {
  readonly type: unknown;
  readonly native: object;
  readonly members: ReadonlyMap<unknown, IntlMember>;
}

/** The operations behind the guest's Intl and its locale methods. */
export function intlOperations(): Record<IntlOperation, OperationHandler> {
  const objects = new RecentlyUsed<IntlObject>(CACHED_OBJECTS);
  const objectOf = (key: unknown): IntlObject => objects.get(decodeText(key, 'options', KEY_CAP), createObject);
  const dateFormats = new RecentlyUsed<Intl.DateTimeFormat>(CACHED_OBJECTS);
  const segmenterOf = (key: unknown): Intl.Segmenter => {
    const { native } = objectOf(key);
    if (!isSegmenter(native)) throw new TypeError('Not a Segmenter');
    return native;
  };
  return {
    'intl.create': ([key]) => {
      const { native } = objectOf(key);
      if (native instanceof Intl.Locale) return native.toString();
      return isSegmenter(native) ? native.resolvedOptions().granularity : undefined;
    },
    'intl.call': ([key, name, args]) => {
      const { type, native, members } = objectOf(key);
      const member = members.get(name);
      if (member === undefined) throw new TypeError('Unknown member');
      const decode =
        type === 'Collator' ? decodeCollated : (argument: unknown) => decodeArgument(argument, CAPS.argumentText);
      const answer = member(native, asArray(args, 'arguments').map(decode));
      return answer instanceof Intl.Locale ? answer.toString() : answer;
    },
    'intl.segments': ([key, text, from, count]) =>
      segmentBounds(segmenterOf(key), decodeText(text, 'a text', CAPS.segmentText), Number(from), Number(count)),
    'intl.supportedLocales': ([type, locales, options]) =>
      findClass(type).supportedLocalesOf(decodeLocales(locales), decodeOptions(options)),
    'intl.canonicalLocales': ([locales]): unknown =>
      Reflect.apply(Intl.getCanonicalLocales, Intl, [decodeLocales(locales)]),
    'intl.supportedValues': ([key]): unknown => Reflect.apply(Intl.supportedValuesOf, Intl, [decodePrimitive(key)]),
    'date.format': ([key, time]) => {
      const format = dateFormats.get(decodeText(key, 'options', KEY_CAP), createDateFormat);
      return format.format(Number(decodePrimitive(time)));
    },
    'text.case': ([letterCase, text, locales]): unknown => {
      const known = decodeText(text, 'a text', CAPS.caseText);
      const method = letterCase === 'Upper' ? known.toLocaleUpperCase : known.toLocaleLowerCase;
      return Reflect.apply(method, known, [decodeLocales(locales)]);
    },
  };
}

function createObject(key: string): IntlObject {
  const [type, locales, options] = asArray(JSON.parse(key), 'a key');
  const { create, members } = findClass(type);
  return { type, native: create(decodeLocales(locales), decodeOptions(options)), members };
}

function decodeCollated(value: unknown): unknown {
  const text = decodePrimitive(value, CAPS.collationText);
  if (typeof text === 'string' && text.length > CAPS.combiningMarks && TOO_MANY_MARKS.test(text)) {
    throw new RangeError(`Cannot compare a text with more than ${CAPS.combiningMarks} combining marks in a row`);
  }
  return text;
}

/** The start of the segment at `from`, then the ends of segments; negative where one is no word. */
function segmentBounds(segmenter: Intl.Segmenter, text: string, from: number, count: number): readonly number[] {
  const segments = segmenter.segment(text);
  const bounds: number[] = [];
  let position = from;
  while (bounds.length <= Math.min(count, SEGMENTS_PER_CALL)) {
    const found = segments.containing(position);
    if (found === undefined) break;
    if (bounds.length === 0) bounds.push(found.index);
    position = found.index + found.segment.length;
    bounds.push(found.isWordLike === false ? -position : position);
  }
  return bounds;
}
