import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { liveLookups } from './fixtures/live-lookups.ts';

/** Called while the guest's code is evaluated, before any of the agent's. */
const AT_LOAD = [
  '__copyProps',
  '__export',
  'getterOf',
  'flagGetter',
  'ancestor',
  'dictionary',
  'builtInNames',
  'isObject',
];

describe('the codec, structuredClone and console', () => {
  it('use nothing, when they run, that the agent could have replaced', () => {
    const entry = new URL('./fixtures/codec-entry.ts', import.meta.url).pathname;
    const built = buildSync({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'guest',
      target: 'es2024',
    });
    expect(liveLookups(built.outputFiles[0]?.text ?? '', AT_LOAD)).toEqual([]);
  });
});

describe('liveLookups', () => {
  it.each([
    ['a template literal', '`a${x}`', 'String.prototype.concat'],
    ['a spread argument', 'x(...x)', 'Symbol.iterator'],
    ['a spread element', '[...x]', 'Symbol.iterator'],
    ['for...of', '(() => { for (const y of x) x(y); })()', 'Symbol.iterator'],
    ['an array pattern', '(() => { const [y] = x; })()', 'Symbol.iterator'],
    ['instanceof', 'x instanceof x', 'Symbol.hasInstance'],
    ['a global', 'new Map()', 'global'],
    ['a global in a default', '((y = Map) => y)()', 'global'],
    ['a global in a shorthand property', '({ Map })', 'global'],
  ])('finds %s', (_, code, what) => {
    expect(liveLookups(`(() => { const x = 1; function f() { return ${code}; } })()`, [])).toEqual([
      expect.stringContaining(what),
    ]);
  });

  it('accepts what is taken beforehand', () => {
    const script =
      '(() => { const M = Map; const { keys } = Object; class A { #m = new M(); f({ a, b: c }) { return keys(this.#m, a, c, `x`) } } })()';
    expect(liveLookups(script, [])).toEqual([]);
  });
});
