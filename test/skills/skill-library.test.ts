import { mkdir, mkdtemp, readFile, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SkillStore } from '../../src/contracts/skill-store.ts';
import { MAX_SKILL_BYTES } from '../../src/skills/parse-skill.ts';
import { CodeModeError } from '../../src/errors/code-mode-error.ts';
import { SkillLibrary } from '../../src/skills/skill-library.ts';
import { FileSkillStore } from '../../src/storage/file/file-skill-store.ts';

const GOOD = '/** Good. */\nexport async function run(a: string) {}';

let folder: string;
let store: SkillStore;
let library: SkillLibrary;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skill-library-'));
  store = new FileSkillStore(folder);
  library = new SkillLibrary(store);
});

afterEach(() => rm(folder, { recursive: true }));

const put = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);
const text = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
const names = (): string[] => library.list().map(({ name }) => name);

describe('SkillLibrary', () => {
  it('is empty over an absent folder', async () => {
    library = new SkillLibrary(new FileSkillStore(join(folder, 'absent')));
    await library.refresh();
    expect([library.list(), library.problems()]).toEqual([[], []]);
  });

  it('lists what parses and names what does not', async () => {
    await put('zeta.ts', GOOD);
    await put('alpha.ts', GOOD);
    await put('broken.ts', 'export function run( {');
    await put('norun.ts', 'while (true) {}');
    await put('bad-name.ts', GOOD);
    await put('then.ts', GOOD);
    await put('big.ts', 'x'.repeat(1024 * 1024));
    await put('binary.ts', Buffer.from([0xff, 0xfe, 0]).toString('latin1'));
    await put('_helper.ts', 'not looked at');
    await put('notes.md', 'not looked at');
    await mkdir(join(folder, 'folder.ts'));
    await symlink('/etc/passwd', join(folder, 'link.ts'));
    await library.refresh();
    expect(names()).toEqual(['alpha', 'zeta']);
    expect(library.problems().map(({ name, error }) => [name, error.code])).toEqual([
      ['bad-name', 'INVALID_NAME'],
      ['big', 'INVALID_SKILL'],
      ['binary', 'SYNTAX_ERROR'],
      ['broken', 'SYNTAX_ERROR'],
      ['folder', 'INVALID_SKILL'],
      ['link', 'INVALID_NAME'],
      ['norun', 'INVALID_SKILL'],
      ['then', 'INVALID_NAME'],
    ]);
    expect(library.problems()[3]?.origin).toBe('skills/broken.ts');
    expect(library.problems()[3]?.message).toContain('> 1 | export function run( {');
  });

  it('sees what changed, came and went', async () => {
    await put('a.ts', GOOD);
    await put('b.ts', GOOD);
    await library.refresh();
    await put('a.ts', '/** Changed. */ export const run = () => 1');
    await unlink(join(folder, 'b.ts'));
    await put('c.ts', GOOD);
    await library.refresh();
    expect(library.list().map(({ name, description }) => [name, description])).toEqual([
      ['a', 'Changed.'],
      ['c', 'Good.'],
    ]);
    await put('c.ts', 'broken(');
    await library.refresh();
    expect(names()).toEqual(['a']);
    await put('c.ts', GOOD);
    await library.refresh();
    expect([names(), library.problems()]).toEqual([['a', 'c'], []]);
  });

  it('parses again only what changed', async () => {
    await put('a.ts', GOOD);
    await put('b.ts', GOOD);
    await library.refresh();
    const before = library.list();
    await library.refresh();
    expect(library.list()).toBe(before);
    await utimes(join(folder, 'b.ts'), 1, 1);
    await library.refresh();
    expect(library.list()[0]).toBe(before[0]);
    expect(library.list()[1]).not.toBe(before[1]);
  });

  it('tolerates files that vanish between listing and reading, or can not be read', async () => {
    await put('a.ts', GOOD);
    const entry = { name: 'gone', version: '1' };
    const flaky: SkillStore = {
      list: async () => [...(await store.list()), entry, { name: 'locked', version: '1' }],
      read: async (name) => {
        if (name === 'locked') throw new Error('EACCES');
        return store.read(name);
      },
      write: (...args) => store.write(...args),
      writeAll: (sources) => store.writeAll(sources),
      delete: (name) => store.delete(name),
    };
    library = new SkillLibrary(flaky);
    await library.refresh();
    expect(names()).toEqual(['a']);
    expect(library.problems()).toMatchObject([{ name: 'locked', origin: 'skills/locked.ts' }]);
    expect(library.problems()[0]?.message).toContain('EACCES');
  });

  it('reads again what the store could not read for a moment', async () => {
    await put('a.ts', GOOD);
    let isDown = true;
    const flaky: SkillStore = {
      list: () => store.list(),
      read: async (name) => {
        if (isDown) throw new CodeModeError('STORAGE', 'Cannot read skills/a.ts: the connection is cut; try again');
        return store.read(name);
      },
      write: (...args) => store.write(...args),
      writeAll: (sources) => store.writeAll(sources),
      delete: (name) => store.delete(name),
    };
    library = new SkillLibrary(flaky);
    await library.refresh();
    expect([names(), library.problems().length]).toEqual([[], 1]);
    isDown = false;
    await library.refresh();
    expect([names(), library.problems()]).toEqual([['a'], []]);
  });

  it('reads the one that is asked for, once, and no other', async () => {
    await put('a.ts', GOOD);
    await put('b.ts', GOOD);
    await put('broken.ts', 'broken(');
    const reads: string[] = [];
    const recording: SkillStore = {
      list: () => store.list(),
      read: async (name) => {
        reads.push(name);
        return store.read(name);
      },
      write: (...args) => store.write(...args),
      writeAll: (sources) => store.writeAll(sources),
      delete: (name) => store.delete(name),
    };
    library = new SkillLibrary(recording);
    await library.look();
    const [first, second] = await Promise.all([library.load('a'), library.load('a')]);
    expect(first).toMatchObject({ skill: { name: 'a' }, source: GOOD });
    expect(second).toBe(first);
    await expect(library.load('broken')).rejects.toMatchObject({ code: 'SYNTAX_ERROR' });
    await put('bb.ts', GOOD);
    await library.look();
    await expect(library.load('bbb')).rejects.toThrow('did you mean bb');
    expect(reads).toEqual(['a', 'broken']);
    await library.create('c', GOOD);
    expect(reads).toEqual(['a', 'broken', 'c']);
    await library.refresh();
    expect([names(), reads]).toEqual([
      ['a', 'b', 'bb', 'c'],
      ['a', 'broken', 'c', 'b', 'bb'],
    ]);
  });

  it('answers with what it has read, though the store is looked at again meanwhile', async () => {
    await put('a.ts', GOOD);
    await library.look();
    const loading = library.load('a');
    await put('a.ts', `${GOOD}\n`);
    await library.look();
    await expect(loading).resolves.toMatchObject({ skill: { name: 'a' } });
    await expect(library.load('a')).resolves.toMatchObject({ source: `${GOOD}\n` });
  });

  it('lists a changed skill as it was until it is loaded anew, and a vanished one no more', async () => {
    await put('a.ts', GOOD);
    await library.refresh();
    await put('a.ts', '/** Changed. */ export const run = () => 1');
    await library.look();
    expect(library.list().map(({ description }) => description)).toEqual(['Good.']);
    await library.loadAll();
    expect(library.list().map(({ description }) => description)).toEqual(['Changed.']);
    await put('a.ts', GOOD);
    await library.look();
    await unlink(join(folder, 'a.ts'));
    await library.loadAll();
    expect(names()).toEqual([]);
  });

  it('keeps what it knows when the store fails', async () => {
    await put('a.ts', GOOD);
    await library.refresh();
    await rm(folder, { recursive: true });
    await writeFile(folder, 'no folder');
    await expect(library.refresh()).rejects.toMatchObject({ code: 'STORAGE' });
    expect(names()).toEqual(['a']);
    await rm(folder);
    await mkdir(folder);
    await library.refresh();
    expect(names()).toEqual([]);
  });

  describe('get', () => {
    it('answers the skill and its source', async () => {
      await put('report.ts', GOOD);
      await library.refresh();
      expect(library.get('report')).toMatchObject({ skill: { name: 'report' }, source: GOOD });
    });

    it('names what is near', async () => {
      await put('report.ts', GOOD);
      await put('resize.ts', GOOD);
      await library.refresh();
      expect(() => library.get('repotr')).toThrow('did you mean report?');
      expect(() => library.get('serach')).toThrow('did you mean skills.search()?');
      expect(() => library.get('creat')).toThrow('did you mean skills.create()?');
      expect(() => library.get('zzzzzzzz')).toThrow('see skills.list()');
      expect(() => library.get('__proto__')).toThrow(expect.objectContaining({ code: 'UNKNOWN_SKILL' }));
      expect(() => library.get('x'.repeat(1_000_000))).toThrow(
        /^Cannot find skill "x{100}\.\.\. \(1000000 characters\)": /,
      );
    });

    it('says what is wrong with a broken one', async () => {
      await put('broken.ts', 'let a = ;');
      await library.refresh();
      expect(() => library.get('broken')).toThrow(expect.objectContaining({ code: 'SYNTAX_ERROR' }));
    });
  });

  describe('create', () => {
    it('stores the source as it is', async () => {
      const skill = await library.create('report', GOOD, { description: 'Not needed.' });
      expect(skill).toMatchObject({ name: 'report', description: 'Good.', origin: 'skills/report.ts' });
      expect(await text('report.ts')).toBe(GOOD);
      expect(library.list()).toEqual([skill]);
      expect(library.get('report').source).toBe(GOOD);
    });

    it.each([
      ['plain', 'Writes a report.'],
      ['hostile', 'Ends here */ process.exit(1); /* @param a no'],
      ['on several lines', ' First\nsecond.\n'],
      ['that looks like a tag', '@returns nothing'],
      ['with odd characters', 'é 漢 😀 ${x} ` " \' \\ //'],
    ])('writes a description: %s', async (_, description) => {
      const code = 'interface A { a: 1 }\nexport const run = (a: A) => 1';
      const skill = await library.create('report', code, { description });
      expect(skill.description).toBe(description.trim().replace('\n', ' '));
      expect(skill.parameters).toEqual([{ name: 'a', type: 'A', optional: false, rest: false }]);
      expect((await text('report.ts')).endsWith(`*/\n\n${code}`)).toBe(true);
    });

    it('adds a description to a comment that has none', async () => {
      const skill = await library.create('report', '/** @param a the a */\nexport const run = (a) => 1', {
        description: 'Writes.',
      });
      expect(skill).toMatchObject({ description: 'Writes.', parameters: [{ description: 'the a' }] });
    });

    it('ignores an empty description', async () => {
      await library.create('report', 'export const run = () => 1', { description: ' \n ' });
      expect(await text('report.ts')).toBe('export const run = () => 1');
    });

    it.each([
      ['INVALID_NAME', '../escape', GOOD],
      ['INVALID_NAME', 'list', GOOD],
      ['INVALID_NAME', '_hidden', GOOD],
      ['INVALID_NAME', '', GOOD],
      ['SYNTAX_ERROR', 'report', 'export function run( {'],
      ['UNSUPPORTED_SYNTAX', 'report', 'import a from "a"; export const run = () => 1'],
      ['UNSUPPORTED_SYNTAX', 'report', 'const a = await 1; export const run = () => a'],
      ['UNSUPPORTED_SYNTAX', 'report', 'export const run = () => import("fs")'],
      ['UNSUPPORTED_SYNTAX', 'report', 'export const run = () => require("fs")'],
      ['INVALID_SKILL', 'report', 'const run = () => 1'],
      ['INVALID_SKILL', 'report', `${GOOD}//${'x'.repeat(MAX_SKILL_BYTES)}`],
    ])('refuses with %s and writes nothing: %s', async (code, name, source) => {
      await expect(library.create(name, source, { overwrite: true })).rejects.toMatchObject({ code });
      expect(await store.list()).toEqual([]);
    });

    it('replaces only when told to', async () => {
      await library.create('report', GOOD);
      await expect(library.create('report', 'export const run = () => 2')).rejects.toMatchObject({
        code: 'SKILL_EXISTS',
      });
      expect(library.get('report').source).toBe(GOOD);
      await library.create('report', 'export const run = () => 2', { overwrite: true });
      expect(library.get('report').source).toBe('export const run = () => 2');
    });

    it('lets one of several creators of one name win', async () => {
      const creators = Array.from({ length: 8 }, (_, index) =>
        new SkillLibrary(store).create('report', `export const run = () => ${index}`),
      );
      const outcomes = await Promise.allSettled(creators);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('is seen by another library over the same store at its next refresh', async () => {
      const other = new SkillLibrary(store);
      await other.refresh();
      await library.create('report', GOOD);
      await other.refresh();
      expect(other.list()).toEqual(library.list());
    });
  });

  describe('delete', () => {
    it('says whether there was one', async () => {
      await library.create('report', GOOD);
      expect(await library.delete('report')).toBe(true);
      expect(await library.delete('report')).toBe(false);
      expect(names()).toEqual([]);
      await expect(library.delete('../x')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    });

    it('removes a broken one', async () => {
      await put('broken.ts', '(');
      await library.refresh();
      expect(await library.delete('broken')).toBe(true);
      expect(library.problems()).toEqual([]);
    });
  });
});
