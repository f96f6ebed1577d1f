import { runTimeBound } from '../time-bound.ts';
import type { CliParameter } from './cli-definition.ts';

const PATTERN_TIMEOUT_MS = 100;

/** What a value should have been; undefined when it is right. */
export type Expectation = string | undefined;

/** Compiles the check of a parameter's type, enum, min, max and pattern. */
export function compileParameterCheck(parameter: CliParameter): (value: unknown) => Expectation {
  if (parameter.type === 'boolean') return (value) => (typeof value === 'boolean' ? undefined : 'true or false');
  if (parameter.type !== 'array') return compileScalarCheck(parameter, parameter.type);
  const checkItem = compileScalarCheck(parameter, parameter.itemType);
  return (value) => {
    if (!Array.isArray(value)) return `an array (${ARTICLES[parameter.itemType]} each)`;
    for (const item of value) {
      const expected = checkItem(item);
      if (expected !== undefined) return `an array with ${expected} each`;
    }
    return undefined;
  };
}

const ARTICLES = { string: 'a string', integer: 'an integer', number: 'a number' } as const;

function compileScalarCheck(parameter: CliParameter, type: CliParameter['itemType']): (value: unknown) => Expectation {
  const allowed = parameter.enum === undefined ? undefined : new Set<unknown>(parameter.enum);
  const pattern = parameter.pattern === undefined ? undefined : new RegExp(parameter.pattern, 'u');
  const { min = -Infinity, max = Infinity } = parameter;
  const expected = describe(parameter, type);
  return (value) => {
    if (!hasType(value, type)) return expected;
    if (allowed !== undefined && !allowed.has(value)) return expected;
    if (typeof value === 'number') return value >= min && value <= max ? undefined : expected;
    if (pattern === undefined) return undefined;
    const matches = runTimeBound(() => pattern.test(value), PATTERN_TIMEOUT_MS);
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
