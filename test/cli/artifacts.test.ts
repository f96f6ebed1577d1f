import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CommandLine, ENTRY, parseJson } from './command-line.ts';

const run = promisify(execFile);

describe('artifacts', () => {
  it('keeps data to the byte and tells what it is', async () => {
    await using commandLine = await CommandLine.open();
    const data = '{ "big": 12345678901234567890 }\n';
    const saved = await commandLine.call(['artifacts', 'save', 'a/b.json', '-', '--description', 'Big.', '--json'], {
      stdin: data,
    });
    expect(parseJson(saved.stdout)).toMatchObject({ name: 'a/b.json', type: 'json', description: 'Big.' });
    expect((await commandLine.call(['artifacts', 'load', 'a/b.json'])).stdout).toBe(data);
    const list = await commandLine.call(['artifacts', 'list', '--json']);
    expect(parseJson(list.stdout)).toMatchObject([{ name: 'a/b.json', type: 'json', sizeBytes: data.length }]);
  });

  it('writes to a file, whole or not at all', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('../in.bin', '\u0000\u0001');
    await commandLine.call(['artifacts', 'save', 'x', 'in.bin', '--type', 'bytes']);
    const loaded = await commandLine.call(['artifacts', 'load', 'x', '-o', 'out.bin']);
    expect(loaded).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(await readFile(join(commandLine.home, 'out.bin'), 'latin1')).toBe('\u0000\u0001');
    const failed = await commandLine.call(['artifacts', 'load', 'x', '-o', 'no/such/out.bin']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toBe(
      'error: Cannot write no/such/out.bin: there is no folder no/such; make it, or write to another one\n',
    );
    const folder = await commandLine.call(['artifacts', 'load', 'x', '-o', '.']);
    expect(folder.stderr).toBe('error: Cannot write .: it is a folder\n');
  });

  it('refuses data that is not of the type, names that lead out, and names that are not there', async () => {
    await using commandLine = await CommandLine.open();
    const wrong = await commandLine.call(['artifacts', 'save', 'x.json', '-', '--type', 'json'], { stdin: '{' });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('the data is no JSON');
    const outside = await commandLine.call(['artifacts', 'load', '../x', '--json']);
    expect(outside.code).toBe(1);
    expect(parseJson(outside.stdout)).toMatchObject({ error: { code: 'INVALID_NAME' } });
    const missing = await commandLine.call(['artifacts', 'remove', 'x']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('there is none of that name');
    const unloaded = await commandLine.call(['artifacts', 'load', 'x']);
    expect(unloaded).toMatchObject({ code: 1, stdout: '' });
    expect(unloaded.stderr).toBe(
      'error: Cannot load the artifact x: there is none of that name; "ts-code-mode artifacts list" shows what there is\n',
    );
  });

  it('is quiet when the reader of its output has seen enough', async () => {
    await using commandLine = await CommandLine.open();
    await commandLine.write('../large.txt', 'line\n'.repeat(400_000));
    await commandLine.call(['artifacts', 'save', 'large.txt', 'large.txt']);
    const script = '"$@" | head -n 1; echo "${PIPESTATUS[0]}"';
    const { stdout, stderr } = await run(
      'bash',
      ['-c', script, 'bash', process.execPath, ENTRY, 'artifacts', 'load', 'large.txt'],
      {
        cwd: commandLine.home,
        env: commandLine.environment,
      },
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'line\n0\n', stderr: '' });
  });
});
