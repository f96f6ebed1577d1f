import { describe, expect, it } from 'vitest';
import { isCodeModeError } from '../../src/errors/code-mode-error.ts';
import { SkillParser } from '../../src/skills/skill-parser.ts';

const GOOD = 'export async function run(a: string): Promise<void> {}';

const source = (text: string): Parameters<SkillParser['parse']>[0] => ({
  name: 'x',
  origin: 'skills/x.ts',
  version: '1',
  source: text,
});

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

/** Each breaks, blocks or fools a parser that is called without care. */
const HOSTILE: Readonly<Record<string, string>> = {
  'ends the process at its top level': 'process.exit(1); while (true) {}',
  'nests parentheses': `x = ${nested('(', ')', 20_000)}`,
  'nests brackets': `x = ${nested('[', ']', 20_000)}`,
  'nests blocks': nested('{', '}', 20_000),
  'nests statements': `${'if (a) '.repeat(20_000)};`,
  'nests types': `let x: ${'A<'.repeat(20_000)}B${'>'.repeat(20_000)}`,
  'nests templates': `x = ${nested('`${', '}`', 20_000)}`,
  'chains operators': `x = 1${' + 1'.repeat(60_000)}`,
  'chains casts': `x = 1${' as any'.repeat(30_000)}`,
  'does not end a string': 'x = "',
  'does not end a comment': '/** ',
  'has a NUL and a lone surrogate': 'let a = "\0\uD800"; let \uD800',
  'is one megabyte': 'x'.repeat(1024 * 1024),
};

describe('SkillParser', () => {
  it.each(Object.entries(HOSTILE))('refuses code that %s, and goes on', async (_, text) => {
    const parser = new SkillParser();
    const [hostile, good] = await Promise.allSettled([parser.parse(source(`${text}\n`)), parser.parse(source(GOOD))]);
    expect(hostile.status).toBe('rejected');
    expect(isCodeModeError(hostile.status === 'rejected' ? hostile.reason : undefined)).toBe(true);
    expect(good).toMatchObject({
      status: 'fulfilled',
      value: { name: 'x', parameters: [{ name: 'a', type: 'string' }] },
    });
  });

  it('gives up on code that takes for ever to parse, and leaves the event loop free meanwhile', async () => {
    const parser = new SkillParser(500);
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    const endless = parser.parse(source(`x = ${'a ? (b) : c => '.repeat(60)}1`));
    await expect(endless).rejects.toThrow('parsing takes more than 500 ms');
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(20);
    await expect(parser.parse(source(GOOD))).resolves.toMatchObject({ isAsync: true });
  });

  it('gives up on endless code also where a thread of its own has to strip types', async () => {
    const parser = new SkillParser(1_000);
    await expect(parser.parse(source('('.repeat(20_000)))).rejects.toMatchObject({ code: 'SYNTAX_ERROR' });
    await expect(parser.parse(source(`x = ${'a ? (b) : c => '.repeat(60)}1`))).rejects.toThrow('more than 1000 ms');
    await expect(parser.parse(source(GOOD))).resolves.toMatchObject({ isAsync: true });
  });

  it('tries once more when the machine was asleep', async () => {
    const parser = new SkillParser(500);
    await parser.parse(source(GOOD));
    const parsed = parser.parse(source(GOOD));
    await new Promise((resolve) => setImmediate(resolve));
    // When this thread wakes, the time is over, though the answer is there.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    await expect(parsed).resolves.toMatchObject({ name: 'x' });
  });

  it('refuses a new skill that takes longer than its size explains', async () => {
    const parser = new SkillParser();
    const levels = (count: number): string =>
      `export function run() { return ${'a?(b):c=>('.repeat(count)}d${')'.repeat(count)} }`;
    await expect(parser.parseNew(source(levels(18)))).rejects.toMatchObject({ code: 'INVALID_SKILL' });
    await expect(parser.parseNew(source(levels(4)))).resolves.toMatchObject({ name: 'x' });
  });

  it('survives failures that each damage the type stripper a little', async () => {
    const parser = new SkillParser();
    for (let round = 0; round < 5; round++) {
      await expect(parser.parse(source(`x = 1${'+1'.repeat(60_000)}`))).rejects.toMatchObject({ code: 'SYNTAX_ERROR' });
      await expect(parser.parse(source(GOOD))).resolves.toMatchObject({ name: 'x' });
    }
  });

  it('keeps code and place of an error', async () => {
    await expect(new SkillParser().parse(source('enum A {}'))).rejects.toMatchObject({
      code: 'UNSUPPORTED_SYNTAX',
      details: { file: 'skills/x.ts', line: 1, column: 1 },
    });
  });

  it('answers each of many callers for its own source', async () => {
    const parser = new SkillParser();
    const names = Array.from({ length: 50 }, (_, index) => `p${index}`);
    const skills = await Promise.all(names.map((name) => parser.parse(source(`export const run = (${name}) => 1`))));
    expect(skills.map(({ parameters }) => parameters[0]?.name)).toEqual(names);
  });

  it('checks many at once, and tells which of them is wrong or too much', async () => {
    const texts = Array.from({ length: 150 }, (_, index) => `export const run = (p${index}) => 1`);
    texts[20] = 'enum A {}';
    texts[100] = `x = ${'a ? (b) : c => '.repeat(60)}1`;
    const results = await new SkillParser(500).checkAll(texts.map(source));
    expect(results.map((_, index) => index).filter((index) => results[index] !== undefined)).toEqual([20, 100]);
    expect(results).toHaveLength(texts.length);
    expect(results[20]).toMatchObject({ code: 'UNSUPPORTED_SYNTAX' });
    expect(results[100]?.message).toContain('parsing takes more than 500 ms');
  });
});
