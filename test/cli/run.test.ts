import { describe, expect, it } from 'vitest';
import { CommandLine, parseJson } from './command-line.ts';

describe('run', () => {
  it.each([
    { code: `'text'`, stdout: 'text\n' },
    { code: `'line\\n'`, stdout: 'line\n' },
    { code: `({ a: [1, null] })`, stdout: '{\n  "a": [\n    1,\n    null\n  ]\n}\n' },
    { code: `undefined`, stdout: '' },
    { code: `new Map([[1, 2n]])`, stdout: 'Map(1) { 1 => 2n }\n' },
    { code: `new Uint8Array([104, 105])`, stdout: 'hi' },
  ])('prints the value of $code', async ({ code, stdout }) => {
    await using commandLine = await CommandLine.open();
    expect(await commandLine.call(['run', '-e', code])).toEqual({ code: 0, signal: null, stdout, stderr: '' });
  });

  it('reads code from standard input and from a file', async () => {
    await using commandLine = await CommandLine.open();
    const code = 'const n: number = 20;\nn + 1\n';
    expect(await commandLine.call(['run', '-'], { stdin: code })).toMatchObject({ code: 0, stdout: '21\n' });
    await commandLine.write('../code.ts', code);
    expect(await commandLine.call(['run', 'code.ts'])).toMatchObject({ code: 0, stdout: '21\n' });
  });

  it('keeps logs and warnings off stdout', async () => {
    await using commandLine = await CommandLine.open({ 'tools/broken.yaml': 'name: [' });
    const { stdout, stderr } = await commandLine.call([
      'run',
      '-e',
      `console.log('log'); console.error('err'); await tools.list()`,
    ]);
    expect(stdout).toBe('[]\n');
    expect(stderr).toMatch(/^log\nerr\nwarning: .*tools\/broken\.yaml/);
  });

  it('prints the whole result as JSON', async () => {
    await using commandLine = await CommandLine.open();
    const { code, stdout } = await commandLine.call([
      'run',
      '--json',
      '-e',
      `console.log('hi'); [await tools.list(), new Set([1])]`,
    ]);
    expect(code).toBe(0);
    expect(parseJson(stdout)).toMatchObject({
      ok: true,
      value: [[], [1]],
      stdout: 'hi\n',
      stderr: '',
      toolCalls: [{ name: 'tools.list', outcome: 'ok' }],
      warnings: [],
    });
  });

  it('shows where the code failed', async () => {
    await using commandLine = await CommandLine.open();
    const code = 'const a = 1;\nthrow new TypeError("no good");\n';
    const failed = await commandLine.call(['run', '-'], { stdin: code });
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^error: TypeError: no good\n[\s\S]*> 2 \| throw new TypeError/);
    const json = await commandLine.call(['run', '-', '--json'], { stdin: code });
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(parseJson(json.stdout)).toMatchObject({
      ok: false,
      error: { name: 'TypeError', code: 'GUEST_ERROR', message: 'no good', location: { line: 2 } },
    });
  });

  it.each([
    { flags: ['--timeout', '0.3'], code: 'await new Promise((done) => setTimeout(done, 60_000))', error: 'TIMEOUT' },
    { flags: ['--cpu', '0.2'], code: 'while (true) {}', error: 'CPU_LIMIT' },
  ])('answers 124 when it exceeds $flags', async ({ flags, code, error }) => {
    await using commandLine = await CommandLine.open();
    const ended = await commandLine.call(['run', '--json', ...flags, '-e', code]);
    expect(parseJson(ended.stdout)).toMatchObject({ ok: false, error: { code: error } });
    expect(ended.code).toBe(124);
  });
});

describe('a folder that init made', () => {
  it('runs its skill over its tool', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.call(['init', '--base', 'storage']);
    // The tool reads the repository that the working directory is in: this one.
    const { stdout, stderr } = await commandLine.call(
      ['--base', `${commandLine.home}/storage`, 'run', '--json', '-e', `await skills.recentWork(36500)`],
      { cwd: import.meta.dirname },
    );
    expect(stderr).toBe('');
    expect(parseJson(stdout)).toMatchObject({
      ok: true,
      toolCalls: [{ outcome: 'ok' }, { name: 'tools.git_log', outcome: 'ok' }],
    });
  });

  it('passes the doctor', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.call(['init', '.']);
    const healthy = await commandLine.call(['doctor', '--json']);
    expect(parseJson(healthy.stdout)).toMatchObject({
      ok: true,
      checks: [
        { name: 'Node' },
        { name: 'Sandbox', status: 'ok' },
        { name: 'Folder', message: commandLine.base },
        { name: 'Tools', message: '1' },
        { name: 'Skills', message: '1' },
        { name: 'Artifacts' },
      ],
    });
    await commandLine.write('tools/none.yaml', 'name: none\ncommand: no-such-command-anywhere\n');
    const ill = await commandLine.call(['doctor']);
    expect(ill.code).toBe(1);
    expect(ill.stdout).toContain('✗ Tools: tools/none.yaml: the command no-such-command-anywhere is not installed');
  });
});
