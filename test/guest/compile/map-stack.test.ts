import { describe, expect, it } from 'vitest';

import { compileCell } from '../../../src/guest/compile/compile-cell.ts';
import { describeFailure } from '../../../src/guest/compile/describe-failure.ts';
import { mapStack } from '../../../src/guest/compile/map-stack.ts';
import type { SourceRecord } from '../../../src/guest/compile/map-stack.ts';
import { codeFrame } from '../../../src/typescript/syntax-error.ts';

const source = 'const a = 1; throw a\n\n\n';
const record: SourceRecord = { source, map: compileCell(source, { file: 'run-1.ts', reserved: [] }).map };

function lookup(file: string): SourceRecord | undefined {
  return file === 'run-1.ts' || file === 'a:b (c).ts' ? record : undefined;
}

describe('mapStack', () => {
  it('keeps the frames of known files alone', () => {
    const stack = [
      'Error: x',
      '    at f (run-1.ts:2:5)',
      '    at map (native)',
      '    at boot (prelude.js:1:1)',
      '    at <eval> (<input>:1:1)',
      '    at run-1.ts:5:1',
      '    at <anonymous> (run-1.ts:3:7)',
      '    at run-1.ts:4:1',
      '',
    ];
    expect(mapStack(stack.join('\n'), lookup)).toEqual({
      text: '    at f (run-1.ts:2:5)\n    at run-1.ts:3:7\n    at run-1.ts:4:1',
      location: { file: 'run-1.ts', line: 2, column: 5 },
    });
  });

  it('maps what the compiler put in to where it put it', () => {
    expect(mapStack('    at run-1.ts:1:3', lookup).location).toEqual({ file: 'run-1.ts', line: 1, column: 1 });
  });

  it('reads files and names with colons and parentheses', () => {
    expect(mapStack('    at g (h) (a:b (c).ts:2:5)', lookup).location).toBeUndefined();
    expect(mapStack('    at a:b (c).ts:2:5', lookup).location).toEqual({ file: 'a:b (c).ts', line: 2, column: 5 });
  });

  it.each([
    '',
    'x',
    '    at ',
    '    at (',
    '    at )',
    '    at f (run-1.ts)',
    '    at f (run-1.ts:0:1)',
    '    at f (run-1.ts:1:-1)',
    '    at f (run-1.ts:x:y)',
    '    at f (run-1.ts:1:NaN)',
  ])('reads nothing into %j', (stack) => {
    expect(mapStack(stack, lookup)).toEqual({ text: '', location: undefined });
  });

  it('is bounded', () => {
    const { text } = mapStack('    at f (run-1.ts:2:5)\n'.repeat(100_000), lookup);
    expect(text.split('\n')).toHaveLength(50);
  });
});

describe('describeFailure', () => {
  it('maps the stack and shows the code', () => {
    const json = JSON.stringify({
      name: 'TypeError',
      message: 'no',
      stack: '    at f (run-1.ts:1:60)',
      cause: { name: 'E', message: 'why', stack: '' },
    });
    const failure = describeFailure(json, lookup);
    expect(failure).toMatchObject({
      name: 'TypeError',
      code: 'GUEST_ERROR',
      message: 'no',
      location: { file: 'run-1.ts', line: 1 },
      cause: { name: 'E', code: 'GUEST_ERROR', message: 'why', stack: '' },
    });
    expect(failure.frame).toContain('> 1 | const a = 1; throw a');
  });

  it.each([
    ['InternalError', 'out of memory', 'MEMORY_LIMIT'],
    ['RangeError', 'Maximum call stack size exceeded', 'STACK_LIMIT'],
    ['Error', 'out of memory', 'GUEST_ERROR'],
  ])('%s: %s is %s', (name, message, code) => {
    expect(describeFailure(JSON.stringify({ name, message }), lookup).code).toBe(code);
  });

  it('keeps the code and the facts of an error of a host call', () => {
    const json = JSON.stringify({
      name: 'CodeModeError',
      code: 'TOOL_FAILED',
      message: 'no',
      details: { exitCode: 1 },
    });
    expect(describeFailure(json, lookup)).toMatchObject({ code: 'TOOL_FAILED', details: { exitCode: 1 } });
    expect(describeFailure('{"code":"NO_SUCH_CODE"}', lookup).code).toBe('GUEST_ERROR');
  });

  it.each(['', 'null', '[]', '5', '{"name":5,"message":{},"stack":[],"cause":null}', '{'])('survives %j', (json) => {
    expect(describeFailure(json, lookup)).toMatchObject({ name: 'Error', code: 'GUEST_ERROR', stack: '' });
  });
});

describe('codeFrame', () => {
  it('clips long lines around the position', () => {
    const frame = codeFrame(`${'a'.repeat(500)}b${'c'.repeat(500)}`, { line: 1, column: 501 });
    const [line = '', carets = ''] = frame.split('\n');
    expect(line.length).toBeLessThan(120);
    expect(line[carets.indexOf('^')]).toBe('b');
  });

  it('shows no control characters', () => {
    expect(codeFrame('\u001B[31mred\u0007\ttab', { line: 1, column: 1 })).toBe('> 1 |  [31mred  tab\n    | ^');
  });

  it('survives a position outside of the source', () => {
    expect(codeFrame('a', { line: 9, column: 9 })).toBe('');
  });
});
