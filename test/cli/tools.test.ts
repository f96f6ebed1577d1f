import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLine, parseJson } from './command-line.ts';

const ECHO = `name: say
description: Prints words.
command: [printf, '%s|']
schema:
  options:
    count: { type: integer }
    loud: { type: boolean }
    tag: { type: array }
  positional:
    - { name: word, required: true }
recipes:
  twice: { description: Prints them again., preset: { loud: true } }
`;
const CAT = `name: cat
schema: { stdin: input }
output: bytes
`;
const BROKEN = `name: broken
timeout: long
`;

describe('tools', () => {
  it('lists what can be called', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': ECHO, 'tools/cat.yaml': CAT });
    const list = await commandLine.call(['tools', 'list']);
    expect(list.stdout).toBe('cat\nsay        Prints words.\nsay.twice  Prints them again.\n');
    const json = await commandLine.call(['tools', 'list', '--json']);
    expect(parseJson(json.stdout)).toMatchObject([
      { name: 'cat', origin: 'tools/cat.yaml' },
      { name: 'say', callables: [{ name: '', inputSchema: { type: 'object' } }, { name: 'twice' }] },
    ]);
  });

  it('warns of files that do not load', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': ECHO, 'tools/broken.yaml': BROKEN });
    const list = await commandLine.call(['tools', 'list']);
    expect(list).toMatchObject({ code: 0, stdout: 'say        Prints words.\nsay.twice  Prints them again.\n' });
    expect(list.stderr).toContain('warning: tools/broken.yaml:2:10: ');
    const json = await commandLine.call(['tools', 'list', '--json']);
    expect(parseJson(json.stdout)).toMatchObject([{ name: 'say' }]);
    expect(json.stderr).toContain('warning: tools/broken.yaml:2:10: ');
  });

  it('searches and shows', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': ECHO, 'tools/cat.yaml': CAT });
    const search = await commandLine.call(['tools', 'search', 'print', 'words', '--limit', '1', '--json']);
    expect(parseJson(search.stdout)).toMatchObject([{ id: 'say', description: 'Prints words.' }]);
    const show = await commandLine.call(['tools', 'show', 'say']);
    expect(show.stdout).toContain('say (tools/say.yaml)');
    expect(show.stdout).toContain('say.twice(args: {');
    expect(show.stdout).toContain('    word: (required)');
    const missing = await commandLine.call(['tools', 'show', 'sya']);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toBe('error: Cannot show the tool sya: there is none of that name; did you mean say?\n');
  });

  it('calls a tool with values of the types in its schema', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': ECHO });
    const call = await commandLine.call([
      'tools',
      'call',
      'say.twice',
      'count=3',
      'tag=a',
      'tag=b',
      'word=x=1',
      'loud:=false',
    ]);
    expect(call).toMatchObject({ code: 0, stdout: '--count|3|--tag|a|--tag|b|x=1|\n', stderr: '' });
    const json = await commandLine.call(['tools', 'call', 'say', '--args', '{"word":"hi"}', '--json']);
    expect(parseJson(json.stdout)).toEqual({ value: 'hi|' });
  });

  it('writes bytes as they are', async () => {
    await using commandLine = await CommandLine.open({ 'tools/cat.yaml': CAT });
    expect((await commandLine.call(['tools', 'call', 'cat', 'input=a\u0001b'])).stdout).toBe('a\u0001b');
  });

  it('says what is wrong with a call, with exit code 1', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': ECHO });
    const unknownTool = await commandLine.call(['tools', 'call', 'sai', 'word=x']);
    expect(unknownTool).toMatchObject({ code: 1, stdout: '' });
    expect(unknownTool.stderr).toMatch(/^error: .*sai.*Did you mean say\?\n$/);
    const wrongType = await commandLine.call(['tools', 'call', 'say', 'word=x', 'count=many', '--json']);
    expect(wrongType).toMatchObject({ code: 1, stderr: '' });
    expect(parseJson(wrongType.stdout)).toMatchObject({ error: { code: 'INVALID_ARGUMENTS' } });
  });

  it('says once what a command that fails wrote to stderr', async () => {
    await using commandLine = await CommandLine.open({
      'tools/fail.yaml': 'name: fail\ncommand: [sh, -c, "echo no luck >&2; exit 3"]\n',
      'tools/quiet.yaml': 'name: quiet\ncommand: ["false"]\n',
    });
    const { code, stderr } = await commandLine.call(['tools', 'call', 'fail']);
    expect(stderr).toBe('no luck\nerror: Cannot run sh: exit code 3; what it wrote to stderr is above\n');
    expect(code).toBe(1);
    const quiet = await commandLine.call(['tools', 'call', 'quiet']);
    expect(quiet.stderr).toBe('error: Cannot run false: exit code 1; it wrote nothing to stderr\n');
    const json = await commandLine.call(['tools', 'call', 'fail', '--json']);
    expect(parseJson(json.stdout)).toMatchObject({ error: { code: 'TOOL_FAILED', details: { stderr: 'no luck\n' } } });
  });

  it('says of a misspelt argument what is near, in one sentence', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': ECHO });
    const { stderr } = await commandLine.call(['tools', 'call', 'say', 'wrod=x']);
    expect(stderr).toContain('unknown argument "wrod"; did you mean "word"? Usage: ');
  });

  it('answers 124 when a tool takes too long', async () => {
    await using commandLine = await CommandLine.open({
      'tools/sleep.yaml': 'name: sleep\ntimeout: 0.2\nschema: { positional: [{ name: seconds }] }\n',
    });
    const { code, stderr } = await commandLine.call(['tools', 'call', 'sleep', 'seconds=30']);
    expect(stderr).toMatch(/^error: [^\n]*0\.2 seconds/);
    expect(code).toBe(124);
  });

  it('checks every file and points at what is wrong', async () => {
    await using commandLine = await CommandLine.open({ 'tools/broken.yaml': BROKEN, 'tools/say.yaml': ECHO });
    const check = await commandLine.call(['tools', 'check']);
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(/^tools\/broken\.yaml:2:10: .*long.*; expected .*\n2 \| timeout: long\n +\^\n$/);
    expect(check.stderr).toBe('2 files, 1 problem, 0 warnings\n');
    const json = await commandLine.call(['tools', 'check', '--json']);
    expect(json.code).toBe(1);
    expect(parseJson(json.stdout)).toMatchObject({
      files: 2,
      problems: [{ origin: 'tools/broken.yaml', line: 2, column: 10 }],
      warnings: [],
    });
  });

  it('notices a folder to start in that is not there', async () => {
    await using commandLine = await CommandLine.open({ 'tools/say.yaml': `${ECHO}cwd: reports/out\n` });
    const check = await commandLine.call(['tools', 'check']);
    expect(check).toMatchObject({ code: 0, stderr: '1 file, 0 problems, 1 warning\n' });
    const problem =
      'tools/say.yaml:13:6: cwd: there is no folder "reports/out"; expected a folder, relative to the base folder';
    expect(check.stdout).toBe(`${problem} (warning)\n`);
    const doctor = await commandLine.call(['doctor']);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain(`✗ Tools: ${problem}`);
    const call = await commandLine.call(['tools', 'call', 'say', 'word=x']);
    expect(call.stderr).toMatch(/^error: Cannot run printf: there is no folder "reports\/out" to start it in; /);
    await mkdir(join(commandLine.base, 'reports', 'out'), { recursive: true });
    expect((await commandLine.call(['tools', 'check'])).stdout).toBe('');
  });

  it('prints the schema of tool files', async () => {
    await using commandLine = await CommandLine.open();
    const { code, stdout } = await commandLine.call(['schema', 'tool']);
    expect(parseJson(stdout)).toMatchObject({ type: 'object', properties: { name: {}, command: {}, recipes: {} } });
    expect(code).toBe(0);
  });
});
