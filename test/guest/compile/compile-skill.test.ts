import { describe, expect, it } from 'vitest';

import { compileSkill } from '../../../src/guest/compile/compile-skill.ts';
import { CellMachine } from './cell-machine.ts';
import { compileFailure } from './compile-failure.ts';

const FILE = 'skills/report.ts';

/** Evaluates a skill as the runtime does, and calls its `run`. */
async function call(source: string, args: string, machine?: CellMachine): Promise<ReturnType<CellMachine['start']>> {
  const own = machine ?? (await CellMachine.create());
  const { code, map } = compileSkill(source, { file: FILE });
  own.remember(FILE, { source, map });
  own.vm.withScope(() => own.vm.setProp(own.vm.global, 'factory', own.vm.evalCode(code, FILE)));
  return own.start(`(async () => factory({ depth: 3 })(${args}))`, '<test>');
}

describe('compileSkill', () => {
  it.each([
    ['export function run(a: number, b = 2): number { return a + b }', 3],
    ['export async function run(a: number) { return await Promise.resolve(a) }', 1],
    ['export const run = (a: number) => a', 1],
    ['export const run = ((a: number) => a * 2)', 2],
    ['const main = (a: number) => a\nexport { main as run }', 1],
    ['export { main as run };\nfunction main(a: number) { return a }', 1],
    ['export default { a: 1 }\nexport function run() { return 5 }', 5],
    [
      'import type { A } from "a"\nimport { type B } from "b"\nexport interface C {}\nexport type { A }\nexport function run(a: A | B | C) { return a }',
      1,
    ],
    [
      'const factor = 3\nfunction helper(a: number) { return a * factor }\nexport const other = helper\nexport class K {}\nexport function run(a: number) { return other(a) }',
      3,
    ],
    ['export function run() { return (skills as any).depth }', 3],
    ['const skills = 6\nexport function run() { return skills }', 6],
    ['export function run() { return typeof this }', 'undefined'],
    ['const require = (a: number) => a\nexport function run(a: number) { return require(a) }', 1],
    ['#!/usr/bin/env node\nexport const run = () => 1 // done', 1],
  ])('%j', async (source, value) => {
    expect(await call(source, '1')).toEqual({ value });
  });

  it('keeps its top level to itself, and fresh for every evaluation', async () => {
    const machine = await CellMachine.create();
    const source = 'let count = 0\nvar seen = 1\nclass A {}\nexport function run() { return ++count }';
    expect(await call(source, '', machine)).toEqual({ value: 1 });
    expect(await call(source, '', machine)).toEqual({ value: 1 });
    expect(machine.run('[typeof count, typeof seen, typeof A, typeof run]')).toEqual({
      value: ['undefined', 'undefined', 'undefined', 'undefined'],
    });
  });

  it('names its own lines in errors', async () => {
    const { error, stack } = await call(
      '/** Fails. */\nexport function run(a: string): never {\n  throw new Error("x")\n}',
      '"a"',
    );
    expect(error).toBe('Error: x');
    expect(stack).toBe('    at run (skills/report.ts:3:13)');
    const early = await call('export function run() {}; throw new TypeError("early")', '');
    expect(early.stack).toBe('    at skills/report.ts:1:37');
  });

  it.each([
    ['INVALID_SKILL', 'export function main() {}\nexport const b = 1', 'It does not export a function run (1:1)'],
    ['INVALID_SKILL', 'function run() {}', 'It does not export a function run (1:1)'],
    ['INVALID_SKILL', 'export default () => 1', 'It has a default export and no run (1:1)'],
    ['INVALID_SKILL', 'export default function run() {}', 'It has a default export and no run (1:1)'],
    ['INVALID_SKILL', 'export let run: () => void\nrun = () => {}', 'run is not a function where it is declared'],
    ['UNSUPPORTED_SYNTAX', 'import fs from "fs"\nexport function run() {}', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'export { run } from "other"', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'export function run() { return import("fs") }', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'export function run() { return require("fs") }', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'const a = await 1\nexport function run() {}', 'move it into run'],
    ['UNSUPPORTED_SYNTAX', 'for await (const a of []) {}\nexport function run() {}', 'move it into run'],
    ['UNSUPPORTED_SYNTAX', 'await using a = null\nexport function run() {}', 'move it into run'],
    ['UNSUPPORTED_SYNTAX', 'export enum A { B }\nexport function run() {}', 'as const'],
    ['SYNTAX_ERROR', 'export function run() {', '<eof>'],
    ['SYNTAX_ERROR', 'export function run() {}\nreturn 1', 'Return statement'],
    ['SYNTAX_ERROR', '} evil(); { export function run() {}', 'Expression expected'],
  ])('refuses with %s: %j', (code, source, reason) => {
    const failure = compileFailure(() => compileSkill(source, { file: FILE }));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(reason);
    expect(failure.details['file']).toBe(FILE);
  });
});
