import { beforeAll, describe, expect, it } from 'vitest';

import { compileCell } from '../../../src/guest/compile/compile-cell.ts';
import { compileFailure } from './compile-failure.ts';

const SIZE = 256 * 1024;

function fill(part: string): string {
  return part.repeat(Math.floor(SIZE / part.length));
}

function count(amount: number, part: (index: number) => string): string {
  return Array.from({ length: amount }, (_, index) => part(index)).join('');
}

function compile(source: string): string {
  return compileCell(source, { file: 'run-1.ts', reserved: [] }).code;
}

// The stripper's WebAssembly breaks for good when it runs out of stack: what counts is the good cell after each.
describe('a hostile source is a syntax error, and hurts no later one', () => {
  // From here on a thread of its own strips, whose time is bounded.
  beforeAll(() => expect(() => compile(fill('('))).toThrow('nested too deeply'));

  it.each([
    ['parentheses', fill('(')],
    ['brackets', fill('[')],
    ['braces', fill('{')],
    ['templates', fill('`${')],
    ['negations', fill('!')],
    ['typeof', fill('typeof ')],
    ['arrows', fill('x=>')],
    ['sums', `${fill('1+')}1`],
    ['members', `a${fill('.b')}`],
    ['types', `let a: ${fill('A<')}`],
    ['conditionals', `${fill('a?b:')}c`],
    ['functions', fill('function f(){')],
    ['an error after 65,535 columns', `${fill('a;')})`],
    // Exponential in the stripper.
    ['conditionals with arrows', `${'a?(b):c=>'.repeat(60)}d`],
    ['generic calls', '<T>('.repeat(60)],
  ])('%s', (_, source) => {
    const failure = compileFailure(() => compile(source));
    expect(failure.code).toBe('SYNTAX_ERROR');
    expect(failure.details['file']).toBe('run-1.ts');
    expect(compile('const good: number = 1')).toContain('good         = 1');
  });
});

describe('a large source compiles', () => {
  it.each([
    ['statements', fill('a;')],
    ['declarations', count(12_000, (i) => `const a${i}=${i};`)],
    ['functions', count(9_000, (i) => `function f${i}(){}`)],
    ['shadowed assignments', `const a=1;function f(a){${'{'.repeat(200)}${'a=1;'.repeat(50_000)}${'}'.repeat(200)}}`],
    [
      'shadowed names',
      `${count(9_000, (i) => `const a${i}=1;`)}function f(${count(9_000, (i) => `a${i},`)}){${count(9_000, (i) => `a${i}=1;`)}}`,
    ],
    ['tracked statements', `if(a){${fill('b;')}}`],
    ['wide text', `"${fill('é名')}"`],
    ["names that look like the compiler's", `${count(20_000, (i) => `$${i}_;`)}if(a)b`],
    ['line breaks', fill('\r\n')],
    ['an object at the end', `${fill('a;')}\n{ a: 1, b: 2 }`],
  ])('%s', (_, source) => {
    expect(compile(source).startsWith('"use strict";(async function(){')).toBe(true);
  });
});
