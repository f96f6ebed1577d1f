import {
  apply,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  IntrinsicSet,
  ownOption,
  setHas,
  stringify,
} from '../protocol/codec/intrinsics.ts';
import { cutText, inspect } from './inspect.ts';
import { inspectPrimitive } from './inspect-primitive.ts';
import { charCodeAt, slice } from './text.ts';

const toNumber: (value: unknown) => number = Number;
const toText: (value: unknown) => string = String;
const { parseInt, parseFloat } = Number;
const builtInToStrings: ReadonlySet<unknown> = new IntrinsicSet<unknown>([
  Object.prototype.toString,
  Function.prototype.toString,
  Error.prototype.toString,
  Array.prototype.toString,
  Date.prototype.toString,
  RegExp.prototype.toString,
]);

/** Joins values to a line of text as Node's `util.format` does: `%s %d %i %f %j %o %O %c %%`, then the rest. */
export function format(values: readonly unknown[]): string {
  const template = values[0];
  let used = 0;
  let text = '';
  if (typeof template === 'string') {
    used = 1;
    let start = 0;
    for (let i = 0; values.length > 1 && i < template.length - 1; i++) {
      if (charCodeAt(template, i) !== 37) continue;
      const directive = template[i + 1] ?? '';
      const isPercent = directive === '%';
      if (!isPercent && used === values.length) continue;
      const piece = isPercent ? '%' : formatDirective(directive, values[used]);
      if (piece === undefined) continue;
      text += slice(template, start, i) + piece;
      if (!isPercent) used++;
      i++;
      start = i + 1;
    }
    text += slice(template, start);
    text = cutText(text);
  }
  for (let i = used; i < values.length; i++) {
    const value = values[i];
    text += (i === 0 ? '' : ' ') + (typeof value === 'string' ? cutText(value) : inspect(value));
  }
  return text;
}

/** Undefined for what is no directive. */
function formatDirective(directive: string, value: unknown): string | undefined {
  switch (directive) {
    case 's':
      return formatText(value);
    case 'd':
      return formatNumber(value, toNumber);
    case 'i':
      return formatNumber(value, toInteger);
    case 'f':
      return formatNumber(typeof value === 'bigint' ? inspectPrimitive(value) : value, toFloat);
    case 'j':
      return formatJson(value);
    case 'o':
    case 'O':
      return inspect(value);
    case 'c':
      return '';
    default:
      return undefined;
  }
}

function toInteger(value: unknown): number {
  return parseInt(toText(value), 10);
}

function toFloat(value: unknown): number {
  return parseFloat(toText(value));
}

function formatNumber(value: unknown, convert: (value: unknown) => number): string {
  if (typeof value === 'bigint') return inspectPrimitive(value);
  return typeof value === 'symbol' ? 'NaN' : inspectPrimitive(convert(value));
}

function formatText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return toText(value);
  if (typeof value !== 'object' || value === null) return inspectPrimitive(value);
  const method = ownToString(value);
  return method === undefined ? inspect(value, { depth: 0 }) : toText(apply(method, value, []));
}

/** The `toString` of the object's class, where that is not the language's. */
function ownToString(value: object): ((...args: unknown[]) => unknown) | undefined {
  let at: object | null = value;
  for (let i = 0; at !== null && i < 100; i++) {
    const descriptor = getOwnPropertyDescriptor(at, 'toString');
    if (descriptor !== undefined) {
      const method: unknown = ownOption(descriptor, 'value');
      return isCallable(method) && !setHas(builtInToStrings, method) ? method : undefined;
    }
    at = getPrototypeOf(at);
  }
  return undefined;
}

function isCallable(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

function formatJson(value: unknown): string {
  try {
    const json: string | undefined = stringify(value);
    return json ?? 'undefined';
  } catch {
    return '[Circular]';
  }
}
