import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLine, parseJson } from './command-line.ts';

const TOOL = 'name: greet\ncommand: echo\n';

async function toolNames(commandLine: CommandLine, args: readonly string[], cwd: string): Promise<string> {
  return (await commandLine.call([...args, 'tools', 'list'], { cwd })).stdout.trim();
}

describe('the base folder', () => {
  it('is the nearest .code-mode upwards', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': TOOL });
    const inner = join(commandLine.home, 'a', 'b');
    await mkdir(inner, { recursive: true });
    expect(await toolNames(commandLine, [], inner)).toBe('greet');
  });

  it('is the one in the data folder where there is none', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('../data/ts-code-mode/tools/mine.yaml', 'name: mine\ncommand: echo\n');
    expect(await toolNames(commandLine, [], '/')).toBe('mine');
  });

  it('is the one that --base names, before or after the command', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('../other/tools/other.yaml', 'name: other\ncommand: echo\n');
    expect(await toolNames(commandLine, ['--base', 'other'], commandLine.home)).toBe('other');
    const { stdout } = await commandLine.call(['tools', 'list', '--base', 'other']);
    expect(stdout.trim()).toBe('other');
  });

  // Only root can give a folder away.
  it.runIf(process.getuid?.() === 0)('is not one that another user put in the way', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': TOOL });
    await chown(commandLine.base, 12_345, 12_345);
    const { code, stderr } = await commandLine.call(['tools', 'list']);
    expect(stderr).toContain(`Cannot use ${commandLine.base}: it belongs to another user (uid 12345)`);
    expect(code).toBe(2);
    expect(await toolNames(commandLine, ['--base', commandLine.base], commandLine.home)).toBe('greet');
  });
});

describe('init', () => {
  it('makes a folder whose files load, says what it made, and never overwrites', async () => {
    await using commandLine = await CommandLine.open();
    const first = await commandLine.call(['init', 'project', '--json']);
    const folder = join(commandLine.home, 'project', '.code-mode');
    expect(parseJson(first.stdout)).toEqual({
      folder,
      made: ['tools/', 'skills/', 'artifacts/', 'tool.schema.json', 'tools/git_log.yaml', 'skills/recentWork.ts'],
      kept: [],
    });
    await commandLine.write('../project/.code-mode/tools/git_log.yaml', TOOL);
    const second = await commandLine.call(['init', 'project']);
    expect(second).toMatchObject({ code: 0, stdout: '' });
    expect(second.stderr).toContain('kept  tools/git_log.yaml');
    expect(await toolNames(commandLine, ['--base', folder], commandLine.home)).toBe('greet');
  });

  it('makes a tool and a skill that load and need no change', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.call(['init', '--base', 'storage']);
    const check = await commandLine.call(['--base', 'storage', 'tools', 'check']);
    expect(check).toMatchObject({ code: 0, stdout: '', stderr: '1 file, 0 problems, 0 warnings\n' });
    const skills = await commandLine.call(['--base', 'storage', 'skills', 'list', '--json']);
    expect(parseJson(skills.stdout)).toMatchObject([
      {
        name: 'recentWork',
        description: 'Counts the commits of the last days by author.',
        parameters: [{ name: 'days', type: 'number', optional: true }],
      },
    ]);
  });
});
