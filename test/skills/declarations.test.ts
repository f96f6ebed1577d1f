import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Skill } from '../../src/contracts/skill.ts';
import { ARTIFACTS_DECLARATION, declareSkills } from '../../src/skills/declarations.ts';
import { parseSkill } from '../../src/skills/parse-skill.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skill-declarations-'));
});

afterAll(() => rm(folder, { recursive: true }));

function skills(sources: Readonly<Record<string, string>>): Skill[] {
  return Object.entries(sources).map(([name, source]) =>
    parseSkill({ name, origin: `skills/${name}.ts`, version: '1', source }),
  );
}

/** What the compiler says of code that uses the declarations; `''` when all is well. */
async function compile(declarations: string, code: string): Promise<string> {
  await writeFile(join(folder, 'globals.d.ts'), declarations);
  await writeFile(join(folder, 'code.ts'), `${code}\nexport {};`);
  const options = ['--strict', '--noEmit', '--ignoreConfig', '--target', 'es2024', '--module', 'esnext', '--types', ''];
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile('tsc', [...options, 'globals.d.ts', 'code.ts'], { cwd: folder }, (error, stdout) =>
    resolve(error === null ? '' : stdout),
  );
  return promise;
}

const SKILLS = {
  report: `/**
 * Writes a report.
 * @param repo the folder
 * @param options what to include
 */
export async function run(repo: string, options: Options = { days: 7 }): Promise<Report> { return { text: repo } }
interface Options { days?: number }
type Report = { text: string }`,
  resize: `interface Options { width: number }
export const run = (file: Uint8Array, options?: Options, ...more: Options[]): Uint8Array => file`,
  first:
    'export async function run<T extends object>(items: T[], pick = "x", last: boolean): Promise<T | undefined> { return items[0] }',
  class: 'export function run({ a, b = 1 }) { return a + b }',
  plain: 'export const run = (anything, limit = 10) => 1',
};

/** Annotations that try to break the declarations of the others, or name what is not there. */
const HOSTILE = {
  closing: 'export function run(a: { "}; declare const tools: 1; type X = {": string }): "*/ }" { return "*/ }" }',
  comment: '/** Ends *\\/ here. @deprecated */ export function run(a /* } */ : string // }\n, b: number) {}',
  missing:
    'import type { Stats } from "node:fs";\nexport function run(a: Stats, b: lower, c: Missing[]): Gone { return a }',
  values:
    'const x = { a: 1 }; export function run(a: typeof x, b: import("fs").Stats, c: { [x.a / 2]: string }): a is string { return true }',
  computed: 'export function run(a: { ["x"]: string; [`y`]: 1 }, b: `}${string}{`) {}',
  shadow:
    'interface Promise<T> { mine: T } interface Array<T> { mine: T }\nexport async function run(a: Array<string>): Promise<number> { return 1 as any }',
  augment:
    'declare global { interface String { evil: 1 } }\ninterface A { a: 1 } declare module "x" {}\nexport function run(a: A) {}',
  $: 'export function run($: string, _?: number, ...rest: unknown[]) {}',
};

describe('declareSkills', () => {
  it('prints doc comment and signature', () => {
    const declarations = declareSkills(
      skills({
        plain:
          '/** Does it.\n * @param days how many\n * @param name a *\\/ b */\nexport async function run(name: string, days = 7): Promise<string[]> { return [] }',
      }),
    );
    expect(declarations).toContain(`declare const skills: {
  /**
   * Does it.
   * @param name a *\\/ b
   * @param days how many (default: 7)
   */
  plain(name: string, days?: number): Promise<string[]>;
  /** Calls a skill by its name. */
  invoke(name: string, ...args: unknown[]): Promise<unknown>;`);
  });

  it('is accepted by the strict compiler, with types that hold', async () => {
    const code = `
      const report = await skills.report('x', { days: 1 });
      const text: string = report.text;
      const bytes: Uint8Array = await skills.resize(new Uint8Array(), { width: 1 }, { width: 2 });
      const first: { a: number } | undefined = await skills.first([{ a: 1 }], undefined, true);
      const sum: unknown = await skills.class({ a: 1 });
      await skills.plain(1);
      await skills.plain(1, 2);
      const [listed] = await skills.list();
      const parameter: string | undefined = listed?.parameters[0]?.type;
      const [hit] = await skills.search('x', 3);
      const source: string = (await skills.get(hit?.id ?? '')).source;
      await skills.create('a', source, { description: 'd', overwrite: true });
      const gone: boolean = await skills.delete('a');
      const any: unknown = await skills.invoke('a', 1, 'b');`;
    expect(await compile(declareSkills(skills(SKILLS)), code)).toBe('');
  });

  it('lets the compiler find wrong calls', async () => {
    const code = `
      await skills.report(1);
      await skills.report('x', { weeks: 1 });
      await skills.resize(new Uint8Array(), {});
      await skills.nothing();`;
    const errors = await compile(declareSkills(skills(SKILLS)), code);
    expect(errors.match(/^code\.ts\(\d/gm)).toEqual(['code.ts(2', 'code.ts(3', 'code.ts(4', 'code.ts(5']);
    expect(errors).not.toContain('globals.d.ts');
  });

  it('stays valid whatever the annotations of some skills are', async () => {
    const code = `
      const report = await skills.report('x', { days: 1 });
      const text: string = report.text;
      await skills.closing({ '}; declare const tools: 1; type X = {': 'x' });
      await skills.comment('x', 1);
      await skills.missing(1, 2, [3]);
      await skills.values(1, 2, 3);
      await skills.computed({ x: 'x', y: 1 }, '}{');
      await skills.augment({ a: 1 });
      await skills.$('x', 1, 2);
      const found: undefined | string = ['a'].find((each) => each.length === 1);`;
    const errors = await compile(declareSkills(skills({ ...HOSTILE, ...SKILLS })), code);
    expect(errors).toBe('');
  });

  it('leaves out a name that is no identifier', () => {
    const [skill] = skills({ plain: 'export const run = () => 1' });
    expect(skill === undefined ? '' : declareSkills([{ ...skill, name: 'a; evil' }])).not.toContain('evil');
  });
});

describe('ARTIFACTS_DECLARATION', () => {
  it('is accepted by the strict compiler', async () => {
    const code = `
      const info = await artifacts.save('a/b.json', { a: 1 }, 'text', { from: 'me' });
      const size: number = info.sizeBytes;
      const value = await artifacts.load('a/b.json');
      const { data, createdAt } = await artifacts.get('a/b.json');
      const names: string[] = (await artifacts.list()).map(({ name }) => name);
      const both: [boolean, boolean] = [await artifacts.exists('a'), await artifacts.delete('a')];`;
    expect(await compile(ARTIFACTS_DECLARATION, code)).toBe('');
  });
});
