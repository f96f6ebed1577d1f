import { describe, expect, it } from 'vitest';
import { isIncomplete } from '../../../src/cli/repl/is-incomplete.ts';

describe('isIncomplete', () => {
  it.each([
    'function f() {',
    'const a = [1,\n2,',
    'tools.curl.get({',
    '`text',
    '`a ${b',
    '/* comment',
    'const a =',
    'a +',
    'a &&',
    'f(x) ??',
    'list.map((x) =>',
    'type Pair = {',
    'promise\n  .then(() => {',
  ])('%j waits for more', (code) => {
    expect(isIncomplete(code)).toBe(true);
  });

  it.each([
    '',
    '1 + 1',
    'const a: Array<string> = []',
    'type Names = Array<string>',
    'value!',
    'i++',
    'return',
    'const s = "}"',
    'const s = "never closed',
    '/[{(]/.test(x)',
    '// {',
    'f(]',
    ')',
    '`${1}`',
    '"use strict";',
  ])('%j does not', (code) => {
    expect(isIncomplete(code)).toBe(false);
  });
});
