import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, createClientPool } from '@redis/client';
import { describe, expect, it, vi } from 'vitest';
import { openStores } from '../../../src/storage/open-stores.ts';
import { decodeAccess, encodeAccess } from '../../../src/storage/access-text.ts';
import { RedisStorage } from '../../../src/storage/redis/redis-storage.ts';
import { pageAt } from '../../docs/markdown.ts';
import { CuttingProxy } from '../../support/cutting-proxy.ts';
import { freePort, RedisServer } from '../../support/redis-server.ts';
import { TempFolder } from '../../support/temp-session.ts';

const prefix = 'myapp';

describe('a connection by URL', () => {
  it('takes certificates, user, password and database, and carries them', async () => {
    using folder = new TempFolder();
    const [certificate, key] = makeCertificate(folder.path);
    const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
    await using server = await RedisServer.start({
      tls: true,
      args: [...tls, '--tls-auth-clients', 'yes', '--user', 'ada', 'on', '>p@ss:word', '~myapp:*', '+@all'],
      cliArgs: ['--tls', '--cacert', certificate, '--cert', certificate, '--key', key],
    });
    const pem = { ca: readFileSync(certificate, 'utf8'), cert: readFileSync(certificate, 'utf8') };
    const secure = { ...pem, key: readFileSync(key, 'utf8') };
    const url = `rediss://ada:p%40ss%3Aword@localhost:${server.port}/5`;
    await using stores = await openStores(new RedisStorage({ url, prefix, tls: secure }).access());
    await stores.skills.write('report', 'x');
    expect(server.cli('-n', '5', 'KEYS', '*')).toContain('myapp:skills:__skills__');
    expect(server.cli('DBSIZE')).toBe('0');
    const redis = createClient({ url, socket: { tls: true, ...secure } });
    const described = decodeAccess(encodeAccess(new RedisStorage({ redis, prefix }).access()));
    await using elsewhere = await openStores(Object.assign(described, { client: 'of another process' }));
    expect((await elsewhere.skills.read('report'))?.source).toBe('x');
    await expect(openStores(new RedisStorage({ url, prefix: 'forbidden', tls: secure }).access())).rejects.toThrow(
      'Cannot open the storage: Redis answered NOPERM, its user may not do this',
    );
    const unknown = openStores(new RedisStorage({ url, prefix, tls: { cert: secure.cert, key: secure.key } }).access());
    await expect(unknown).rejects.toMatchObject({
      code: 'STORAGE',
      details: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });

  it('needs of its user what the documentation says, and no more', async () => {
    const block = pageAt('docs/redis.md').blocks.find(({ text }) => text.startsWith('ACL SETUSER agent'));
    const rules = block?.text.trim().split(' ') ?? [];
    await using server = await RedisServer.start();
    expect(server.cli(...rules)).toBe('OK');
    const url = server.url.replace('//', '//agent:secret@');
    await using stores = await openStores(new RedisStorage({ url, prefix, artifactQuotaBytes: 9_000_000 }).access());
    await stores.tools.write('curl.yaml', 'name: curl');
    await stores.skills.writeAll(new Map([['report', 'x']]));
    await stores.skills.delete('report');
    await stores.artifacts.save('deep/large', { type: 'bytes', data: new Uint8Array(1_500_000) });
    await stores.artifacts.save('__index__', { type: 'bytes', data: new Uint8Array(1) });
    expect((await stores.artifacts.load('deep/large')).info.sizeBytes).toBe(1_500_000);
    await stores.searchCache.write('s', new Map([['aa', new Uint8Array(1)]]));
    expect((await stores.searchCache.read('s', ['aa'])).size).toBe(1);
    const listed = [await stores.tools.list(), await stores.skills.list(), (await stores.artifacts.list()).artifacts];
    expect(listed.map(({ length }) => length)).toEqual([1, 0, 2]);
    const opening = openStores(new RedisStorage({ url, prefix: 'other' }).access());
    await expect(opening).rejects.toMatchObject({ code: 'STORAGE', details: { reason: 'NOPERM' } });
  });

  it('is refused at once with a wrong password, which is told to nobody', async () => {
    await using server = await RedisServer.start({ args: ['--requirepass', 'right'], cliArgs: ['-a', 'right'] });
    const opening = openStores(new RedisStorage({ url: server.url, password: 'wr0ng', prefix }).access());
    const error: unknown = await opening.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORAGE', details: { reason: 'WRONGPASS' } });
    expect(String(error)).toContain('check username and password');
    expect(JSON.stringify(error) + String(error)).not.toContain('wr0ng');
    const none = openStores(new RedisStorage({ url: server.url, prefix }).access());
    await expect(none).rejects.toMatchObject({ code: 'STORAGE', details: { reason: 'NOAUTH' } });
    await using stores = await openStores(new RedisStorage({ url: server.url, password: 'right', prefix }).access());
    expect(await stores.tools.list()).toEqual([]);
  });

  it('to nothing fails after a few seconds', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const opening = openStores(new RedisStorage({ url, prefix }).access());
    await expect(opening).rejects.toMatchObject({ code: 'STORAGE', details: { reason: 'ECONNREFUSED' } });
    await expect(opening).rejects.toThrow('Cannot open the storage: Redis can’t be reached (ECONNREFUSED)');
  });

  it('says what to install where @redis/client is missing', () => {
    const program = `
      import { registerHooks } from 'node:module';
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier.startsWith('@redis/')) throw new Error('not found');
          return next(specifier, context);
        },
      });
      const { RedisStorage } = await import('./src/redis.ts');
      const { Session } = await import('./src/session.ts');
      await Session.open({ storage: new RedisStorage({ url: 'redis://localhost', prefix: 'p' }) }).catch((error) => {
        process.stdout.write(error.code + ' ' + error.message);
      });`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    expect(child.stdout).toBe(
      'UNSUPPORTED Cannot open the Redis storage: @redis/client is not installed; run "npm install @redis/client"',
    );
  });
});

describe('a Redis that goes away', () => {
  it('is an error after a while, and all works once it is back', async () => {
    await using server = await RedisServer.start({ durable: true });
    await using stores = await openStores(new RedisStorage({ url: server.url, prefix }).access());
    await stores.skills.write('before', 'x');
    await server.kill();
    const reading = stores.skills.read('before');
    const outcome = expect(reading).rejects.toMatchObject({ code: 'STORAGE', details: { reason: 'ECONNREFUSED' } });
    await sleep(200);
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(600_000);
    try {
      await outcome;
    } finally {
      vi.useRealTimers();
    }
    // This one waits for it.
    const patient = stores.skills.read('before');
    await server.start();
    expect((await patient)?.source).toBe('x');
    await stores.artifacts.save('after', { type: 'text', data: Buffer.from('y') });
    expect((await stores.skills.list()).map(({ name }) => name)).toEqual(['before']);
  });

  it('that is stuck and comes back has executed each change once', async () => {
    await using server = await RedisServer.start();
    await using stores = await openStores(new RedisStorage({ url: server.url, prefix }).access());
    server.pause();
    const writes = ['a', 'b', 'c'].map((name) => stores.skills.write(name, 'x'));
    await sleep(6_000);
    server.resume();
    await Promise.all(writes);
    expect(server.cli('XLEN', 'myapp:skills:__changes__')).toBe('3');
  });

  it('keeps nobody from closing, and calls under way fail', async () => {
    const server = await RedisServer.start();
    const stores = await openStores(new RedisStorage({ url: server.url, prefix }).access());
    await server[Symbol.asyncDispose]();
    const reading = stores.skills.read('x');
    const outcome = expect(reading).rejects.toMatchObject({ code: 'STORAGE' });
    await sleep(100);
    await stores[Symbol.asyncDispose]();
    await outcome;
    await expect(stores.skills.list()).rejects.toThrow('the storage is closed');
    await stores[Symbol.asyncDispose]();
  });
});

describe('a client of the user', () => {
  it('is used as it is, and stays open', async () => {
    await using server = await RedisServer.start();
    const client = createClient({ url: server.url, database: 2 });
    const pool = createClientPool({ url: server.url, database: 2 });
    await Promise.all([client.connect(), pool.connect()]);
    for (const [index, redis] of [client, pool].entries()) {
      const stores = await openStores(new RedisStorage({ redis, prefix }).access());
      await stores.skills.write(`s${index}`, 'x');
      await stores[Symbol.asyncDispose]();
      expect(redis.isOpen).toBe(true);
      expect(await redis.hLen('myapp:skills:__skills__')).toBe(index + 1);
    }
    expect(client.listenerCount('error')).toBe(0);
    expect(
      server
        .cli('CLIENT', 'LIST')
        .split('\n')
        .filter((line) => line.includes('db=2')),
    ).toHaveLength(2);
    client.destroy();
    await pool.close();
  });

  it('that is not connected is an error', async () => {
    const redis = createClient({ url: 'redis://127.0.0.1:1' });
    const opening = openStores(new RedisStorage({ redis, prefix }).access());
    await expect(opening).rejects.toThrow('the client is not connected; await its connect() first');
  });

  it('whose connection is cut goes on, without a listener of its own', async () => {
    await using server = await RedisServer.start();
    await using proxy = await CuttingProxy.start(server.port);
    const redis = createClient({ url: proxy.url });
    await redis.connect();
    await using stores = await openStores(new RedisStorage({ redis, prefix }).access());
    for (const place of ['before', 'after'] as const) {
      proxy.cutAt(1, place);
      await stores.skills.write(place, 'x');
      expect(proxy.cuts).toBe(1);
    }
    expect(server.cli('XLEN', 'myapp:skills:__changes__')).toBe('2');
    redis.destroy();
  });
});

function makeCertificate(folder: string): [certificate: string, key: string] {
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
  const files = ['-out', certificate, '-keyout', key];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], { stdio: 'ignore' });
  return [certificate, key];
}
