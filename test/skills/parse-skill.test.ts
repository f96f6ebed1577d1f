import { describe, expect, it } from 'vitest';
import type { Skill } from '../../src/contracts/skill.ts';
import { CodeModeError } from '../../src/errors/code-mode-error.ts';
import { compileSkill } from '../../src/guest/compile/compile-skill.ts';
import { MAX_SKILL_BYTES, parseSkill } from '../../src/skills/parse-skill.ts';

function parse(source: string): Skill {
  return parseSkill({ name: 'report', origin: 'skills/report.ts', version: 'v1', source });
}

function failure(source: string, read: (text: string) => unknown = parse): CodeModeError {
  try {
    read(source);
  } catch (error) {
    if (error instanceof CodeModeError) return error;
    throw error;
  }
  throw new Error('It parses.');
}

const REPORT = `/**
 * Writes a weekly report
 * of a repository.
 *
 * More than anyone wants to read.
 *
 * @param repo - the folder
 * @param options what to
 *   include
 * @returns the report
 * @tags git, report weekly
 */
export async function run(repo: string, { days = 7, author }: Options = {}, ...labels: readonly string[]): Promise<Report> {
  return { text: repo + days + author + labels };
}

/** Not needed. */
type Unrelated = string;

interface Options {
  /** How many days back. */
  days?: number;
  author?: Author;
}
export type Author = { name: string } | 'anyone'
interface Report { text: string }
`;

describe('parseSkill', () => {
  it('reads description, tags, parameters and types', () => {
    expect(parse(REPORT)).toEqual({
      name: 'report',
      description: 'Writes a weekly report of a repository.',
      tags: ['git', 'report', 'weekly'],
      parameters: [
        { name: 'repo', type: 'string', optional: false, rest: false, description: 'the folder' },
        {
          name: 'options',
          type: 'Options',
          optional: true,
          rest: false,
          defaultValue: '{}',
          description: 'what to include',
        },
        { name: 'labels', type: 'readonly string[]', optional: false, rest: true },
      ],
      returns: 'Promise<Report>',
      isAsync: true,
      typeDeclarations: `interface Options {
  /** How many days back. */
  days?: number;
  author?: Author;
}
interface Report { text: string }
type Author = { name: string } | 'anyone'`,
      origin: 'skills/report.ts',
      version: 'v1',
    });
  });

  it.each([
    ['a function', 'export function run(a: string): number { return 1 }', false],
    ['an async function', 'export async function run(a: string): number { return 1 }', true],
    ['an arrow function', 'export const run = (a: string): number => 1;', false],
    ['an async arrow function', 'export const run = async (a: string): number => 1', true],
    ['a function expression', 'export const run = async function main(a: string): number { return 1 }', true],
    ['a nameless function expression', 'export let other = 1, run = function (a: string): number { return 1 }', false],
    ['another local name', 'async function main(a: string): number { return 1 }\nexport { main as run };', true],
    ['an export before the function', 'export { run as other, run };\nconst run = (a: string): number => 1', false],
    ['a default export too', 'export default 1; export function run(a: string): number { return 1 }', false],
    ['a byte order mark', '\uFEFFexport function run(a: string): number { return 1 }', false],
    [
      'text of several bytes a character before it',
      'const x: "é漢😀" = "é漢😀"; export function run(a: string): number { return 1 }',
      false,
    ],
  ])('reads %s', (_, source, isAsync) => {
    expect(parse(source)).toMatchObject({
      parameters: [{ name: 'a', type: 'string', optional: false, rest: false }],
      returns: 'number',
      isAsync,
    });
  });

  it.each<[string, string, Skill['parameters']]>([
    ['none', '', []],
    ['a trailing comma', 'a: A, ', [{ name: 'a', type: 'A', optional: false, rest: false }]],
    ['an optional one', 'a?: number', [{ name: 'a', type: 'number', optional: true, rest: false }]],
    [
      'one without a type',
      'a, b?',
      [
        { name: 'a', optional: false, rest: false },
        { name: 'b', optional: true, rest: false },
      ],
    ],
    [
      'a default with a type',
      'a: number = (1, 2)',
      [{ name: 'a', type: 'number', optional: true, rest: false, defaultValue: '(1, 2)' }],
    ],
    [
      'a default that is cast',
      "a = 'x' as Kind",
      [{ name: 'a', type: 'string', optional: true, rest: false, defaultValue: "'x'" }],
    ],
    ['a negative default', 'a = -1', [{ name: 'a', type: 'number', optional: true, rest: false, defaultValue: '-1' }]],
    ['a default that tells nothing', 'a = f()', [{ name: 'a', optional: true, rest: false, defaultValue: 'f()' }]],
    [
      'comments everywhere',
      '/* ( */ a /* : */ : /* , */ string // )\n /* = */',
      [{ name: 'a', type: 'string', optional: false, rest: false }],
    ],
    [
      'a type with every bracket',
      'a: Map<string, { x: [1, (b: "),{") => `)${string}`] }>',
      [{ name: 'a', type: 'Map<string, { x: [1, (b: "),{") => `)${string}`] }>', optional: false, rest: false }],
    ],
    [
      'destructured ones',
      '{ a, b: c = 1, ...d }, [e]: [string], { f }: F = {}',
      [
        { name: 'options', type: '{ a: unknown; b?: number; [key: string]: unknown }', optional: false, rest: false },
        { name: 'options2', type: '[string]', optional: false, rest: false },
        { name: 'options3', type: 'F', optional: true, rest: false, defaultValue: '{}' },
      ],
    ],
    [
      'a destructured rest',
      '...[a, b]: [string, number]',
      [{ name: 'options', type: '[string, number]', optional: false, rest: true }],
    ],
  ])('reads parameters: %s', (_, parameters, expected) => {
    const shown = parse(`export async function run(${parameters}) {}`).parameters;
    expect(shown).toEqual(expected);
    expect(parse(`export const run = async (${parameters}) => {}`).parameters).toEqual(expected);
  });

  it('leaves out a this parameter', () => {
    expect(parse('export function run(this: void, a: string) {}').parameters).toEqual([
      { name: 'a', type: 'string', optional: false, rest: false },
    ]);
  });

  it('reads what a file is allowed to have before it: a byte order mark, a hashbang, imports of types', () => {
    for (const start of ['\uFEFF', '#!/usr/bin/env node\n', 'import { type A } from "./a.ts"\n', '// 1\r// 2\r']) {
      const skill = parse(`${start}export function run(a: 'x' = ('x'), b: 1 = 1) { return a }`);
      expect(skill.parameters.map(({ type }) => type)).toEqual(["'x'", '1']);
    }
  });

  it('reads a function, and a default, in parentheses', () => {
    const skill = parse("export const run = ((a = ('x')): string => (a));");
    expect(skill).toMatchObject({ returns: 'string', parameters: [{ type: 'string', defaultValue: "('x')" }] });
  });

  it('reads an arrow function without parentheses', () => {
    expect(parse('export const run = async a => a').parameters).toEqual([{ name: 'a', optional: false, rest: false }]);
  });

  it('reads an arrow function whose return type is on lines of its own', () => {
    const skill = parse('export const run = async <\nT>(a: T /* ) */)\n: Promise<\n(T)\n> => a');
    expect(skill).toMatchObject({ typeParameters: 'T', parameters: [{ type: 'T' }], returns: 'Promise<\n(T)\n>' });
  });

  it('reads type parameters', () => {
    const skill = parse(
      'export function run<T extends (a: Map<string, B>) => C, U = { x: T }>(a: T): U { return a as any }\ntype B = 1; type C = 2',
    );
    expect(skill.typeParameters).toBe('T extends (a: Map<string, B>) => C, U = { x: T }');
    expect(skill.typeDeclarations).toBe('type B = 1;\ntype C = 2');
  });

  it('shows the implementation of an overloaded function, with the comment of its last overload', () => {
    const skill = parse(`/** By name. */
export function run(a: string): string;
/** By number. */
export function run(a: number): number;
export function run(a: string | number): unknown { return a }`);
    expect(skill).toMatchObject({
      description: 'By number.',
      parameters: [{ type: 'string | number' }],
      returns: 'unknown',
    });
  });

  it.each([
    ['none', 'export function run() {}', ''],
    ["the function's", '/** About run. */\nexport function run() {}', 'About run.'],
    ["the module's", '/** About it. */\n\nexport function run() {}', 'About it.'],
    [
      "the module's before the function's",
      '/** About it. */\n\n/** About run. */\nexport function run() {}',
      'About it.',
    ],
    [
      "the module's after a licence",
      '// MIT\n/* eslint-disable */\n/** About it. */\n\nconst a = 1; export function run() {}',
      'About it.',
    ],
    [
      "the module's before an import of types",
      "/** About it. */\nimport type { A } from './a';\nexport function run() {}",
      'About it.',
    ],
    ["another declaration's", '/** About A. */\ninterface A { a: 1 }\nexport function run() {}', ''],
    [
      "the function's, not another's",
      '/** About A. */\ntype A = 1\n/** About run. */\nexport function run() {}',
      'About run.',
    ],
    ['a plain comment', '/* About run. */\nexport function run() {}', ''],
    [
      'a comment of a function that is exported elsewhere',
      '/** Main. */\nconst main = () => 1;\nexport { main as run }',
      'Main.',
    ],
    ['one in a string', 'export function run() { return "/** no */" }', ''],
    ['one after the function', 'export function run() {}\n/** Later. */\nexport const a = 1', ''],
  ])('takes as description %s', (_, source, description) => {
    expect(parse(source).description).toBe(description);
  });

  it('joins what the comments of module and function say', () => {
    const skill = parse(
      '/** It. @tags no\n * @tags a\n * @param x from the module */\n\n/** @tags b, a\n @param x y\n @param z of z*/\nexport function run(x, z) {}',
    );
    expect(skill.tags).toEqual(['a', 'b']);
    expect(skill.parameters.map(({ description }) => description)).toEqual(['from the module', 'of z']);
  });

  it.each([
    ['SYNTAX_ERROR', 'export function run() {\n  const = 1;\n}', 2, 9],
    ['SYNTAX_ERROR', 'export function run() {}\nconst a = 1;\nconst a = 2;', 3, 7],
    ['UNSUPPORTED_SYNTAX', 'export function run() {}\n@decorated class A {}', 2, 1],
    ['SYNTAX_ERROR', 'export function run() {}\nreturn 1', 2, 1],
    ['UNSUPPORTED_SYNTAX', 'export function run() {}\n\n  enum A { B }', 3, 3],
    ['UNSUPPORTED_SYNTAX', 'namespace A { export const b = 1 }\nexport function run() {}', 1, 1],
    ['UNSUPPORTED_SYNTAX', 'const a = 1;\nimport fs from "node:fs";\nexport function run() {}', 2, 1],
    ['UNSUPPORTED_SYNTAX', 'export { run } from "./other.ts"', 1, 1],
    ['UNSUPPORTED_SYNTAX', 'export * from "./other.ts"', 1, 1],
    ['INVALID_SKILL', '', 1, 1],
    ['INVALID_SKILL', 'function run() {}', 1, 1],
    ['INVALID_SKILL', 'export type run = () => void', 1, 1],
    ['INVALID_SKILL', 'const a = 1;\nexport default async function run() {}', 2, 1],
    ['INVALID_SKILL', 'export const run = 1', 1, 20],
    ['INVALID_SKILL', 'export class run {}', 1, 8],
    ['INVALID_SKILL', 'export let run: () => void;', 1, 8],
    ['INVALID_SKILL', 'export const { run } = { run() {} }', 1, 1],
    ['INVALID_SKILL', 'export function* run() {}', 1, 8],
  ])('refuses with %s, naming the place: %j', (code, source, line, column) => {
    const error = failure(source);
    expect(error.code).toBe(code);
    expect(error.message).toContain('Cannot parse skills/report.ts: ');
    expect(error.message).toContain(` (${line}:${column})`);
    expect(error.message.endsWith(`\n${String(error.details['frame'])}`)).toBe(true);
    expect(error.details).toMatchObject({ file: 'skills/report.ts', line, column });
  });

  it('shows the place in a frame', () => {
    expect(failure('// 1\n// 2\n// 3\nlet a = ;\n// 5\n// 6\n// 7').details['frame']).toBe(
      ['  3 | // 3', '> 4 | let a = ;', '    |         ^', '  5 | // 5'].join('\n'),
    );
  });

  it('shows a part of a very long line', () => {
    const { details, message } = failure(`let a;${' '.repeat(100_000)}let a = 1`);
    expect(details).toMatchObject({ line: 1, column: 100_011 });
    expect(message.length).toBeLessThan(1_000);
    expect(message).toContain('let a = 1');
  });

  it.each([
    'const rate = await tools.rate({});\nexport function run() {}',
    'export async function run() {}\n{\n  for await (const a of []) {}\n}',
    'export function run() {}\n  await using a = null;',
    'export function run() {}\nclass A { [await 1] = 2 }',
    'export async function run() {\n  return (await import("node:fs")).rmSync;\n}',
    'export const run = () => import.meta.url',
    'export function run() {\n  const fs = require("fs");\n}',
    'function f() { const require = 1; }\nexport const run = () => require("fs")',
    'import fs from "fs";\nawait 1;\nexport function run() {}',
    'await 1;\nimport("a")',
    'await 1',
    'export const run = 1',
  ])('refuses what the sandbox would refuse, in the same words: %j', (source) => {
    const { code, message, details } = failure(source);
    const later = failure(source, (text) => compileSkill(text, { file: 'skills/report.ts' }));
    expect({ code, message, details }).toEqual({ code: later.code, message: later.message, details: later.details });
  });

  it.each([
    'export async function run() { await 1; for await (const a of []) {} }',
    'export const run = async (a = async () => await 1) => a',
    'class A { static async b() { await 1; } }\nexport const run = () => A',
    'const require = (name: string) => name;\nexport const run = () => require("fs")',
    'export function run(require: (name: string) => string) { return require("fs") }',
    'export const run = () => ({ require: 1, await: 2 }).require',
  ])('takes what only looks like it: %j', (source) => {
    expect(parse(source).name).toBe('report');
    compileSkill(source, { file: 'skills/report.ts' });
  });

  it('says what to write instead', () => {
    expect(failure('export function run() {}\nenum A { B }').message).toContain('as const');
    expect(failure('import a from "b"').message).toContain('use tools.*, skills.*');
    expect(failure('export default () => 1').message).toContain('export async function run');
  });

  it('executes nothing', () => {
    const skill = parse(`
      globalThis.wasExecuted = true;
      process.exit(1);
      while (true) {}
      throw new Error('no');
      export const run = async (a = process.exit(2)) => a;`);
    expect(skill.parameters[0]?.defaultValue).toBe('process.exit(2)');
    expect('wasExecuted' in globalThis).toBe(false);
  });

  it('refuses what is too large', () => {
    expect(failure(`export function run() {} // ${'x'.repeat(MAX_SKILL_BYTES)}`).code).toBe('INVALID_SKILL');
    expect(failure(`export function run() {} // ${'é'.repeat(MAX_SKILL_BYTES / 2)}`).code).toBe('INVALID_SKILL');
    expect(parse(`export function run() {} // ${'x'.repeat(MAX_SKILL_BYTES - 100)}`).name).toBe('report');
  });

  it('leaves out types that reach for what only the file has', () => {
    const skill = parse(`const defaults = { a: 1 };
export function run(a: typeof defaults, b: import('fs').Stats, c: { [key in 'x']: Missing }, d: Broken): a is string { return true }
interface Broken { [defaults.a / 2]: string }`);
    expect(skill.parameters.map(({ type }) => type)).toEqual([
      undefined,
      undefined,
      "{ [key in 'x']: Missing }",
      'Broken',
    ]);
    expect(skill.returns).toBeUndefined();
    expect(skill.typeDeclarations.split('\n').toSorted()).toEqual(
      expect.arrayContaining(['type Broken = unknown;', 'type Missing = unknown;']),
    );
  });

  it('finds types in any company', () => {
    const skill = parse(`type A = { a: B } | B
type B =
  | 'x' // ; type
  | C
declare const tools: unknown; interface C<T = {}> { c: D
  d?: E; method(parameter: string): void } interface D { a: 1 }
const code = /}/.test('interface C {}');
export type E = (D extends infer F ? F : never)
interface D { b: 2 }
export async function run(a: A, g: G): Promise<void> {}
export interface G extends Record<string, A> {}`);
    expect(skill.typeDeclarations.split('\n').filter((line) => line.includes('unknown'))).toEqual([]);
    for (const name of [
      'type A',
      'type B',
      'interface C',
      'interface D { a: 1 }',
      'interface D { b: 2 }',
      'type E',
      'interface G',
    ]) {
      expect(skill.typeDeclarations).toContain(name);
    }
  });
});
