import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CommandLine, parseJson } from './command-line.ts';

describe('usage', () => {
  it.each([
    { args: ['tols'], says: "unknown command 'tols'. Did you mean tools?" },
    { args: ['tools', 'lst'], says: "unknown command 'lst'. Did you mean list?" },
    { args: ['types', '--jsn'], says: "unknown option '--jsn'. Did you mean --json?" },
    { args: ['run'], says: 'Cannot run: expected either a file' },
    { args: ['run', '-e', '1', 'a.ts'], says: 'Cannot run: expected either a file' },
    { args: ['run', 'missing.ts'], says: 'Cannot run missing.ts: there is no such file' },
    { args: ['run', '-e', '1', '--timeout', 'soon'], says: "argument 'soon' is invalid. Expected a number above 0." },
    { args: ['--base', 'nowhere', 'tools', 'list'], says: 'Cannot use --base nowhere: there is no such folder' },
    { args: ['tools', 'call', 'x', 'novalue'], says: 'Cannot read the argument "novalue": expected name=value' },
    { args: ['tools', 'call', 'x', '--args', '{'], says: 'Cannot read --args: ' },
    { args: ['schema', 'skill'], says: 'Allowed choices are tool.' },
  ])('$args is refused with exit code 2 and one line', async ({ args, says }) => {
    await using commandLine = await CommandLine.open();
    const { code, stdout, stderr } = await commandLine.call(args);
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('says the same as JSON with --json', async () => {
    await using commandLine = await CommandLine.open();
    const { code, stdout, stderr } = await commandLine.call(['tools', 'lst', '--json']);
    expect(parseJson(stdout)).toMatchObject({
      error: { code: 'INVALID_OPTION', message: "unknown command 'lst'. Did you mean list?" },
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  });

  it('prints help on stdout when asked for it, on stderr when a command is missing', async () => {
    await using commandLine = await CommandLine.open();
    const asked = await commandLine.call(['skills', '--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toMatch(/^Usage: ts-code-mode skills[\s\S]*--base[\s\S]*Examples?:/);
    const missing = await commandLine.call(['skills']);
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toMatch(/^Usage: ts-code-mode skills/);
  });

  it('prints the version of the package', async () => {
    await using commandLine = await CommandLine.open();
    const manifest = parseJson(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    const { code, stdout } = await commandLine.call(['--version']);
    expect(manifest).toMatchObject({ version: stdout.trim() });
    expect(code).toBe(0);
  });

  it('colours errors where colours are forced, and not where NO_COLOR is set', async () => {
    await using commandLine = await CommandLine.open();
    const forced = await commandLine.call(['run', 'missing.ts'], { env: { FORCE_COLOR: '1' } });
    expect(forced.stderr.startsWith('\u001B[31merror:\u001B[39m ')).toBe(true);
    const plain = await commandLine.call(['run', 'missing.ts'], { env: { NO_COLOR: '1' } });
    expect(plain.stderr).toMatch(/^error: /);
  });
});
