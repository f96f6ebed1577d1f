import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containing, matching } from '../matchers.ts';
import { callContext, exampleFile, loadTool } from '../load.ts';

/** A tool that runs a shell script, with further fields of a tool file. */
function shell(script: string, fields: Record<string, unknown> = {}): ReturnType<typeof loadTool> {
  return loadTool(JSON.stringify({ name: 'sh', command: ['sh', '-c', script], ...fields }));
}

describe("the document's own curl file", () => {
  const server = createServer((request, response) => {
    if (request.url === '/moved') return response.writeHead(302, { location: '/here' }).end();
    if (request.url === '/slow') return undefined;
    return response
      .writeHead(200)
      .end(
        `${request.method} ${request.url} ${String(request.headers['x-a'] ?? '-')} ${String(request.headers['x-b'] ?? '-')}\n`,
      );
  });
  let base = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    base = `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const curl = loadTool(exampleFile('curl.yaml'));

  it('calls the recipe: silent, redirects followed', async () => {
    const heard: string[] = [];
    const answer = await curl.call(
      'get',
      { url: `${base}/moved` },
      callContext({ onStderr: (text) => heard.push(text) }),
    );
    expect(answer).toBe('GET /here - -\n');
    expect(heard).toEqual([]);
  });

  it('lets the caller cancel what is preset, and pass what is declared', async () => {
    const heard: string[] = [];
    const context = callContext({ onStderr: (text) => heard.push(text) });
    expect(await curl.call('get', { url: `${base}/moved`, location: false, silent: false }, context)).toBe('');
    expect(heard.join('')).toContain('% Total');
    expect(await curl.call('get', { url: `${base}/x`, header: ['X-A: 1', 'X-B: $HOME'] }, callContext())).toBe(
      'GET /x 1 $HOME\n',
    );
  });

  it('is called directly', async () => {
    expect(await curl.call('', { url: `${base}/direct`, silent: true }, callContext())).toBe('GET /direct - -\n');
  });

  it('reports a failure with exit code, stderr and argv', async () => {
    const url = 'http://127.0.0.1:1/';
    await expect(curl.call('', { url }, callContext())).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: matching(/^Cannot run curl: exit code 7; [^]*Failed to connect/u),
      details: { exitCode: 7, signal: null, stderr: containing('curl: (7)'), argv: ['curl', url] },
    });
  });

  it('ends with its signal', async () => {
    const controller = new AbortController();
    const call = curl.call('get', { url: `${base}/slow` }, callContext({ signal: controller.signal }));
    setTimeout(() => {
      controller.abort();
    }, 100);
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('refuses an argument that would be an option', async () => {
    await expect(curl.call('get', { url: '--output=/tmp/x' }, callContext())).rejects.toMatchObject({
      code: 'INVALID_ARGUMENTS',
    });
  });

  it('has no other recipes', async () => {
    await expect(curl.call('constructor', {}, callContext())).rejects.toMatchObject({ code: 'UNKNOWN_CALLABLE' });
  });
});

describe('what a call answers', () => {
  it.each<[string, unknown, unknown]>([
    ['text', String.raw` a\377\n\n`, ' a\uFFFD\n\n'],
    ['text', '', ''],
    ['text', String.raw`\357\273\277x`, '\uFEFFx'],
    ['lines', String.raw`a\r\n b \n\nc`, ['a', ' b ', '', 'c']],
    ['lines', String.raw`a\n`, ['a']],
    ['lines', '', []],
    ['bytes', String.raw`\000\377`, new Uint8Array([0, 255])],
    ['json', String.raw`\357\273\277{"a": [1, null]}\n`, { a: [1, null] }],
    ['json', '3', 3],
  ])('%s of %j', async (output, text, expected) => {
    expect(
      await loadTool(JSON.stringify({ name: 'p', command: ['printf', text], output })).call('', {}, callContext()),
    ).toEqual(expected);
  });

  it.each<[string, string, string]>([
    ['', 'got nothing; expected JSON', 'nothing'],
    ['oops', 'got "oops"; expected JSON', 'text'],
  ])('is an error where it should be JSON: %j', async (text, message) => {
    await expect(shell(`printf '%s' '${text}'`, { output: 'json' }).call('', {}, callContext())).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: `Cannot read the output of sh: ${message}`,
    });
  });

  it('is checked against the schema of the result', async () => {
    const result = { type: 'object', properties: { a: { type: 'integer' }, next: { $ref: '#' } }, required: ['a'] };
    const good = shell(`echo '{"a": 1, "next": {"a": 2}}'`, { output: 'json', result });
    expect(await good.call('', {}, callContext())).toEqual({ a: 1, next: { a: 2 } });
    const bad = shell(`echo '{"a": 1, "next": {"a": "2"}}'`, { output: 'json', result });
    await expect(bad.call('', {}, callContext())).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: containing('#/next/a: Instance type "string" is invalid'),
    });
  });

  it('is refused when it can not be checked', async () => {
    const nested = 'head -c 200000 /dev/zero | tr "\\0" "["; head -c 200000 /dev/zero | tr "\\0" "]"';
    const deep = shell(nested, { output: 'json', result: { type: 'array', items: { $ref: '#' } } });
    await expect(deep.call('', {}, callContext())).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: containing("It can't be checked"),
    });
    const slow = shell(`echo '"${'a'.repeat(50)}!"'`, { output: 'json', result: { pattern: '^(a+)+$' } });
    await expect(slow.call('', {}, callContext())).rejects.toMatchObject({
      message: containing('Checking takes over 1000 ms'),
    });
  });

  it('may be what another exit code means', async () => {
    const grep = loadTool(
      'name: grep\nsuccess_exit_codes: [0, 1]\nschema: {stdin: text, positional: [{name: pattern}]}',
    );
    expect(await grep.call('', { pattern: 'x', text: 'a\n' }, callContext())).toBe('');
    await expect(grep.call('', { pattern: '[', text: 'a\n' }, callContext())).rejects.toMatchObject({
      details: { exitCode: 2 },
    });
  });

  it('is nothing when a signal ended the command', async () => {
    await expect(shell('kill -9 $$').call('', {}, callContext())).rejects.toMatchObject({
      message: 'Cannot run sh: ended by SIGKILL; it wrote nothing to stderr',
      details: { exitCode: null, signal: 'SIGKILL' },
    });
  });
});

describe('what a command sees', () => {
  it('is the environment of its file, and no more', async () => {
    const tool = loadTool('name: env\noutput: lines\nenv: {AUTH: "Bearer ${TOKEN}${EMPTY}", PORT: 80, LANG: C}');
    const lines = await tool.call('', {}, callContext());
    expect(lines).toEqual(
      expect.arrayContaining(['AUTH=Bearer secret', 'PORT=80', 'LANG=C', `PATH=${process.env['PATH']}`]),
    );
    const names = Array.isArray(lines) ? lines.map((line) => String(line).split('=')[0]) : [];
    expect(names.filter((name) => !['AUTH', 'PORT', 'LANG', 'PATH', 'HOME', 'TMPDIR'].includes(name ?? ''))).toEqual(
      [],
    );
  });

  it('is the folder of its file, under the base folder', async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'cli-adapter-')));
    await mkdir(join(base, 'sub'));
    expect(await loadTool('name: pwd\ncwd: sub', base).call('', {}, callContext())).toBe(`${join(base, 'sub')}\n`);
    expect(await loadTool('name: pwd', base).call('', {}, callContext())).toBe(`${process.cwd()}\n`);
    await rm(base, { recursive: true });
  });

  it('is a limit of its file', async () => {
    await expect(shell('sleep 50', { timeout: 0.1 }).call('', {}, callContext())).rejects.toMatchObject({
      code: 'TOOL_TIMEOUT',
    });
    await expect(shell('echo abc', { max_output_bytes: 3 }).call('', {}, callContext())).rejects.toMatchObject({
      code: 'TOOL_OUTPUT_LIMIT',
    });
  });
});

describe('commands that every machine has', () => {
  it('sorts', async () => {
    const sort = loadTool(
      'name: sort\noutput: lines\nschema:\n  stdin: text\n  options: {reverse: {type: boolean, short: r}, key: {type: integer, short: k}}',
    );
    expect(await sort.call('', { text: 'b 1\na 2\n', reverse: true }, callContext())).toEqual(['b 1', 'a 2']);
    expect(await sort.call('', { text: 'b 1\na 2\n', key: 2 }, callContext())).toEqual(['b 1', 'a 2']);
    expect(await sort.call('', {}, callContext())).toEqual([]);
  });

  it('asks git', async () => {
    const base = await mkdtemp(join(tmpdir(), 'cli-git-'));
    await writeFile(join(base, 'a'), '1');
    const git = (...args: string[]): Buffer =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: base });
    git('init', '-q');
    git('add', 'a');
    git('commit', '-q', '-m', 'first');
    git('commit', '-q', '-m', 'second', '--allow-empty');
    const log = loadTool(`${exampleFile('git-log.yaml')}\ncwd: .`, base);
    expect(await log.call('subjects', {}, callContext())).toEqual([matching(/ second$/u), matching(/ first$/u)]);
    expect(await log.call('subjects', { 'max-count': 1, revision: 'HEAD~1' }, callContext())).toHaveLength(1);
    await expect(log.call('subjects', { revision: '--output=/tmp/x' }, callContext())).rejects.toMatchObject({
      code: 'INVALID_ARGUMENTS',
    });
    await rm(base, { recursive: true });
  });

  it('runs a hundred at once', async () => {
    const cat = loadTool('name: cat\nschema: {stdin: input}');
    const calls = Array.from({ length: 100 }, async (_, index) =>
      cat.call('', { input: String(index) }, callContext()),
    );
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => String(index)));
  });
});

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
