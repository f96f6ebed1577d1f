import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from '../tools/matchers.ts';
import { CommandLine, parseJson } from './command-line.ts';

const GREET = `/** Greets somebody. */
export function run(name: string, times: number = 1): string {
  return \`Hello \${name} \`.repeat(times).trim();
}
`;

describe('skills', () => {
  it('adds one from a file or standard input, and shows it', async () => {
    await using commandLine = await CommandLine.open();
    const added = await commandLine.call(['skills', 'add', 'greet', '-'], { stdin: GREET });
    expect(added).toMatchObject({ code: 0, stdout: '', stderr: 'Saved skills/greet.ts.\n' });
    expect(await readFile(join(commandLine.base, 'skills', 'greet.ts'), 'utf8')).toBe(GREET);
    expect((await commandLine.call(['skills', 'show', 'greet'])).stdout).toBe(GREET);
    expect((await commandLine.call(['skills', 'list'])).stdout).toBe('greet  Greets somebody.\n');
  });

  it('refuses to replace one unless told to', async () => {
    await using commandLine = await CommandLine.open({ 'skills/greet.ts': GREET });
    const refused = await commandLine.call(['skills', 'add', 'greet', '-', '--json'], {
      stdin: GREET,
    });
    expect(refused.code).toBe(1);
    expect(parseJson(refused.stdout)).toMatchObject({ error: { code: 'SKILL_EXISTS' } });
    const source = 'export function run() {}\n';
    const replaced = await commandLine.call(
      ['skills', 'add', 'greet', '-', '--overwrite', '--description', 'Does nothing.', '--json'],
      { stdin: source },
    );
    expect(parseJson(replaced.stdout)).toMatchObject({ name: 'greet', description: 'Does nothing.', parameters: [] });
  });

  it('shows the line that does not parse', async () => {
    await using commandLine = await CommandLine.open();
    const { code, stderr } = await commandLine.call(['skills', 'add', 'bad', '-'], {
      stdin: 'export function run( {\n',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Cannot [^\n]*skills\/bad\.ts: [^\n]*\(1:\d+\)/);
    expect(stderr.match(/> 1 \| export function run\( \{/g)).toHaveLength(1);
  });

  it('lists what loads, and warns of what does not', async () => {
    await using commandLine = await CommandLine.open({
      'skills/greet.ts': GREET,
      'skills/bad.ts': 'export const x = (',
    });
    const { code, stdout, stderr } = await commandLine.call(['skills', 'list', '--json']);
    expect(parseJson(stdout)).toMatchObject([{ name: 'greet', parameters: [{ name: 'name' }, { name: 'times' }] }]);
    expect(stderr).toMatch(/^warning: .*skills\/bad\.ts/);
    expect(code).toBe(0);
  });

  it('removes one, and names the nearest where there is none', async () => {
    await using commandLine = await CommandLine.open({ 'skills/greet.ts': GREET });
    const missing = await commandLine.call(['skills', 'remove', 'gret']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/did you mean greet\?\n$/);
    const removed = await commandLine.call(['skills', 'remove', 'greet', '--json']);
    expect(parseJson(removed.stdout)).toEqual({ removed: 'greet' });
    expect((await commandLine.call(['skills', 'list', '--json'])).stdout).toBe('[]\n');
  });

  it('says of one that is not there what to type', async () => {
    await using commandLine = await CommandLine.open({ 'skills/greet.ts': GREET, 'skills/bad.ts': 'export const' });
    const shown = await commandLine.call(['skills', 'show', 'nope']);
    expect(shown).toMatchObject({ code: 1, stdout: '' });
    expect(shown.stderr).toBe(
      'error: Cannot show the skill nope: there is none of that name; "ts-code-mode skills list" shows what there is\n',
    );
    const run = await commandLine.call(['skills', 'run', 'gret', '--json']);
    expect(parseJson(run.stdout)).toMatchObject({
      error: { code: 'UNKNOWN_SKILL', message: containing('did you mean greet?') },
    });
    const broken = await commandLine.call(['skills', 'show', 'bad']);
    expect(broken.stderr).toMatch(/^error: Cannot parse skills\/bad\.ts: /);
  });

  it('refuses one that the sandbox would refuse, at its line', async () => {
    await using commandLine = await CommandLine.open();
    const source = 'const a = 1;\nconst b = await a;\nexport const run = () => b;\n';
    const { code, stderr } = await commandLine.call(['skills', 'add', 'late', '-'], { stdin: source });
    expect(code).toBe(1);
    expect(stderr).toContain('await outside of functions is not supported in a skill (2:11); move it into run');
    expect((await commandLine.call(['skills', 'list', '--json'])).stdout).toBe('[]\n');
  });

  it('finds and runs one, with arguments as text or JSON', async () => {
    await using commandLine = await CommandLine.open({ 'skills/greet.ts': GREET });
    const search = await commandLine.call(['skills', 'search', 'greets', '--json']);
    expect(parseJson(search.stdout)).toMatchObject([{ id: 'greet', description: 'Greets somebody.' }]);
    const run = await commandLine.call(['skills', 'run', 'greet', '42', '2']);
    expect(run).toMatchObject({ code: 0, stdout: 'Hello 42 Hello 42\n', stderr: '' });
  });
});
