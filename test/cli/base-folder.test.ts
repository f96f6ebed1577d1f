import { execFile } from 'node:child_process';
import type { ExecFileOptions } from 'node:child_process';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLine, ENTRY, parseJson } from './command-line.ts';

const TOOL = 'name: greet\ncommand: echo\n';

async function toolNames(commandLine: CommandLine, args: readonly string[], cwd: string): Promise<string> {
  return (await commandLine.call([...args, 'tools', 'list'], { cwd })).stdout.trim();
}

function inShell(
  script: string,
  command: readonly string[],
  options: ExecFileOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', script, 'sh', ...command], { ...options, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
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

  it('is not a file, and says what is not there', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': TOOL });
    const file = '.code-mode/tools/greet.yaml';
    const onFile = await commandLine.call(['--base', file, 'tools', 'list']);
    expect(onFile).toMatchObject({
      code: 2,
      stderr: `error: Cannot use --base ${file}: it is a file; expected a folder\n`,
    });
    const missing = await commandLine.call(['--base', 'nowhere', 'tools', 'list']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('Cannot use --base nowhere: there is no such folder; make it with');
  });

  it('is looked for in words when the working directory is gone', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': TOOL });
    const gone = join(commandLine.home, 'gone');
    await mkdir(gone);
    const script = 'rmdir "$PWD"; exec "$@"';
    const call = (...args: string[]): Promise<{ code: number; stderr: string; stdout: string }> =>
      inShell(script, [process.execPath, ENTRY, ...args], { cwd: gone, env: commandLine.environment });
    for (const args of [['tools', 'list'], ['doctor'], ['init'], ['--base', commandLine.base, 'run', '-e', '1']]) {
      await mkdir(gone, { recursive: true });
      const { stdout, stderr } = await call(...args);
      expect(stdout + stderr).toContain('Cannot find the working directory: it was deleted; ');
      expect(stdout + stderr).not.toContain('uv_cwd');
    }
  });

  it('is not writable: doctor says so, and looks at the rest', async () => {
    await using commandLine = await CommandLine.open({ 'tools/greet.yaml': TOOL });
    await commandLine.call(['doctor']);
    await chmod(commandLine.home, 0o755);
    await chmod(join(commandLine.base, 'skills'), 0o555);
    // Root may write anywhere: it looks as nobody, who may not be able to read the sources.
    const script = `
      const { examine } = await import(${JSON.stringify(new URL('../../src/cli/examine.ts', import.meta.url).href)});
      if (process.getuid() === 0) process.setuid(65534);
      console.log(JSON.stringify(await examine(${JSON.stringify(commandLine.base)})));
    `;
    const { stdout } = await inShell('exec "$@"', [process.execPath, '--input-type=module', '--eval', script], {
      cwd: commandLine.home,
      env: commandLine.environment,
    });
    const folder = join(commandLine.base, 'skills');
    expect(parseJson(stdout)).toEqual(
      expect.arrayContaining([
        {
          name: 'Folder',
          status: 'failed',
          message: `Cannot write to ${folder}: permission denied; make it writable for yourself, or name another folder with --base`,
        },
        { name: 'Tools', status: 'ok', message: '1' },
      ]),
    );
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
