import { describe, expect, it } from 'vitest';
import { isCodeModeError } from '../../../src/errors/code-mode-error.ts';
import { readCliTool } from './read-cli-tool.ts';

const FULL = `
name: t
schema:
  options:
    verbose: {type: boolean, short: v}
    header: {type: array, short: H}
    max-time: {type: integer, min: 1, max: 10, default: 5}
    ratio: {type: number, short: ra}
    mode: {enum: [fast, slow]}
    code: {pattern: '^[a-z]+$'}
    level: {type: array, items: integer, max: 9}
    raw: {allow_leading_dash: true}
  positional:
    - {name: url, required: true}
    - {name: rest, type: array}
    - {name: count, type: integer, allow_leading_dash: true}
recipes:
  get:
    preset: {verbose: true, max-time: 3, header: [A, B]}
    params: {mode: {default: slow}, url: {}}
  home: {preset: {url: -home, location: true, retry: 2, form: [x, 1], off: false}}
  strict: {params: {mode: {required: true, enum: [fast]}}}
`;
const build = readCliTool(FULL);

describe('the argv of a call', () => {
  it.each<[string, Record<string, unknown>, string, string[]]>([
    [
      'puts options in the order of the schema, then positionals',
      { url: 'u', mode: 'fast', header: ['x', 'y'], verbose: true },
      '',
      ['-v', '-H', 'x', '-H', 'y', '--mode', 'fast', 'u'],
    ],
    ['leaves defaults of the schema to the command', { url: 'u' }, '', ['u']],
    ['has short flags of several characters', { url: 'u', ratio: -0.5 }, '', ['-ra', '-0.5', 'u']],
    ['takes false for absent', { url: 'u', verbose: false }, '', ['u']],
    ['takes undefined for absent', { url: 'u', mode: undefined }, '', ['u']],
    ['passes nothing for an empty array', { url: 'u', header: [], rest: [] }, '', ['u']],
    ['spreads a positional array', { url: 'u', rest: ['a', 'b'], count: -1 }, '', ['u', 'a', 'b', '-1']],
    ['keeps odd values whole', { url: 'a b;$(c) "d" \n*', mode: 'slow' }, '', ['--mode', 'slow', 'a b;$(c) "d" \n*']],
    ['passes empty text', { url: '', code: 'x' }, '', ['--code', 'x', '']],
    ['lets a file allow dashes', { url: 'u', raw: '--x' }, '', ['--raw', '--x', 'u']],
    ['takes a single dash as the value of an option', { url: 'u', header: ['-'] }, '', ['-H', '-', 'u']],
    [
      'fills in presets and the defaults of a recipe',
      { url: 'u' },
      'get',
      ['-v', '-H', 'A', '-H', 'B', '--max-time', '3', '--mode', 'slow', 'u'],
    ],
    [
      'lets the caller override them',
      { url: 'u', header: ['C'], 'max-time': 9, mode: 'fast' },
      'get',
      ['-v', '-H', 'C', '--max-time', '9', '--mode', 'fast', 'u'],
    ],
    [
      'lets false cancel a preset flag',
      { url: 'u', verbose: false },
      'get',
      ['-H', 'A', '-H', 'B', '--max-time', '3', '--mode', 'slow', 'u'],
    ],
    [
      'passes any declared option to a recipe',
      { url: 'u', code: 'x' },
      'get',
      ['-v', '-H', 'A', '-H', 'B', '--max-time', '3', '--mode', 'slow', '--code', 'x', 'u'],
    ],
    [
      'passes undeclared presets under their own names, and trusts the author',
      {},
      'home',
      ['--location', '--retry', '2', '--form', 'x', '--form', '1', '-home'],
    ],
    [
      'lets false cancel an undeclared flag',
      { location: false, off: true },
      'home',
      ['--retry', '2', '--form', 'x', '--form', '1', '--off', '-home'],
    ],
  ])('%s', (_title, args, recipe, expected) => {
    expect(build(recipe)(args)).toEqual({ argv: ['t', ...expected], stdin: undefined });
  });

  it.each<[string, unknown, string, RegExp]>([
    [
      'a missing positional',
      {},
      '',
      /^Cannot call t: Required parameter 'url' is missing\. Usage: t\(args: \{ url: string; /u,
    ],
    ['an array that is empty where one is required', {}, 'strict', /Required parameter 'mode' is missing/u],
    ['a recipe that allows less', { url: 'u', mode: 'slow' }, 'strict', /expected one of "fast"\./u],
    ['an unknown argument', { url: 'u', ulr: 1 }, '', /unknown argument "ulr"; did you mean "url"\?/u],
    [
      'several unknown arguments',
      { url: 'u', qqq: 1, zzz: 2 },
      'get',
      /^Cannot call t\.get: unknown arguments "qqq", "zzz"; expected verbose, header, /u,
    ],
    ['an undeclared preset with a value', { retry: '9' }, 'home', /unknown argument "retry"/u],
    [
      'text for an integer',
      { url: 'u', 'max-time': '5' },
      '',
      /parameter "max-time" got "5"; expected an integer from 1 to 10/u,
    ],
    ['a fraction for an integer', { url: 'u', 'max-time': 1.5 }, '', /got 1\.5; expected an integer from 1 to 10/u],
    ['too much', { url: 'u', 'max-time': 11 }, '', /got 11; expected an integer from 1 to 10/u],
    ['NaN', { url: 'u', ratio: Number.NaN }, '', /got NaN; expected a number/u],
    ['a number for text', { url: 5 }, '', /got 5; expected a string/u],
    ['null', { url: null }, '', /got null; expected a string/u],
    ['text for a flag', { url: 'u', verbose: 'yes' }, '', /got "yes"; expected true or false/u],
    ['text for an array', { url: 'u', header: 'x' }, '', /got "x"; expected an array \(a string each\)/u],
    [
      'a wrong item',
      { url: 'u', level: [1, 10] },
      '',
      /got an array of 2; expected an array with an integer of at most 9 each/u,
    ],
    ['a hole', { url: 'u', header: Array.from({ length: 1 }) }, '', /got an array of 1; expected/u],
    ['another choice', { url: 'u', mode: 'Fast' }, '', /expected one of "fast", "slow"/u],
    ['what the pattern refuses', { url: 'u', code: 'a1' }, '', /expected a string that matches \/\^\[a-z\]\+\$\//u],
    [
      'a positional with a dash',
      { url: '--output=x' },
      '',
      /expected a value that does not start with "-" \(the tool file can allow it: allow_leading_dash\)/u,
    ],
    ['a lone dash as a positional', { url: '-' }, '', /does not start with "-"/u],
    ['an item with a dash', { url: 'u', rest: ['a', '-b'] }, '', /does not start with "-"/u],
    ['an option with a dash', { url: 'u', header: ['--exec=x'] }, '', /does not start with "-"/u],
    ['a NUL character', { url: 'a\0b' }, '', /expected text without NUL characters/u],
    ['half a character', { url: '\uD800' }, '', /expected text without lone surrogates/u],
    ['text for the arguments', 'u', '', /got "u"; expected one object with the arguments by name/u],
    ['null for the arguments', null, '', /got null; expected one object/u],
    ['an array for the arguments', ['u'], '', /got an array of 1; expected one object/u],
    ['a map for the arguments', new Map([['url', 'u']]), '', /got an object; expected one object/u],
    [
      'names of every object',
      JSON.parse('{"url": "u", "__proto__": {"verbose": true}, "constructor": 1}'),
      '',
      /unknown arguments "__proto__", "constructor"/u,
    ],
  ])('is refused: %s', (_title, args, recipe, message) => {
    expect(() => build(recipe)(args)).toThrow(
      expect.toSatisfy((error) => isCodeModeError(error, 'INVALID_ARGUMENTS') && message.test(error.message)),
    );
  });

  it('requires an item where an array is required', () => {
    const cat = readCliTool('name: cat\nschema: {positional: [{name: files, type: array, required: true}]}')('');
    expect(() => cat({ files: [] })).toThrow(/Required parameter 'files' is missing/u);
    expect(cat({ files: ['a', 'b'] }).argv).toEqual(['cat', 'a', 'b']);
  });

  it('puts -- in front of positionals when the file says so', () => {
    const grep = readCliTool(
      'name: grep\nschema: {end_of_options: true, options: {i: {type: boolean, short: i}}, positional: [{name: pattern}]}',
    )('');
    expect(grep({ pattern: '-x', i: true }).argv).toEqual(['grep', '-i', '--', '-x']);
    expect(grep({ i: true }).argv).toEqual(['grep', '-i']);
  });

  it('feeds stdin with the parameter that the file names', () => {
    const jq = readCliTool('name: jq\nschema: {stdin: input, positional: [{name: filter, required: true}]}')('');
    expect(jq({ filter: '.', input: '-\0' })).toEqual({ argv: ['jq', '.'], stdin: '-\0' });
    expect(jq({ filter: '.', input: new Uint8Array([255, 0]) }).stdin).toEqual(new Uint8Array([255, 0]));
    expect(jq({ filter: '.' }).stdin).toBeUndefined();
    expect(() => jq({ filter: '.', input: 5 })).toThrow(/parameter "input" got 5; expected a string/u);
    const declared = readCliTool(
      'name: sort\nschema: {stdin: text, options: {text: {required: true}, u: {type: boolean, short: u}}}',
    )('');
    expect(declared({ text: 'a', u: true })).toEqual({ argv: ['sort', '-u'], stdin: 'a' });
    expect(() => declared({})).toThrow(/Required parameter 'text' is missing/u);
  });

  it('starts with the fixed arguments of the command', () => {
    expect(
      readCliTool('name: l\ncommand: [git, -C, /x, log]\nschema: {options: {n: {type: integer, short: n}}}')('')({
        n: 3,
      }).argv,
    ).toEqual(['git', '-C', '/x', 'log', '-n', '3']);
  });

  it('gives up on a pattern that backtracks for ever', () => {
    const slow = readCliTool("name: t\nschema: {options: {x: {pattern: '^(a+)+$'}}}")('');
    expect(slow({ x: 'aaaa' }).argv).toEqual(['t', '--x', 'aaaa']);
    expect(() => slow({ x: `${'a'.repeat(50)}!` })).toThrow(/found out within 100 ms/u);
  });

  it('gives a pattern one time for all items', () => {
    // Each item matches, after some milliseconds of backtracking: a list of them takes minutes.
    const slow = readCliTool("name: t\nschema: {options: {x: {type: array, pattern: '^(a+)+$|!$'}}}")('');
    const item = `${'a'.repeat(18)}!`;
    expect(slow({ x: ['!', 'a'] }).argv).toEqual(['t', '--x', '!', '--x', 'a']);
    expect(() => slow({ x: Array.from({ length: 10_000 }, () => item) })).toThrow(
      /an array with a string that matches .* each, found out within 100 ms/u,
    );
  });

  it('takes so many items and no more', () => {
    const list = readCliTool('name: t\nschema: {positional: [{name: x, type: array, items: integer}]}')('');
    const items = Array.from({ length: 10_000 }, (_, index) => index);
    expect(list({ x: items }).argv).toHaveLength(10_001);
    expect(() => list({ x: [...items, 1] })).toThrow(
      'parameter "x" got an array of 10001; expected an array of at most 10000 items',
    );
    expect(() => list({ x: Object.assign([], { length: 2 ** 32 - 1 }) })).toThrow('at most 10000 items');
    expect(() => list({ x: Object.assign([1], { length: 2 }) })).toThrow('expected an array with an integer each');
  });
});
