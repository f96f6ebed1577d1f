import { compile } from 'json-schema-to-typescript';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../../src/contracts/json-schema.ts';
import { BYTES_SCHEMA } from '../../../src/tools/declarations/bytes-schema.ts';
import { printType } from '../../../src/tools/declarations/print-type.ts';
import { compilerErrors } from './check-types.ts';

const string = { type: 'string' };
const number = { type: 'number' };
const closed = { type: 'object', additionalProperties: false };

describe('printType', () => {
  it.each<[JsonSchema, string]>([
    [true, 'unknown'],
    [{}, 'unknown'],
    [false, 'never'],
    [string, 'string'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: 'string', nullable: true }, 'string | null'],
    [{ type: 'nonsense' }, 'unknown'],
    [{ const: 'a"b' }, '"a\\"b"'],
    [{ const: { a: [1, -2.5, null] } }, '{ a: [1, -2.5, null] }'],
    [{ type: 'string', enum: ['a', 'b', 'a'] }, '"a" | "b"'],
    [{ enum: [1, true, null] }, '1 | true | null'],
    [{ enum: [] }, 'never'],
    [{ type: 'array' }, 'unknown[]'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, '("a" | "b")[]'],
    [{ items: string }, 'string[]'],
    [
      { type: 'array', prefixItems: [string, { type: ['number', 'null'] }], minItems: 1, items: false },
      '[string, (number | null)?]',
    ],
    [{ type: 'array', items: [string], minItems: 1, additionalItems: number }, '[string, ...number[]]'],
    [{ type: 'array', items: [string, number], minItems: 1, maxItems: 1 }, '[string]'],
    [{ type: 'object' }, '{ [key: string]: unknown }'],
    [closed, 'Record<string, never>'],
    [{ type: 'object', additionalProperties: number }, '{ [key: string]: number }'],
    [{ ...closed, properties: { a: string, 'b-c': number }, required: ['a'] }, '{ a: string; "b-c"?: number }'],
    [{ properties: { a: string }, required: ['a', 'z'] }, '{ a: string; z: unknown }'],
    [
      { properties: { a: string }, additionalProperties: number },
      '{ a?: string; [key: string]: number | string | undefined }',
    ],
    [{ type: 'object', patternProperties: { '^x': number }, additionalProperties: false }, '{ [key: string]: number }'],
    [{ anyOf: [string, { type: 'array', items: string }] }, 'string | string[]'],
    [{ oneOf: [string, true] }, 'unknown'],
    [
      {
        allOf: [
          { properties: { a: string } },
          { anyOf: [{ properties: { b: string } }, { properties: { c: string } }] },
        ],
      },
      '{ a?: string } & ({ b?: string } | { c?: string })',
    ],
    [
      { type: 'object', anyOf: [{ properties: { a: string } }, { properties: { b: string } }] },
      '{ a?: string } | { b?: string }',
    ],
    [
      { ...closed, properties: { a: string, b: string }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      '{ a?: string; b?: string }',
    ],
    [
      { items: { allOf: [{ properties: { a: string } }, { properties: { b: string } }] } },
      '({ a?: string } & { b?: string })[]',
    ],
    [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': string } }, 'string'],
    [{ $ref: '#/definitions/nowhere' }, 'unknown'],
    [{ $ref: 'https://example.com/x.json' }, 'unknown'],
    [{ $ref: '#/%' }, 'unknown'],
    [{ properties: { next: { $ref: '#' } } }, '{ next?: { next?: unknown } }'],
    [BYTES_SCHEMA, 'Uint8Array'],
    [{ 'x-typescript': 'any; evil()' }, 'unknown'],
    [{ properties: { 'a\u202Eb': { const: '\u2028' } } }, '{ "a\\u202eb"?: "\\u2028" }'],
    [
      JSON.parse('{"properties": {"__proto__": {"type": "string"}, "constructor": {"type": "number"}}}'),
      '{ __proto__?: string; constructor?: number }',
    ],
  ])('%j is %s', (schema, expected) => {
    expect(printType(schema)).toBe(expected);
  });

  it('ends, whatever the schema', () => {
    let deep: JsonSchema = string;
    for (let level = 0; level < 5_000; level++) deep = { type: 'array', items: deep };
    expect(printType(deep)).toMatch(/^unknown(?:\[\])+$/u);
    const doubling = {
      $ref: '#/$defs/d0',
      $defs: Object.fromEntries(
        Array.from({ length: 30 }, (_, level) => {
          const next = { $ref: `#/$defs/d${level + 1}` };
          return [`d${level}`, { properties: { a: next, b: next } }];
        }),
      ),
    };
    expect(printType(doubling).length).toBeLessThan(200_000);
    expect(printType({ enum: Array.from({ length: 10_000 }, String), type: 'string' })).toBe('string');
  });
});

const CASES: readonly [schema: Exclude<JsonSchema, boolean>, values: readonly unknown[]][] = [
  [string, ['a', 1, null]],
  [{ type: ['string', 'null'] }, ['a', 1, null]],
  [{ enum: ['a', 2, null] }, ['a', 'b', 2, 3, null]],
  [{ const: 'x' }, ['x', 'y']],
  [{ type: 'array', items: { type: ['string', 'number'] } }, [[], ['a', 1], [true]]],
  [{ type: 'array', items: [string, number], minItems: 2, maxItems: 2 }, [['a', 1], ['a'], [1, 'a'], ['a', 1, 2]]],
  [{ type: 'array', items: [string, number], minItems: 1, additionalItems: false }, [[], ['a'], ['a', 1], ['a', 1, 1]]],
  [{ type: 'array', items: [string], minItems: 1, additionalItems: number }, [['a'], ['a', 1, 2], ['a', 'b']]],
  [
    { ...closed, properties: { a: string, 'b c': number }, required: ['a'] },
    [{ a: 'x' }, { a: 'x', 'b c': 1 }, { 'b c': 1 }, { a: 'x', d: 1 }],
  ],
  [{ type: 'object', additionalProperties: number }, [{}, { a: 1 }, { a: 'x' }]],
  [{ type: 'object', additionalProperties: true }, [{}, { a: { b: [] } }, 1]],
  [{ anyOf: [string, { type: 'array', items: string }] }, ['a', ['a'], 1, [1]]],
  [
    {
      oneOf: [
        { ...closed, properties: { a: string }, required: ['a'] },
        { ...closed, properties: { b: number }, required: ['b'] },
      ],
    },
    [{ a: 'x' }, { b: 1 }, { b: 'x' }, {}],
  ],
  [
    {
      allOf: [
        { ...closed, properties: { a: string }, required: ['a'] },
        { ...closed, properties: { b: number }, required: ['b'] },
      ],
    },
    [{ a: 'x', b: 1 }, { a: 'x' }, { b: 1 }],
  ],
  [
    { ...closed, properties: { pet: { $ref: '#/definitions/pet' } }, definitions: { pet: { enum: ['cat', 'dog'] } } },
    [{ pet: 'cat' }, { pet: 'cow' }, {}],
  ],
  [
    {
      ...closed,
      properties: { name: string, children: { type: 'array', items: { $ref: '#/definitions/leaf' } } },
      required: ['name'],
      definitions: { leaf: { ...closed, properties: { size: number }, required: ['size'] } },
    },
    [
      { name: 'a', children: [{ size: 1 }] },
      { name: 'a', children: [{ size: 'x' }] },
      { name: 'a', children: {} },
    ],
  ],
  [
    { ...closed, properties: { meta: { type: 'object', additionalProperties: { type: 'array', items: number } } } },
    [{ meta: { a: [1] } }, { meta: { a: 1 } }, {}],
  ],
];

describe('the printed type', () => {
  it('accepts what the type of json-schema-to-typescript accepts', async () => {
    const files: Record<string, string> = {};
    for (const [index, [schema, values]] of CASES.entries()) {
      const oracle = await compile(structuredClone(schema), 'Checked', {
        additionalProperties: false,
        bannerComment: '',
        format: false,
      });
      const checks = values.map((value) => `export const value: Checked = ${JSON.stringify(value)};`);
      for (const [number_, check] of checks.entries()) {
        files[`own-${index}-${number_}.ts`] = `type Checked = ${printType(schema)};\n${check}\n`;
        files[`oracle-${index}-${number_}.ts`] = `${oracle}\n${check}\n`;
      }
    }
    const refused = (await compilerErrors(files))
      .map((line) => line.split('.ts(')[0] ?? '')
      .filter((name) => /^(?:own|oracle)-/u.test(name));
    const of = (prefix: string): string[] =>
      [...new Set(refused)]
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length))
        .toSorted();
    expect(of('own-')).toEqual(of('oracle-'));
    expect(of('own-').length).toBeGreaterThan(20);
  });
});
