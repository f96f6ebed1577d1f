import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

  it('finds and runs one, with arguments as text or JSON', async () => {
    await using commandLine = await CommandLine.open({ 'skills/greet.ts': GREET });
    const search = await commandLine.call(['skills', 'search', 'greets', '--json']);
    expect(parseJson(search.stdout)).toMatchObject([{ id: 'greet', description: 'Greets somebody.' }]);
    const run = await commandLine.call(['skills', 'run', 'greet', '42', '2']);
    expect(run).toMatchObject({ code: 0, stdout: 'Hello 42 Hello 42\n', stderr: '' });
  });
});
