import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RemoteExecutor } from '../../src/executors/remote/remote-executor.ts';
import { FRAMES } from '../../src/protocol/remote/api.ts';
import { decodeFrame, encodeFrame } from '../../src/protocol/remote/frame.ts';
import { listenHttp } from '../../src/server/node-listener.ts';
import { Session } from '../../src/session.ts';
import { RedisStorage } from '../../src/storage/redis/redis-storage.ts';
import { RedisServer } from '../support/redis-server.ts';
import { ServerProcess } from '../support/server-process.ts';
import { TempFolder } from '../support/temp-session.ts';
import { ADA, BOB, RunningServer } from '../server/running-server.ts';
import { textWith } from '../support/matchers.ts';

const SECRETS = { environment: 'secret-of-the-environment', redis: 'password-of-redis', token: ADA, other: BOB };

/** Everything that the code can lay hands on, as text: globals, their prototypes, messages of errors, stacks. */
const LOOT = `
const seen = new Set(); const found = [];
const look = (value, depth) => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) { found.push(String(value)); return }
  if (seen.has(value) || depth > 6) return;
  seen.add(value);
  for (const key of Reflect.ownKeys(value)) {
    found.push(String(key));
    try { look(Reflect.getOwnPropertyDescriptor(value, key).value, depth + 1) } catch (error) { found.push(String(error)) }
    try { if (typeof value[key] === 'function') found.push(String(value[key])) } catch (error) { found.push(String(error)) }
  }
  look(Object.getPrototypeOf(value), depth + 1);
};
look(globalThis, 0);
for (const attempt of [
  () => process.env, () => globalThis['require']('fs'), () => new Function('return process')(), () => eval('process'),
  () => artifacts.load('../../../proc/self/environ'), () => artifacts.load('/proc/self/environ'),
  () => artifacts.save('../tools/x.yaml', 'name: x'), () => skills.create('../x', ''), () => tools.nothing(),
  () => artifacts.list(), () => tools.list(), () => skills.list(), () => skills.invoke('__proto__'),
  () => tools.where({}), () => fetch('http://127.0.0.1'), () => null.x,
]) {
  try { found.push(JSON.stringify(await attempt()) ?? '') } catch (error) { found.push(error.name, error.message, error.stack, JSON.stringify(error.details ?? null)) }
}
found.join('\\n')`;

describe('code on a server', () => {
  it('finds no token, no credentials, nothing of the environment and of other sessions', async () => {
    using folder = new TempFolder();
    await using redis = await RedisServer.start({
      args: ['--requirepass', SECRETS.redis],
      cliArgs: ['-a', SECRETS.redis, '--no-auth-warning'],
    });
    const storage = new RedisStorage({ url: redis.url, password: SECRETS.redis, prefix: 'app' });
    await using server = await ServerProcess.start({
      storage,
      tokens: [
        { name: 'ada', token: ADA },
        { name: 'bob', token: BOB, basePath: join(folder.path, 'bob') },
      ],
      env: { SERVER_SECRET: SECRETS.environment, REDIS_URL: `redis://:${SECRETS.redis}@x`, CONTAINER_AUTH_TOKEN: ADA },
    });
    await using bob = await Session.open({ executor: new RemoteExecutor({ url: server.url, token: BOB }) });
    await bob.run('globalThis.mine = "variable-of-bob"; await artifacts.save("a", "artifact-of-bob")');
    await using ada = await Session.open({ executor: new RemoteExecutor({ url: server.url, token: ADA }) });
    const before = await ada.run(LOOT);
    await redis.kill();
    const after = await ada.run(LOOT, { timeoutMs: 3_000 });
    // The first search went all the way. What follows may be cut off by Redis' silence.
    expect(before).toMatchObject({ ok: true, value: textWith('artifacts') });
    for (const text of [before, after].map((result) => JSON.stringify(result))) {
      for (const secret of [...Object.values(SECRETS), 'variable-of-bob', 'artifact-of-bob', folder.path])
        expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\/src\/|node_modules|file:\/\//);
    }
  });
});

/** Sends text as it is and reads what comes, until the end. */
async function raw(port: number, text: string | Uint8Array): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1'))).on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

function head(method: string, path: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    host: 'x',
    authorization: `Bearer ${ADA}`,
    'content-type': 'application/json',
    connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

describe('requests that are made to hurt', () => {
  it('are refused when they are too large, before they are taken in', async () => {
    await using running = await RunningServer.start({ maxRequestBytes: 10_000, maxArtifactBytes: 20_000 });
    const session = await running.open();
    const path = `/v1/sessions/${session}/runs`;
    const large = await running.run(session, 'x'.repeat(10_001));
    expect(large).toMatchObject({ status: 413, json: { error: { code: 'INVALID_REQUEST' } } });
    expect(await raw(running.port, head('POST', path, { 'content-length': '99999999999' }))).toMatch(
      /^HTTP\/1\.1 413 /,
    );
    const chunks = `2000\r\n${'x'.repeat(0x2000)}\r\n`.repeat(3);
    const chunked = await raw(running.port, head('POST', path, { 'transfer-encoding': 'chunked' }) + chunks);
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    const artifact = await running.ask('/v1/artifacts/a', { method: 'PUT', body: 'x'.repeat(20_001) });
    expect(artifact.status).toBe(413);
    expect((await running.ask('/v1/artifacts')).json).toEqual({ artifacts: [] });
    expect((await running.run(session, '1')).json).toMatchObject({ value: 1 });
  });

  it('are refused when they are no JSON, or not what is expected', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    const bodies = [
      '', '{', '"', '[]', 'null', '{"code":1}', '{"code":"1","more":1}', '{"code":"1","limits":{"cpuTimeMs":-1}}',
      '{"code":"1","limits":{"cpuTimeMs":1e400}}', '{"code":"1","limits":{"__proto__":{"x":1}}}',
      '{"code":"1","limits":[]}', '['.repeat(100_000), '\ufeff{"code":"1"}', '{"code":"1"}{"code":"1"}',
    ]; // prettier-ignore
    for (const body of bodies) {
      const headers = { 'content-type': 'application/json' };
      const { status, json } = await running.ask(`/v1/sessions/${session}/runs`, { method: 'POST', body, headers });
      expect({ body: body.slice(0, 60), isRefused: status === 400 || status === 422 }).toEqual({
        body: body.slice(0, 60),
        isRefused: true,
      });
      expect(json).toMatchObject({ error: { code: 'INVALID_REQUEST' } });
    }
    for (const key of ['', 'a b', 'x'.repeat(129), 'a/b'])
      expect((await running.run(session, '1', { headers: { 'idempotency-key': key } })).status).toBe(422);
    const odd = { accept: 'text/event-stream', 'last-event-id': '-1' };
    expect((await running.run(session, '1', { headers: odd })).status).toBe(422);
  });

  it('are refused when their frames are none', async () => {
    await using running = await RunningServer.start();
    const good = encodeFrame({ type: 'bytes' }, [new ArrayBuffer(4)]);
    const length = (bytes: number): Uint8Array =>
      new Uint8Array(
        Buffer.alloc(4)
          .fill(0)
          .map((_, i) => (bytes >>> (24 - 8 * i)) & 255),
      );
    const withHead = (text: string): Uint8Array<ArrayBuffer> =>
      new Uint8Array(Buffer.concat([length(text.length), Buffer.from(text)]));
    const frames = [
      new Uint8Array(), new Uint8Array([0]), new Uint8Array([255, 255, 255, 255, 1]), new Uint8Array(good.subarray(0, -1)),
      new Uint8Array(Buffer.concat([good, Buffer.from([0])])), new Uint8Array(Buffer.concat([good, good])),
      withHead('{}'), withHead('[]'), withHead('{"body":1,"parts":[["b",-1]]}'), withHead('{"body":1,"parts":[["b",1e9]]}'),
      withHead('{"body":1,"parts":[["x",0]]}'), withHead('{"body":1,"parts":{"length":9}}'), withHead('{"body":{"type":"bytes"}}'),
      withHead('{"body":{"type":"html"},"parts":[["b",0]]}'), withHead('{"body":{"type":"bytes"},"parts":[["u",0]]}'),
    ]; // prettier-ignore
    for (const body of frames) {
      const { status } = await running.ask('/v1/artifacts/a', {
        method: 'PUT',
        body,
        headers: { 'content-type': FRAMES },
      });
      expect([400, 422]).toContain(status);
      const call = await running.ask('/v1/tools/call', { body, headers: { 'content-type': FRAMES } });
      expect([400, 422]).toContain(call.status);
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const read = await decodeFrame(bytes).catch((error: unknown) => error);
        expect(read).toMatchObject(read instanceof Error ? { code: 'INVALID_DATA' } : { parts: [] });
      }),
    );
    expect((await running.ask('/v1/artifacts')).json).toEqual({ artifacts: [] });
  });

  it('reach no other place by the names in them', async () => {
    await using running = await RunningServer.start({}, { 'outside.txt': 'treasure', 'artifacts/in.txt': 'in' });
    const names = [
      '../outside.txt', '..%2Foutside.txt', '%2e%2e/outside.txt', '%2e%2e%2foutside.txt', '..%5coutside.txt', 'a/../../outside.txt',
      '/etc/passwd', '%2Fetc%2Fpasswd', '..;/outside.txt', 'in.txt%00', '.artifacts.json', '%2eartifacts.json', 'a//b', '%c0%ae%c0%ae/x',
      '__proto__', 'constructor', '%',
    ]; // prettier-ignore
    for (const name of names) {
      for (const base of ['/v1/artifacts/', '/api/artifacts/', '/v1/skills/', '/v1/sessions/']) {
        const answer = await raw(running.port, head('GET', base + name));
        expect(answer.startsWith('HTTP/1.1 4') || answer.includes('\r\n\r\nnull'), `${base}${name}: ${answer}`).toBe(
          true,
        );
        expect(answer).not.toContain('treasure');
        expect(answer).not.toContain('root:');
      }
      await raw(running.port, `${head('PUT', `/v1/artifacts/${name}`, { 'content-length': '2' })}""`);
    }
    const { text } = await running.ask('/v1/artifacts');
    expect(text).not.toMatch(/"name":"(?:[^"]*\.\.|\/)/);
  });

  it('bring no headers of their own into answers', async () => {
    await using running = await RunningServer.start();
    const injected = await raw(
      running.port,
      `${head('POST', '/execute', { 'x-session-id': 'a\r\n\tset-cookie: x=1', 'content-length': '12' })}{"code":"1"}`,
    );
    expect(injected).toMatch(/^HTTP\/1\.1 4\d\d /);
    for (const id of ['a\u0001b', 'a b', 'é', '']) {
      const answer = await raw(
        running.port,
        `${head('POST', '/execute', { 'x-session-id': id, 'content-length': '12' })}{"code":"1"}`,
      );
      expect(answer.toLowerCase()).not.toContain('set-cookie');
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    await running.ask('/v1/artifacts/a%0d%0aset-cookie:%20x=1', { method: 'PUT', body: 'x' });
    const session = await running.open();
    await running.run(session, 'await artifacts.save("page", "<script>alert(1)</script>", "a\\r\\nset-cookie: x=1")');
    const page = await running.ask('/v1/artifacts/page', { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('set-cookie')).toBeNull();
  });

  it('that two servers could read differently are refused', async () => {
    await using running = await RunningServer.start();
    const twice = head('POST', '/execute', { 'content-length': '5', 'transfer-encoding': 'chunked' });
    expect(await raw(running.port, `${twice}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(running.port, 'GET /v1/tools HTTP/1.1\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(running.port, 'GET /v1/tools HTTP/1.1\r\nhost: [\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 4/,
    );
    expect(await raw(running.port, head('HEAD', '/v1/artifacts'))).toMatch(/^HTTP\/1\.1 405 /);
    expect(await raw(running.port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('clients that are slow on purpose', () => {
  it('are cut off when they send too slowly, while others are served', async () => {
    await using running = await RunningServer.start();
    const listener = await listenHttp(
      running.server.fetch,
      { port: 0 },
      { headersMs: 300, requestMs: 600, stalledMs: 5_000 },
    );
    const port = 'port' in listener.address ? listener.address.port : 0;
    const slow: Socket[] = [];
    for (const start of [
      '',
      'GET /v1/tools HTTP/1.1\r\nhost: x\r\nx-',
      head('POST', '/execute', { 'content-length': '100' }),
    ]) {
      for (let count = 0; count < 20; count++) {
        const socket = createConnection(port, '127.0.0.1').on('error', () => undefined);
        if (start !== '') socket.write(start);
        slow.push(socket.resume());
      }
    }
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('a')), 50);
    expect((await running.ask('/v1/tools')).status).toBe(200);
    await Promise.all(slow.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')));
    clearInterval(drip);
    await listener.close(0);
  });

  it('are cut off when they never read, and hold up no run', async () => {
    await using running = await RunningServer.start();
    const listener = await listenHttp(running.server.fetch, { port: 0 }, { stalledMs: 300 });
    const port = 'port' in listener.address ? listener.address.port : 0;
    const session = await running.open();
    const body = JSON.stringify({ code: 'console.log("x".repeat(900_000)); "y".repeat(15_000_000)' });
    for (const accept of ['text/event-stream', FRAMES, 'application/json']) {
      const socket = createConnection(port, '127.0.0.1').on('error', () => undefined);
      socket.pause();
      const headers = {
        accept,
        'idempotency-key': accept.replaceAll('/', '-').replaceAll('+', '-'),
        'content-length': String(body.length),
      };
      socket.write(head('POST', `/v1/sessions/${session}/runs`, headers) + body);
      expect((await running.run(session, '1')).json).toMatchObject({ value: 1 });
      await sleep(1_500);
      // Paused, it learns of its end when it reads.
      socket.resume();
      let bytes = 0;
      socket.on('data', (data: Buffer) => (bytes += data.byteLength));
      if (!socket.closed) await once(socket, 'close');
      expect(bytes).toBeLessThan(15_000_000);
    }
    await listener.close(0);
  });
});

describe('many sessions, some of them hostile', () => {
  it('lose nothing of the others', async () => {
    await using running = await RunningServer.start({
      maxSessions: 40,
      limits: { cpuTimeMs: 400, memoryBytes: 16 * 1024 * 1024 },
    });
    await using executor = new RemoteExecutor({ url: running.url, token: ADA });
    const hostile = [
      'for (;;);',
      'const all = []; for (;;) all.push(new Array(1e5).fill(1))',
      '"x".repeat(1e9)',
      'throw new Proxy({}, {})',
    ];
    const honest = Array.from({ length: 12 }, async (_, index) => {
      await using session = await Session.open({ executor });
      const values: unknown[] = [];
      for (let n = 0; n < 5; n++) {
        const result = await session.run(
          `globalThis.sum = (globalThis.sum ?? 0) + ${index}; await artifacts.save('s${index}/${n}', sum); sum`,
        );
        values.push(result.ok ? result.value : result.error);
      }
      return values;
    });
    const attacks = hostile.map(async (code) => {
      await using session = await Session.open({ executor, limits: { timeoutMs: 20_000 } });
      return [await session.run(code), await session.run(code)].map(({ ok }) => ok);
    });
    expect(await Promise.all(honest)).toEqual(
      Array.from({ length: 12 }, (_, index) => [1, 2, 3, 4, 5].map((factor) => factor * index)),
    );
    expect((await Promise.all(attacks)).flat()).not.toContain(true);
    expect((await running.ask('/v1/artifacts')).json).toMatchObject({ artifacts: { length: 60 } });
  });
});
