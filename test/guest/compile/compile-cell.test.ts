import { describe, expect, it } from 'vitest';

import { compileCell } from '../../../src/guest/compile/compile-cell.ts';
import type { CodeModeError } from '../../../src/errors/code-mode-error.ts';
import { CellMachine } from './cell-machine.ts';
import { compileFailure } from './compile-failure.ts';

/** Cells that run one after the other in one engine, and the value of the last. */
type Row = readonly [cells: string | readonly string[], value: unknown];

function table(rows: readonly Row[]): void {
  it.each(rows)('%j', async (cells, value) => {
    const machine = await CellMachine.create();
    const results = [cells].flat().map((cell) => machine.run(cell));
    expect(results.at(-1)).toEqual({ value });
  });
}

describe('the value of a cell', () => {
  table([
    ['', undefined],
    ['  \n', undefined],
    ['// nothing', undefined],
    ['/* nothing */', undefined],
    ['1 + 1', 2],
    ['1 + 1 // two', 2],
    ['1; 2; 3', 3],
    ['1;;;', 1],
    ['1, 2', 2],
    ["'use strict'", 'use strict'],
    ["'use strict'; 5", 5],
    ['"a" + "b"', 'ab'],
    ['return 5; 6', 5],
    ['if (true) { return 1 }\n2', 1],
    ['return', undefined],
    ['await 3', 3],
    ['await Promise.resolve(4)', 4],
    ['Promise.resolve(5)', 5],
    ['const slow = async () => 6\nslow()', 6],
    ['for await (const n of [Promise.resolve(7)]) n', 7],
    ['let x = 1', undefined],
    ['5; let x = 1', undefined],
    ['5; function f() {}', undefined],
    ['5; class A {}', undefined],
    ['5; interface A {}', 5],
    ['5\ntype A = 1', 5],
    ['(function () { return this === undefined })()', true],
    ['this === undefined', true],
    ['x => {}\n;(0)', 0],
    ['let a = 1\na++\n++a', 3],
    ['do 5; while (false) 6', 6],
    ['`a\n${1}\nb`', 'a\n1\nb'],
    ['/re/g.flags', 'g'],
    // A script would read the rest of the line as a comment.
    ['let n = 1; 0<!--n', true],
  ]);
});

describe('the completion value of statements', () => {
  table([
    ['if (true) 1; else 2', 1],
    ['if (false) 1; else 2', 2],
    ['if (false) 1', undefined],
    ['5; if (false) 1', undefined],
    ['if (1) { 1 } else if (2) { 2 }', 1],
    ['if (0) { 1 } else if (2) { 2 } else 3', 2],
    ['for (let i = 0; i < 3; i++) i', 2],
    ['for (const x of [1, 2]) { x * 10 }', 20],
    ['for (const x of []) x', undefined],
    ['for (const k in { a: 1, b: 2 }) k', 'b'],
    ['let i = 0; while (i < 3) i++', 2],
    ['let i = 0; do { i } while (++i < 3)', 2],
    ['for (const x of [1, 2, 3]) { if (x === 2) continue; x }', 3],
    ['for (const x of [1, 2, 3]) { if (x === 3) { "three"; break } x }', 'three'],
    ['for (const x of [1, 2]) { x; if (x === 2) break }', undefined],
    ['for (;;) { 5; break }', 5],
    ['switch (2) { case 1: 1; case 2: 2; case 3: 3; break; default: 4 }', 3],
    ['switch (9) { case 1: 1; break; default: 4 }', 4],
    ['try { 1 } catch { 2 }', 1],
    ['try { 1; throw 0 } catch { 2 }', 2],
    ['try { 1; throw 0 } catch {}', undefined],
    ['try { 1 } finally { 2 }', 1],
    ['do { try { 1 } finally { 2; break } } while (false)', 2],
    ['outer: for (const x of [1, 2]) { for (const y of [3, 4]) { x * y; if (y === 3) continue outer } }', undefined],
    ['done: { 1; break done; 2 }', 1],
    ['{ let a = 1; a + 1 }', 2],
    ['1; { let a = 2 }', 1],
    ['if (true) 7\nelse 5', 7],
    ['const $0_value = 8; if (true) $0_value', 8],
    ['const \\u0024\\u0030_value = 9; if (true) $0_value', 9],
    ['if (true) { await 1; await 2 }', 2],
    ['try { await Promise.reject(1) } catch (e) { `caught ${e}` }', 'caught 1'],
    ['if (true) { function f() { return 1 } f() }', 1],
    ['if (true) { a: 1 }', 1],
  ]);
});

describe('an object without parentheses', () => {
  table([
    ['{}', {}],
    ['{ a: 1 }', { a: 1 }],
    ['{ a: 1 };', { a: 1 }],
    ['{ a: 1, b: 2 }', { a: 1, b: 2 }],
    ['{ "a b": 1 }', { 'a b': 1 }],
    ['{ ...{ a: 1 }, b: 2 }', { a: 1, b: 2 }],
    ['{ a: { b: { c: [1] } } }', { a: { b: { c: [1] } } }],
    ['const a = 1\n{ a }', { a: 1 }],
    ['const a = 1, b = 2\n{ a, b }', { a: 1, b: 2 }],
    ['const a = 1;\n\n{ total: a as number, names: ["}"] }', { total: 1, names: ['}'] }],
    ['const f = (n: number) => n\nf(1)\n{ a: f(2), b: await f(3) }', { a: 2, b: 3 }],
    ['{ get a() { return 1 }, ["b"]: 2 }', { a: 1, b: 2 }],
    ['{ html: "</p>", b: "<br/>" }', { html: '</p>', b: '<br/>' }],
    ['{ a: 1; }', 1],
    ['{ const a = 1; a }', 1],
    ['if (true) {}\n{ a: 1, b: 2 }', { a: 1, b: 2 }],
    ['({ a: 1 })', { a: 1 }],
    ['[{ a: 1 }]', [{ a: 1 }]],
  ]);

  it.each([
    'if (true) { a: 1, b: 2 }',
    'foo { a: 1, b: 2 }',
    'x => \n{ a: 1, b: 2 }',
    'const x =\n',
    'while (x)\n{ a: 1, b: 2 }',
  ])('leaves %j an error', (source) => {
    expect(() => compileCell(source, { file: 'run-1.ts', reserved: [] })).toThrow('Cannot parse run-1.ts');
  });
});

describe('TypeScript', () => {
  table([
    ['const a: number = 1; a', 1],
    ['let a!: number; a = 2; a', 2],
    ['const f = <T,>(x: T): T => x; f<number>(3)', 3],
    ['const f = async <T extends object>(x: T): Promise<T> => x\nawait f({ a: 1 })', { a: 1 }],
    ['interface P { a: string }\ntype Q = P & { b?: 1 }\nconst p: Q = { a: "x" }\np!.a', 'x'],
    ['const c = { Red: "red" } as const satisfies object; c.Red', 'red'],
    [
      'abstract class A { abstract f(): number; g() { return this.f() } }\nclass B extends A { f() { return 4 } }\nnew B().g()',
      4,
    ],
    [
      'class A { declare x: number; y?: string; readonly z = 1; [k: string]: unknown; static #p = 5; static p() { return A.#p } }\nA.p()',
      5,
    ],
    ['function f(a: string): string\nfunction f(a: number): number\nfunction f(a: unknown) { return a }\nf(6)', 6],
    ['function f(this: { n: number }, m: number) { return this.n + m }\nf.call({ n: 1 }, 2)', 3],
    ['declare const outside: string\ntypeof outside', 'undefined'],
    ['import type { A } from "a"\nimport { type B } from "b"\nconst x: A | B = 7\nx', 7],
    ['export interface A { a: 1 }\nexport type B = A\nexport const v: number = 8\nv', 8],
    ['export const a = 1\nexport { a as b }\nexport {}\nexport function f() { return a }\nexport class C {}\nf()', 1],
    [
      'export const a = 1;\nimport type { T } from "t";\nexport type { T };\nexport async function f(): Promise<number> { return a }\nreturn await f()',
      1,
    ],
    ['export default { a: 9 }', { a: 9 }],
    ['export default (1, 2)', 2],
    ['export default function named() { return 3 }\nnamed()', 3],
    ['export default class Named { x = 4 }\nnew Named().x', 4],
    ['export default 5; 6', 6],
    ['let a = 1 as unknown as { b: 1 }\n;[1].length', 1],
    ['type tools = string; 1', 1],
    ['const x = (y: any): y is\nstring => true\nx(1)', true],
  ]);
});

describe('names that stay', () => {
  table([
    [['const a = 1', 'a'], 1],
    [['let a', 'a = 2', 'a'], 2],
    [['const a = 1', 'a = 2; a'], 2],
    [['const a = 1', 'const a = 2', 'let a = 3; a'], 3],
    [['class A { v = 1 }', 'new A().v'], 1],
    [['class A { v = 1 }', 'class A { v = 2 }', 'new A().v'], 2],
    [['function f() { return 1 }', 'f()'], 1],
    [['const early = f()\nfunction f() { return g() }\nfunction g() { return 2 }', 'early'], 2],
    [['function f() { return g() }\nfunction g() { return 1 }', 'function g() { return 2 }', 'f()'], 2],
    [['let n = 1; const get = () => n', 'n = 5', 'get()'], 5],
    [['let n = 1; const get = () => n', 'const n = 6', 'get()'], 6],
    [['let fib = 0; { fib = 1 }', 'fib'], 1],
    [['function f(n) { return n === 0 ? "old" : f(n - 1) }\nconst old = f; f = () => "new"; old(1)'], 'new'],
    [['function f() { f = 5 }; f()', 'f'], 5],
    [
      ['function* g() { yield 1 }\nasync function h() { return 2 }', '[...g(), await h()]'],
      [1, 2],
    ],
    [
      ['function f(a: number) { return a }', 'f.name + f.toString().length'],
      `f${'function f(a        ) { return a }'.length}`,
    ],
    [
      ['const f = () => 1, C = class {}', '[f.name, C.name]'],
      ['f', 'C'],
    ],
    [
      ['const { a, b: { c = 2, ...d }, ...e } = { a: 1, b: { x: 1 }, y: 2 }', '[a, c, d, e]'],
      [1, 2, { x: 1 }, { y: 2 }],
    ],
    [
      ['const [a, , [b] = [3], ...c] = [1, 2, undefined, 4, 5]', '[a, b, c]'],
      [1, 3, [4, 5]],
    ],
    [
      ['const { a } = { a: 1 }\nconst [b] = [2]\nlet { c } = { c: 3 }, d', '[a, b, c, d]'],
      [1, 2, 3, undefined],
    ],
    [['let a = 1', 'let a', 'a'], undefined],
    [['var a = 1', 'var a', 'a'], 1],
    [
      ['var a = 1; if (true) { var a = 2; var { b } = { b: 3 } }', '[a, b]'],
      [2, 3],
    ],
    [
      ['if (true) var a = 2; else var b', '[a, b]'],
      [2, undefined],
    ],
    [['for (var i = 0; i < 3; i++);', 'i'], 3],
    [['for (var async of [1, 2]);', 'async'], 2],
    [
      ['for (var { x } of [{ x: 4 }]);\nfor (var k in { q: 1 });', '[x, k]'],
      [4, 'q'],
    ],
    [
      ['const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i)', 'fs.map((f) => f())'],
      [0, 1, 2],
    ],
    [['for (let i = 0; i < 3; i++);', 'typeof i'], 'undefined'],
    [['{ let inner = 1 }', 'typeof inner'], 'undefined'],
    [['if (true) { function inner() {} }', 'typeof inner'], 'undefined'],
    [['const a = x => {}\n;(1)', 'typeof a'], 'function'],
    [
      ['const a = 1\n;[2].length\nconst b = a\n;(3)', '[a, b]'],
      [1, 1],
    ],
    [['let a = 1\nconst { b } = { b: a }\nfunction f() {}\n[b][0]'], 1],
    [['foo()\nfunction foo() { log.push("foo") }\n(1)', 'log'], ['foo']],
    [['export const a = 1', 'a'], 1],
    [
      ['const tool = 1; { const tools = 2; log.push(tools) } ((tools) => log.push(tools))(3)', 'log'],
      [2, 3],
    ],
    [
      ['using r = { [Symbol.dispose]() { log.push("disposed") } }; log.push("used")', '[typeof r, ...log]'],
      ['object', 'used', 'disposed'],
    ],
    [
      ['await using r = { async [Symbol.asyncDispose]() { log.push("disposed") } }\nlog.push("used")\nreturn 1', 'log'],
      ['used', 'disposed'],
    ],
    [
      ['const a = 1; function f(a) { a = 2; return a } const g = () => { let a; a = 3; return a }; [f(0), g(), a]'],
      [2, 3, 1],
    ],
    [
      ['const a = 1; for (let a of [4]) { a = 5; log.push(a) } try { throw 6 } catch (a) { a = 7; log.push(a) } log'],
      [5, 7],
    ],
    [['const require = (n) => n; require(4)'], 4],
    [['const \\u0061b = 1', 'ab'], 1],
    [['const é = 1, 名 = 2', 'é + 名'], 3],
    [['\uFEFFconst a = 1', 'a'], 1],
    [['#!/usr/bin/env node\nconst a = 1', 'a'], 1],
    [['const a = 1\r\nconst b = 2\r\n', 'a + b'], 3],
    [['const a = "\u2028"', 'a'], '\u2028'],
    [['const a = 1;\u2028const b = 2', 'a + b'], 3],
  ]);

  it('keeps what a cell declared before it threw', async () => {
    const machine = await CellMachine.create();
    expect(machine.run('const a = 1\nconst b = a + 1\nthrow new Error("no")\nconst c = 3').error).toBe('Error: no');
    expect(machine.run('[a, b, typeof c]')).toEqual({ value: [1, 2, 'undefined'] });
    expect(machine.run('const d = (() => { throw new Error("no") })()').error).toBe('Error: no');
    expect(machine.run('const d = 4; d')).toEqual({ value: 4 });
  });

  it('tells the names that a cell declares', () => {
    const source =
      'export const a = 1, { b } = {}; let c; for (var d of []) { let no } function e(no) {} class F {} if (a) { var g }';
    expect(compileCell(source, { file: 'run-1.ts', reserved: [] }).declares.toSorted()).toEqual([
      'F',
      'a',
      'b',
      'c',
      'd',
      'e',
      'g',
    ]);
  });
});

describe('errors of a run', () => {
  /** The cell's source marks the position with `@`. */
  it.each([
    ['@throw', 'throw new @Error("x")'],
    ['second line', 'const a = 1\n  throw new @Error("x")'],
    ['after declarations', 'const a = 1; const { b } = { b: 2 }; let c; throw new @Error("x")'],
    ['in a class', 'class A { f() { throw new @Error("x") } }; new A().f()'],
    ['in a function', 'const a = 1; function f() { throw new @Error("x") }; f()'],
    ['in an async function', 'async function f() { await 1; throw new @Error("x") }\nawait f()'],
    ['in the last statement', 'if (true) { 1; throw new @Error("x") }'],
    ['in the last expression', '(() => { throw new @Error("x") })()'],
    ['after wide text', 'const é = "名𝒳"; const 名 = 1; throw new @Error("x")'],
    ['after wide text and edits', 'let é; for (const 名 of ["𝒳"]) { if (名) { "名"; throw new @Error("x") } }'],
    ['after types', 'const a: Record<string, number> = {}; throw new @Error("x" as string)'],
    ['after an emoji type', 'const a: "😀" | "é" = "é"; throw new @Error("x")'],
    ['after CRLF', 'const a = 1\r\n\r\nthrow new @Error("x")'],
    ['after CR', '/* a\r */ const a = 1\rthrow new @Error("x")'],
    ['in a template', 'const a = `\n\n${(() => { throw new @Error("x") })()}`'],
    ['in an object', 'const a = 1\n{ a, b: (() => { throw new @Error("x") })() }'],
    ['in a finally block', 'try { 1 } finally { throw new @Error("x") }'],
    ['in a default export', 'export default (() => { throw new @Error("x") })()'],
    ['a name that is not defined', 'const a = 1; @nothing'],
    ['a call of what is no function', 'const a = {}; a@.b()'],
  ])('name the position: %s', async (_, marked) => {
    const machine = await CellMachine.create();
    const before = marked.split('@', 1)[0]?.split(/\r\n|\r|\n/) ?? [];
    const { stack } = machine.run(marked.replace('@', ''));
    expect(stack?.split('\n')[0]).toMatch(
      new RegExp(`run-1\\.ts:${before.length}:${(before.at(-1)?.length ?? 0) + 1}\\)?$`),
    );
  });

  it('show the frames of the agent alone, with their names', async () => {
    const machine = await CellMachine.create();
    machine.run('function inner() { throw new Error("x") }\nconst outer = () => [1].map(inner)');
    expect(machine.run('\n  eval("1"); outer()').stack).toBe(
      ['    at inner (run-1.ts:1:30)', '    at outer (run-1.ts:2:29)', '    at run-2.ts:2:14'].join('\n'),
    );
  });

  it('assigning a reserved name is a TypeError', async () => {
    const machine = await CellMachine.create();
    expect(machine.run('tools = 1').error).toMatch(/^TypeError: /);
    expect(machine.run('tools.name')).toEqual({ value: 'tools' });
  });
});

describe('errors in the source', () => {
  /** The cell's source marks the position with `@@`. */
  it.each([
    ['SYNTAX_ERROR', 'let x = @@;', 'Expression expected'],
    ['SYNTAX_ERROR', 'const a = 1\nconst b = 2\n  foo @@bar', 'Expected'],
    ['SYNTAX_ERROR', '\t\tlet x = @@;', 'Expression expected'],
    ['SYNTAX_ERROR', 'let a = "é名𝒳"; let x = @@;', 'Expression expected'],
    ['SYNTAX_ERROR', 'a\r\n\r\nlet x = @@;', 'Expression expected'],
    ['SYNTAX_ERROR', 'if (a) {\n  b()@@\n', '<eof>'],
    ['SYNTAX_ERROR', 'foo()@@}\nreturn 1', 'Expression expected'],
    ['SYNTAX_ERROR', '@@}); evil(); (async () => {', 'Expression expected'],
    ['SYNTAX_ERROR', 'const a = 1\nconst @@a = 2', 'already been declared'],
    ['SYNTAX_ERROR', 'const @@tools = 1', 'tools is reserved'],
    ['SYNTAX_ERROR', 'const { a: [{ @@skills = 1 }] } = x', 'skills is reserved'],
    ['SYNTAX_ERROR', 'function @@artifacts() {}', 'artifacts is reserved'],
    ['SYNTAX_ERROR', 'class @@console {}', 'console is reserved'],
    ['SYNTAX_ERROR', 'if (a) { var @@tools }', 'tools is reserved'],
    ['SYNTAX_ERROR', 'const a = 1; @@a = 2', 'Assignment to constant variable a'],
    ['SYNTAX_ERROR', 'const a = 1; () => { [@@a] = [2] }', 'Assignment to constant variable a'],
    ['SYNTAX_ERROR', 'const a = 1; function f(a) { a = 1 } ({ b: (@@a) } = c)', 'Assignment to constant variable a'],
    ['SYNTAX_ERROR', 'const { a } = b; for (@@a of c) {}', 'Assignment to constant variable a'],
    ['SYNTAX_ERROR', 'const a = 1\n{ b: 1, c: () => { @@a = 2 } }', 'Assignment to constant variable a'],
    ['SYNTAX_ERROR', '@@with (a) {}', 'with'],
    ['UNSUPPORTED_SYNTAX', '@@enum Color { Red }', 'const Color = { Red:'],
    ['UNSUPPORTED_SYNTAX', 'const @@enum Color {\n  Red\n}', 'const Color = { Red:'],
    ['UNSUPPORTED_SYNTAX', '@@namespace N { export const a = 1 }', 'plain functions'],
    ['UNSUPPORTED_SYNTAX', '@@module N { export const a = 1 }', 'plain functions'],
    ['UNSUPPORTED_SYNTAX', 'class A { constructor(private @@x: number) {} }', 'constructor'],
    ['UNSUPPORTED_SYNTAX', '@@@sealed class A {}', 'Decorators'],
    ['UNSUPPORTED_SYNTAX', 'const a = @@<number>b', '`value as Type`'],
    ['UNSUPPORTED_SYNTAX', 'const a = <div>hello<@@/div>', 'JSX'],
    ['UNSUPPORTED_SYNTAX', 'const a = <br/@@>', 'JSX'],
    ['UNSUPPORTED_SYNTAX', 'const a = <p @@class="b">\n  {text}\n</p>', 'JSX'],
    ['UNSUPPORTED_SYNTAX', 'const a = (\n  <p>\n    {text}\n  <@@/p>\n)', 'JSX'],
    ['SYNTAX_ERROR', 'const a = "</p>" @@b', 'Expected'],
    ['UNSUPPORTED_SYNTAX', '@@import fs from "node:fs"', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', '@@import "node:fs"', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'return 1\n@@import { a } from "b"', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', '@@import fs = require("fs")', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', '@@export * from "b"', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', '@@export { a } from "b"', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'const a = await @@import("fs")', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'f(() => @@import.meta.url)', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', 'const fs = @@require("fs")', 'use tools.*'],
    ['UNSUPPORTED_SYNTAX', '((require) => require(1)); @@require(2)', 'use tools.*'],
  ] as const)('%s: %j', (code, marked, reason) => {
    const offset = marked.indexOf('@@');
    const error = failure(marked.replace('@@', ''));
    expect(error.code).toBe(code);
    expect(error.message).toContain('Cannot parse run-1.ts: ');
    expect(error.message).toContain(reason);
    const before = marked.slice(0, offset).split(/\r\n|\n/);
    const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    expect(error.details).toMatchObject({ file: 'run-1.ts', ...position });
    expect(error.message).toContain(`(${position.line}:${position.column})`);
  });

  it('have a code frame', () => {
    expect(failure('const a = 1\nlet b = ;\nconst c = 3').details['frame']).toBe(
      ['  1 | const a = 1', '> 2 | let b = ;', '    |         ^', '  3 | const c = 3'].join('\n'),
    );
  });
});

function failure(source: string): CodeModeError {
  return compileFailure(() =>
    compileCell(source, { file: 'run-1.ts', reserved: ['tools', 'skills', 'artifacts', 'console'] }),
  );
}
