import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCodeModeError } from '../../src/errors/code-mode-error.ts';
import { readCliTool } from '../tools/cli/read-cli-tool.ts';

const TYPES = ['string', 'integer', 'number', 'boolean', 'array'] as const;
type Value = string | number | boolean | readonly string[] | undefined;

interface Parameter {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  readonly short?: string;
}

/** Words, and what shells, parsers and encoders stumble over. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '-', '--', '-x', '--x=y', '- a', '$(id)', '`id`', ';', '\n', '\0', '\uD800', '*', "'", '"'),
);
const valueOf = (type: Parameter['type']): fc.Arbitrary<Value> =>
  ({
    string: text,
    integer: fc.maxSafeInteger(),
    number: fc.double({ noNaN: true, noDefaultInfinity: true }),
    boolean: fc.boolean(),
    array: fc.array(text, { maxLength: 3 }),
  })[type];
const safeValueOf = (type: Parameter['type']): fc.Arbitrary<Value> =>
  valueOf(type).filter((value) => [value].flat().every((item) => !isUnpassable(item)));

const parameter = fc.record(
  {
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/),
    type: fc.constantFrom(...TYPES),
    short: fc.constantFrom('s', 'x1', 'H'),
  },
  { requiredKeys: ['name', 'type'] },
);

const scenario = fc
  .record({
    options: fc.array(parameter, { maxLength: 4 }),
    positional: fc.array(parameter, { maxLength: 3 }),
    endOfOptions: fc.boolean(),
  })
  .filter(
    ({ options, positional }) =>
      new Set([...options, ...positional].map(({ name }) => name)).size === options.length + positional.length,
  )
  .chain((schema) => {
    const all = [...schema.options, ...schema.positional];
    const some = (value: (type: Parameter['type']) => fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
      fc.record(Object.fromEntries(all.map(({ name, type }) => [name, value(type)])), { requiredKeys: [] });
    return fc.record({
      schema: fc.constant(schema),
      preset: some(safeValueOf),
      defaults: some(safeValueOf),
      args: some(valueOf),
    });
  });

describe('argv, for any schema and any arguments', () => {
  it('is what the rules of the original say, or a refusal of what could be an option', () => {
    fc.assert(
      fc.property(scenario, ({ schema, preset, defaults, args }) => {
        const { options, positional, endOfOptions } = schema;
        const build = readCliTool(
          JSON.stringify({
            name: 'cmd',
            schema: {
              options: Object.fromEntries(options.map(({ name, type, short }) => [name, { type, short }])),
              positional: positional.map(({ name, type }) => ({ name, type })),
              end_of_options: endOfOptions,
            },
            recipes: {
              r: {
                preset,
                params: Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { default: value }])),
              },
            },
          }),
        )('r');
        const isOption = (name: string): boolean => options.some((option) => option.name === name);
        const mustRefuse = Object.entries(args).some(([name, value]) =>
          [value].flat().some((item) => isUnpassable(item) || couldBeOption(item, isOption(name), endOfOptions)),
        );
        const expected = mustRefuse ? 'INVALID_ARGUMENTS' : reference(schema, { ...defaults, ...preset, ...args });
        expect(outcomeOf(() => build(args).argv)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

/** What a function returns, or the code of what it throws. */
function outcomeOf(job: () => unknown): unknown {
  try {
    return job();
  } catch (error) {
    return isCodeModeError(error) ? error.code : error;
  }
}

/** The original's algorithm, as its notes have it. */
function reference(
  {
    options,
    positional,
    endOfOptions,
  }: { options: readonly Parameter[]; positional: readonly Parameter[]; endOfOptions: boolean },
  values: Readonly<Record<string, Value>>,
): string[] {
  const argv = ['cmd'];
  for (const { name, short } of options) {
    const value = values[name];
    const flag = short === undefined ? `--${name}` : `-${short}`;
    if (value === true) argv.push(flag);
    else if (value !== undefined && value !== false) for (const item of [value].flat()) argv.push(flag, String(item));
  }
  const words = positional.flatMap(({ name }) => [values[name] ?? []].flat().map(String));
  return [...argv, ...(endOfOptions && words.length > 0 ? ['--'] : []), ...words];
}

function isUnpassable(item: unknown): boolean {
  return typeof item === 'string' && (item.includes('\0') || !item.isWellFormed());
}

function couldBeOption(item: unknown, isOption: boolean, endOfOptions: boolean): boolean {
  if (isOption) return typeof item === 'string' && item.startsWith('-') && item !== '-';
  return !endOfOptions && String(item).startsWith('-');
}
