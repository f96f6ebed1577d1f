import { runTimeBound } from '../time-bound.ts';
import type { CliParameter } from './cli-definition.ts';

/** For one argument, however many items it has: it is spent on the host's thread. */
const PATTERN_TIMEOUT_MS = 100;
/** Far more than a command line holds in practice; each is looked at on the host's thread. */
const MAX_ITEMS = 10_000;

/** What a value should have been; undefined when it is right. */
export type Expectation = string | undefined;

/** Compiles the check of a parameter's type, enum, min, max and pattern. */
export function compileParameterCheck(parameter: CliParameter): (value: unknown) => Expectation {
  const { type, itemType } = parameter;
  if (type === 'boolean') return (value) => (typeof value === 'boolean' ? undefined : 'true or false');
  if (type !== 'array') {
    const checkAll = compileItemsCheck(parameter, type, describe(parameter, type));
    return (value) => checkAll([value]);
  }
  const checkAll = compileItemsCheck(parameter, itemType, `an array with ${describe(parameter, itemType)} each`);
  return (value) => {
    if (!Array.isArray(value)) return `an array (${ARTICLES[itemType]} each)`;
    return value.length > MAX_ITEMS ? `an array of at most ${MAX_ITEMS} items` : checkAll(value);
  };
}

const ARTICLES = { string: 'a string', integer: 'an integer', number: 'a number' } as const;

/** The check of the items of a list, or of a value by itself. Answers `expected` when one of them is wrong. */
function compileItemsCheck(
  parameter: CliParameter,
  type: CliParameter['itemType'],
  expected: string,
): (items: readonly unknown[]) => Expectation {
  const allowed = parameter.enum === undefined ? undefined : new Set<unknown>(parameter.enum);
  const pattern = parameter.pattern === undefined ? undefined : new RegExp(parameter.pattern, 'u');
  const { min = -Infinity, max = Infinity } = parameter;
  return (items) => {
    // `for`, not `every`: the holes of a list are values too.
    for (const item of items) {
      if (!hasType(item, type) || (allowed !== undefined && !allowed.has(item))) return expected;
      if (typeof item === 'number' && !(item >= min && item <= max)) return expected;
    }
    if (pattern === undefined) return undefined;
    const matches = runTimeBound(() => items.every((item) => pattern.test(String(item))), PATTERN_TIMEOUT_MS);
    if (matches === undefined) return `${expected}, found out within ${PATTERN_TIMEOUT_MS} ms`;
    return matches ? undefined : expected;
  };
}

function hasType(value: unknown, type: CliParameter['itemType']): value is string | number {
  if (type === 'string') return typeof value === 'string';
  // Beyond the safe integers a number no longer prints as the digits that were meant.
  return type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function describe(parameter: CliParameter, type: CliParameter['itemType']): string {
  if (parameter.enum !== undefined) return `one of ${parameter.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  if (parameter.pattern !== undefined) return `a string that matches /${parameter.pattern}/`;
  const { min, max } = parameter;
  if (min === undefined && max === undefined) return ARTICLES[type];
  if (min === undefined) return `${ARTICLES[type]} of at most ${max}`;
  return max === undefined ? `${ARTICLES[type]} of at least ${min}` : `${ARTICLES[type]} from ${min} to ${max}`;
}
