import { CAPS } from '../globals/wire.ts';

/** Reads what the guest sent. The guest's runtime sends what is expected; nothing here relies on that. */

export function decodeText(value: unknown, what: string, cap: number): string {
  if (typeof value !== 'string') throw new TypeError(`Cannot use ${what}: it must be a string`);
  return capText(value, what, cap);
}

/** @throws RangeError that says the cap. */
export function capText(text: string, what: string, cap: number): string {
  capLength(text.length, what, cap);
  return text;
}

/** Texts that together stay under the cap. */
export function decodeTexts(value: unknown, what: string, cap: number): string[] {
  let length = 0;
  return asArray(value, what).map((item) => {
    const text = decodeText(item, what, cap);
    length += text.length;
    capLength(length, what, cap);
    return text;
  });
}

/** A primitive, tagged where JSON lacks it. */
export function decodePrimitive(value: unknown, cap: number = CAPS.argumentText): unknown {
  if (typeof value === 'string') return capText(value, 'a text', cap);
  if (!isRecord(value)) return value;
  const text = decodeText(value['v'], 'a number', CAPS.argumentText);
  switch (value['$']) {
    case 'number':
      return Number(text);
    case 'bigint':
      return BigInt(text);
    case 'symbol':
      return Symbol('symbol');
    default:
      return undefined;
  }
}

/** An argument of an Intl object's method: a primitive, a list of texts or the fields of a duration. */
export function decodeArgument(value: unknown, cap: number): unknown {
  if (!Array.isArray(value)) return decodeOptions(value, cap);
  if (value.length > CAPS.listItems)
    throw new RangeError(`Cannot format ${value.length} items; at most ${CAPS.listItems} are supported`);
  return decodeTexts(value, 'a list', CAPS.listText);
}

/** What Intl takes as `locales`; what is wrong is for Intl to refuse. */
export function decodeLocales(value: unknown): unknown {
  if (!Array.isArray(value)) return decodePrimitive(value, CAPS.localeText);
  if (value.length > CAPS.locales)
    throw new RangeError(`Cannot use ${value.length} locales; at most ${CAPS.locales} are supported`);
  return value.map((item: unknown) => decodePrimitive(item, CAPS.localeText));
}

/** Fields as an object without a prototype; a primitive as it is. */
export function decodeOptions(value: unknown, cap: number = CAPS.optionText): unknown {
  if (!isRecord(value) || Object.hasOwn(value, '$')) return decodePrimitive(value, cap);
  const options = emptyRecord();
  for (const [name, option] of Object.entries(value)) options[name] = decodePrimitive(option, cap);
  return options;
}

/** Without a prototype: no name of the guest's means anything on it. */
export function emptyRecord(): Record<string, unknown> {
  const record = {};
  Object.setPrototypeOf(record, null);
  return record;
}

export function asArray(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`Cannot use ${what}: it must be an array`);
  return value;
}

function capLength(length: number, what: string, cap: number): void {
  if (length > cap) throw new RangeError(`Cannot use ${what} of ${length} characters; at most ${cap} are supported`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
