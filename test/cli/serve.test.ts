import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RemoteExecutor } from '../../src/executors/remote/remote-executor.ts';
import { Session } from '../../src/session.ts';
import { RedisServer } from '../support/redis-server.ts';
import { CommandLine } from './command-line.ts';
import type { CallOptions, Outcome } from './command-line.ts';

const TOKEN = 'token-0123456789abcdef';
const ECHO = 'name: echo\ncommand: echo\nschema:\n  positional:\n    - {name: text, required: true}\n';

interface Served extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a supervisor would. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

async function serve(commandLine: CommandLine, args: readonly string[], options: CallOptions = {}): Promise<Served> {
  const { child, outcome } = commandLine.start(['serve', ...args], options);
  const said = createInterface(child.stderr ?? process.stdin);
  const [line] = z.tuple([z.string()]).parse(await once(said, 'line'));
  const [, url = ''] = / on (\S+)\.$/.exec(line) ?? [];
  if (url === '') throw new Error(`It said: ${line}`);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> => {
    child.kill(signal);
    return outcome;
  };
  return { url, stop, [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')) };
}

function open(url: string, token = TOKEN): Promise<Session> {
  return Session.open({ executor: new RemoteExecutor({ url, token }) });
}

describe('serve', () => {
  it.each([
    { args: [], says: 'there is no token' },
    { args: ['--token-file', 'missing'], says: 'there is no such file' },
    { args: ['--token-file', 'empty'], says: 'it is empty' },
    { args: ['--token-file', 'broken'], says: 'is no JSON' },
    { args: ['--token-file', 'wrong'], says: '0.scopes' },
    { args: ['--token-file', 'good', '--no-auth'], says: 'Cannot use both --token-file and --no-auth' },
    { args: ['--token-file', 'good', '--socket', 's', '--port', '1'], says: 'Cannot use both --socket' },
    { args: ['--token-file', 'good', '--port', '70000'], says: 'expected 0 to 65535' },
    { args: ['--token-file', 'good', '--base', 'nowhere'], says: 'there is no such folder' },
  ])('does not start with $args', async ({ args, says }) => {
    await using commandLine = await CommandLine.open();
    const files = {
      empty: '',
      good: TOKEN,
      broken: `[{"token":"${TOKEN}"`,
      wrong: `[{"name":"a","token":"${TOKEN}","scopes":["all"]}]`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(commandLine.home, name), text);
    const { code, stdout, stderr } = await commandLine.call(['serve', ...args]);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain(TOKEN);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('serves the base folder to who has the token, and ends well at SIGTERM', async () => {
    await using commandLine = await CommandLine.open({ 'tools/echo.yaml': ECHO });
    await writeFile(join(commandLine.home, 'token'), `${TOKEN}\n`);
    await using served = await serve(commandLine, ['--port', '0', '--token-file', 'token']);
    const session = await open(served.url);
    expect(await session.run('await tools.echo({ text: "hi" })')).toMatchObject({ value: 'hi\n' });
    await expect(open(served.url, 'guess')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    const run = session.run('await new Promise((done) => setTimeout(done, 500)); "done"');
    await new Promise((resolve) => setTimeout(resolve, 150));
    const outcome = await served.stop();
    expect(await run).toMatchObject({ ok: true, value: 'done' });
    expect(outcome).toMatchObject({ code: 0, stdout: '' });
    expect(outcome.stderr).not.toContain(TOKEN);
  });

  it('gives tokens of a file their scopes and folders', async () => {
    await using commandLine = await CommandLine.open();
    const own = join(commandLine.home, 'own');
    await mkdir(join(own, 'tools'), { recursive: true });
    await writeFile(join(own, 'tools', 'echo.yaml'), ECHO);
    const tokens = [
      { name: 'reader', token: 'token-of-the-reader', scopes: ['read'] },
      { name: 'agent', token: TOKEN, scopes: ['run', 'read'], maxSessions: 1, base: 'own' },
    ];
    await writeFile(join(commandLine.home, 'tokens.json'), JSON.stringify(tokens));
    await using served = await serve(commandLine, ['--port', '0', '--token-file', 'tokens.json']);
    await expect(open(served.url, 'token-of-the-reader')).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await using session = await open(served.url);
    expect((await session.listTools()).map(({ name }) => name)).toEqual(['echo']);
    await expect(open(served.url)).rejects.toMatchObject({ code: 'SESSION_LIMIT' });
  });

  it('listens on a socket', async () => {
    await using commandLine = await CommandLine.open();
    const socketPath = join(commandLine.home, 'server.sock');
    await using served = await serve(commandLine, ['--socket', socketPath], { env: { TS_CODE_MODE_TOKEN: TOKEN } });
    expect(served.url).toBe(socketPath);
    await using session = await Session.open({ executor: new RemoteExecutor({ socketPath, token: TOKEN }) });
    expect(await session.run('1')).toMatchObject({ value: 1 });
  });

  it("reads the environment of the original's server, and hands no secret of it on to tools", async () => {
    await using commandLine = await CommandLine.open({
      'tools/env.yaml': 'name: env\ncommand: env\n',
      'skills/one.ts': 'export function run() { return 1 }',
    });
    const env = {
      CONTAINER_AUTH_TOKEN: TOKEN,
      HOST: '127.0.0.1',
      PORT: '0',
      DEFAULT_TIMEOUT: '3',
      TOOLS_PATH: join(commandLine.base, 'tools'),
      SKILLS_PATH: join(commandLine.base, 'skills'),
      ARTIFACTS_PATH: join(commandLine.home, 'workspace', 'artifacts'),
    };
    await using served = await serve(commandLine, [], { env });
    await using session = await open(served.url);
    expect(
      await session.run('[await tools.env(), await skills.one(), await artifacts.save("a", 1)].length'),
    ).toMatchObject({
      value: 3,
    });
    expect(await session.callTool('env')).not.toContain(TOKEN);
    expect(await session.run('await new Promise(() => setTimeout(() => {}, 9_000))')).toMatchObject({
      error: { code: 'TIMEOUT' },
    });
    const plain = await fetch(`${served.url}/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ code: '6 * 7' }),
    });
    expect(await plain.json()).toMatchObject({ value: 42, error: null });
  });

  it.each([
    ['documents', `${ECHO}---\nname: say\ncommand: echo\n`],
    ['a list', `tools:\n  - {name: echo, command: echo}\n  - {name: say, command: echo}\n`],
  ])('takes several tools from one file: %s', async (_, text) => {
    await using commandLine = await CommandLine.open();
    const file = join(commandLine.home, 'tools.yaml');
    await writeFile(file, text);
    const env = { CONTAINER_AUTH_DISABLED: 'true', PORT: '0', TOOLS_CONFIG: file };
    await using served = await serve(commandLine, [], { env });
    await using session = await Session.open({ executor: new RemoteExecutor({ url: served.url }) });
    expect((await session.listTools()).map(({ name }) => name)).toEqual(['echo', 'say']);
    expect(await session.problems()).toEqual([]);
    expect(await served.stop()).toMatchObject({ code: 0 });
  });

  it('serves the Redis that the environment names, without saying its password', async () => {
    await using redis = await RedisServer.start({
      args: ['--requirepass', 'pass-of-redis'],
      cliArgs: ['-a', 'pass-of-redis', '--no-auth-warning'],
    });
    await using commandLine = await CommandLine.open();
    const env = {
      TS_CODE_MODE_TOKEN: TOKEN,
      PORT: '0',
      REDIS_URL: `redis://:pass-of-redis@127.0.0.1:${redis.port}`,
      REDIS_TOOLS_PREFIX: 'app-tools',
      REDIS_SKILLS_PREFIX: 'app-skills',
      REDIS_ARTIFACTS_PREFIX: 'app-artifacts',
    };
    await using served = await serve(commandLine, [], { env });
    await using session = await open(served.url);
    await session.saveArtifact('note', 'kept');
    expect(redis.cli('GET', 'app-artifacts:note')).toBe('kept');
    const { stderr } = await served.stop();
    expect(stderr).not.toContain('pass-of-redis');
  });
});
