import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as readAll } from 'node:stream/consumers';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../../../src/session.ts';
import { RedisStorage } from '../../../src/storage/redis/redis-storage.ts';
import { RedisServer } from '../../support/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Runs code in a session of another process. */
async function runElsewhere(prefix: string, code: string): Promise<unknown> {
  const program = `
    import { Session } from './src/index.ts';
    import { RedisStorage } from './src/redis.ts';
    const [url, prefix, code] = process.argv.slice(1);
    await using session = await Session.open({ storage: new RedisStorage({ url, prefix }) });
    process.stdout.write(JSON.stringify(await session.run(code)));`;
  const args = ['--input-type=module', '--eval', program, server.url, prefix, code];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([readAll(child.stdout), once(child, 'exit')]);
  expect(child.exitCode).toBe(0);
  return JSON.parse(output);
}

describe('sessions over Redis', () => {
  it('in two processes: what one saves, the next run of the other sees', async () => {
    const prefix = 'two';
    await using session = await Session.open({ storage: new RedisStorage({ url: server.url, prefix }) });
    expect(await session.run('(await skills.list()).length')).toMatchObject({ ok: true, value: 0 });
    const code = `
      await skills.create('double', 'export const run = (n: number) => 2 * n;');
      await artifacts.save('deep/data.bin', new Uint8Array([0, 255, 7]), 'three bytes');
      await skills.double(21);`;
    expect(await runElsewhere(prefix, code)).toMatchObject({ ok: true, value: 42 });
    const bytes = new Uint8Array([0, 255, 7]);
    expect(await session.run(`[await skills.double(4), await artifacts.load('deep/data.bin')]`)).toMatchObject({
      ok: true,
      value: [8, bytes],
    });
    await session.addSkill('double', 'export const run = (n: number) => n + n + 1;', { overwrite: true });
    expect(await runElsewhere(prefix, 'await skills.double(4)')).toMatchObject({ ok: true, value: 9 });
    const redis = await createClient({ url: server.url }).connect();
    await redis.hSet(
      `${prefix}:tools:__tools__`,
      'echo',
      JSON.stringify({ name: 'echo', schema: { positional: [{ name: 'text' }] } }),
    );
    redis.destroy();
    expect(await session.run(`await tools.echo({ text: 'hi' })`)).toMatchObject({ ok: true, value: 'hi\n' });
  });

  it('with a client of the user, that stays open', async () => {
    const redis = await createClient({ url: server.url }).connect();
    const session = await Session.open({ storage: new RedisStorage({ redis, prefix: 'own' }) });
    expect(await session.run(`await artifacts.save('a', 'text'); await artifacts.load('a')`)).toMatchObject({
      value: 'text',
    });
    await session.close();
    expect(await redis.get('own:artifacts:a')).toBe('text');
    redis.destroy();
  });

  it('lists Python skills as such, and refuses to run them', async () => {
    const prefix = 'python';
    const redis = await createClient({ url: server.url }).connect();
    const record = {
      name: 'fetch',
      description: 'Fetches a page',
      source: 'def run(url: str):\n    return url\n',
      parameters: [{ name: 'url', type: 'str', description: 'where', required: true, default: null }],
    };
    await redis.hSet(`${prefix}:skills:__skills__`, 'fetch', JSON.stringify(record));
    redis.destroy();
    await using session = await Session.open({ storage: new RedisStorage({ url: server.url, prefix }) });
    await session.addSkill('fine', 'export const run = () => 1;');
    const [fetch, fine] = await session.listSkills();
    const parameters = [{ name: 'url', optional: false, rest: false, description: 'where' }];
    expect(fetch).toMatchObject({
      name: 'fetch',
      description: 'Fetches a page',
      origin: 'skills/fetch.py',
      language: 'python',
      parameters,
    });
    expect(fine).not.toHaveProperty('language');
    expect((await session.getSkill('fetch')).source).toBe(record.source);
    expect((await session.searchSkills('page')).map(({ id }) => id)).toEqual(['fetch']);
    const result = await session.run(
      `[await skills.fine(), await skills.fetch('x').catch((error) => [error.code, error.message])]`,
    );
    expect(result).toMatchObject({ ok: true, warnings: [] });
    const message: unknown = expect.stringContaining(
      'Cannot run skills/fetch.py: it is Python, written by py-code-mode',
    );
    expect(result.ok && result.value).toEqual([1, ['UNSUPPORTED', message]]);
    expect(await session.types()).not.toContain('fetch(');
    expect(await session.problems()).toEqual([]);
  });
});
