import { describe, expect, it } from 'vitest';
import { parseNewSkill, parseSkill } from '../../src/skills/parse-skill.ts';
import { pythonSkill } from '../../src/skills/python-skill.ts';

const given = (source: string): Parameters<typeof parseSkill>[0] => ({
  name: 'x',
  origin: 'skills/x.ts',
  version: '1',
  source,
});

const list = (count: number, each: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => each(index)).join(' ');
const union = (members: number): string => Array.from({ length: members }, (_, index) => `'m${index}'`).join(' | ');

const TOO_MUCH: Readonly<Record<string, readonly [source: string, says: string]>> = {
  description: [`/** ${'d'.repeat(1_001)} */ export const run = () => 1`, 'its description'],
  tags: [
    `/** @tags ${list(51, (index) => `t${index}`)} */ export const run = () => 1`,
    'the number of its tags is 51;',
  ],
  tag: [
    `/** @tags ${'t'.repeat(101)} */ export const run = () => 1`,
    'a tag is 101 characters long; expected at most 100',
  ],
  parameters: [`export const run = (${list(51, (index) => `p${index},`)}) => 1`, 'the number of its parameters is 51;'],
  name: [`export const run = (${'p'.repeat(101)}) => 1`, "a parameter's name"],
  'parameter description': [
    `/** @param a ${'d'.repeat(501)} */ export const run = (a) => 1`,
    "a parameter's description",
  ],
  type: [`export const run = (a: ${union(200)}) => 1`, 'a type or default'],
  default: [`export const run = (a = '${'d'.repeat(1_000)}') => 1`, 'a type or default'],
  returns: [`export const run = (): ${union(200)} => 'm0'`, 'a type or default'],
  declarations: [`type T = ${union(2_000)}; export const run = (a: T) => 1`, 'all declarations of the types'],
  'all together': [
    `/** ${list(50, (index) => `\n * @param p${index} ${'d'.repeat(450)}`)} */ export const run = (${list(50, (index) => `p${index},`)}) => 1`,
    'all that a listing says of it',
  ],
};

describe('boundSkill', () => {
  it.each(Object.entries(TOO_MUCH))(
    'refuses a new one with too much, and bounds one that is there: %s',
    (_, [source, says]) => {
      expect(() => parseNewSkill(given(source))).toThrow(expect.objectContaining({ code: 'INVALID_SKILL' }));
      expect(() => parseNewSkill(given(source))).toThrow(`Cannot save skills/x.ts: ${says}`);
      const skill = parseSkill(given(source));
      expect(JSON.stringify(skill).length).toBeLessThanOrEqual(20_000);
      // What is left is within every bound.
      expect(skill.parameters.length).toBeLessThanOrEqual(50);
      for (const { type, defaultValue } of skill.parameters)
        expect([type, defaultValue]).toEqual([undefined, undefined]);
    },
  );

  it('leaves what is within bounds as it is', () => {
    const source = `/** ${'d'.repeat(1_000)}\n * @param a ${'e'.repeat(500)}\n */\nexport const run = (a: string) => 1`;
    expect(parseNewSkill(given(source))).toEqual(parseSkill(given(source)));
    expect(parseSkill(given(source))).toMatchObject({
      description: 'd'.repeat(1_000),
      parameters: [{ type: 'string', description: 'e'.repeat(500) }],
    });
  });

  it('keeps the types of one whose words alone are too long, and cuts no character in two', () => {
    const source = `/** ${'d'.repeat(998)}😀😀 */\nexport const run = (a: string): number => 1`;
    expect(parseSkill(given(source))).toMatchObject({
      description: `${'d'.repeat(998)}…`,
      parameters: [{ name: 'a', type: 'string' }],
      returns: 'number',
    });
  });

  it('bounds what py-code-mode recorded', () => {
    const parameters = Array.from({ length: 100 }, (_, index) => ({
      name: `p${index}`,
      description: 'd'.repeat(1_000),
      required: true,
    }));
    const skill = pythonSkill(given('def run(): pass'), { description: 'd'.repeat(2_000), parameters });
    expect(skill.description).toHaveLength(1_000);
    expect(skill.parameters).toHaveLength(50);
    expect(JSON.stringify(skill).length).toBeLessThanOrEqual(20_000);
  });
});
