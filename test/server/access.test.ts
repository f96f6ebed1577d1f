import { describe, expect, it } from 'vitest';
import { OWN_ROUTES, SessionServer } from '../../src/server/session-server.ts';
import { ORIGINAL_ROUTES } from '../../src/server/routes/original.ts';
import { SCOPES } from '../../src/server/token-book.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { ADA, BOB, RunningServer, TOKENS } from './running-server.ts';
import { ANY_NUMBER } from '../support/matchers.ts';

const storage = new FileStorage({ basePath: '/nowhere' });
const ROUTES = [...OWN_ROUTES, ...ORIGINAL_ROUTES];

describe('a server', () => {
  it.each([
    { options: { storage }, says: 'there are no tokens' },
    { options: { storage, tokens: [] }, says: 'there are no tokens' },
    { options: { storage, auth: 'none', tokens: TOKENS }, says: 'one of the two' },
    { options: { storage, tokens: [{ name: 'a', token: '', scopes: SCOPES }] }, says: 'tokens.0.token' },
    { options: { storage, tokens: [{ name: 'a', token: 'two words', scopes: SCOPES }] }, says: 'visible ASCII' },
    { options: { storage, tokens: [{ name: 'a', token: ADA, scopes: [] }] }, says: 'tokens.0.scopes' },
    { options: { storage, tokens: [TOKENS[0], { ...TOKENS[1], name: 'ada' }] }, says: 'the same name' },
    { options: { storage, tokens: [TOKENS[0], { ...TOKENS[1], token: ADA }] }, says: 'the same token' },
    { options: { tokens: TOKENS }, says: 'storage' },
    { options: { storage, tokens: TOKENS, maxSessions: 0 }, says: 'maxSessions' },
    { options: { storage, tokens: TOKENS, limits: { cpuMs: 1 } }, says: 'limits' },
  ])('does not start when $says', ({ options, says }) => {
    const make = (): unknown => Reflect.construct(SessionServer, [options]);
    expect(make).toThrow(says);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(make).not.toThrow(ADA);
  });

  it('answers nothing but /health and /ready without a token it knows', async () => {
    await using running = await RunningServer.start();
    const tokens = [null, '', 'guess', ADA.slice(1), ADA + 'x', ADA.toUpperCase()];
    const paths = [...ROUTES.map(({ path, method }) => ({ path, method })), { path: '/nothing', method: 'GET' }];
    for (const { path, method } of paths) {
      for (const token of tokens.slice(0, path === '/v1/sessions' ? tokens.length : 2)) {
        const { status, headers } = await running.ask(path.replaceAll(/[{}]/g, ''), { method, token });
        const isOpen = path === '/health' || path === '/ready';
        expect({ path, status }).toEqual({ path, status: isOpen ? 200 : 401 });
        expect(headers.get('www-authenticate')).toBe(isOpen ? null : 'Bearer');
      }
    }
    expect((await running.ask('/health', { token: null })).json).toEqual({ status: 'healthy', uptime_seconds: null });
    expect((await running.ask('/ready', { token: null })).json).toEqual({ ready: true });
    expect((await running.ask('/health')).json).toEqual({ status: 'healthy', uptime_seconds: ANY_NUMBER });
  });

  it('lets a token do what its scopes say', async () => {
    const tokens = SCOPES.map((scope) => ({ name: scope, token: `token-that-may-${scope}`, scopes: [scope] }));
    await using running = await RunningServer.start({ tokens });
    for (const { path, method, scope } of ROUTES.filter((route) => route.scope !== 'open')) {
      for (const { name, token } of tokens.filter((entry) => entry.name !== scope)) {
        const { status } = await running.ask(path.replaceAll(/[{}]/g, ''), { method, token });
        expect({ path, method, name, status }).toEqual({ path, method, name, status: 403 });
      }
    }
    expect((await running.ask('/metrics', { token: 'token-that-may-metrics' })).status).toBe(200);
    expect((await running.ask('/v1/tools', { token: 'token-that-may-read' })).status).toBe(200);
  });

  it('without tokens answers programs, and no web page', async () => {
    await using running = await RunningServer.start({ auth: 'none' });
    expect((await running.ask('/v1/sessions', { method: 'POST', token: null })).status).toBe(201);
    const asPage = { origin: 'https://evil.example', 'content-type': 'application/json' };
    const paged = await running.ask('/execute', { token: null, body: '{"code":"1"}', headers: asPage });
    expect(paged.status).toBe(403);
    const rebound = await running.server.fetch(new Request(`http://evil.example:${running.port}/v1/artifacts`));
    expect(rebound.status).toBe(403);
    const asForm = { 'content-type': 'text/plain' };
    expect((await running.ask('/execute', { token: null, body: '{"code":"1"}', headers: asForm })).status).toBe(415);
  });
});

describe('two tokens', () => {
  it("know nothing of each other's sessions and runs", async () => {
    await using running = await RunningServer.start();
    const session = await running.open(ADA);
    await running.run(session, 'const secret = "of Ada"', { headers: { 'idempotency-key': 'first' } });
    const unknown = crypto.randomUUID();
    for (const [path, method] of [
      ['', 'GET'],
      ['', 'DELETE'],
      ['/reset', 'POST'],
      ['/runs/first', 'GET'],
      ['/runs/first', 'DELETE'],
    ] as const) {
      const another = await running.ask(`/v1/sessions/${session}${path}`, { method, token: BOB });
      const none = await running.ask(`/v1/sessions/${unknown}${path}`, { method, token: BOB });
      expect(another.status).toBe(404);
      expect(another.text).toBe(none.text);
    }
    expect((await running.run(session, 'secret', { token: BOB })).status).toBe(404);
    expect((await running.ask('/v1/sessions', { token: BOB })).json).toEqual({ sessions: [] });
    const original = { token: BOB, headers: { 'x-session-id': session } };
    expect((await running.ask('/execute', { ...original, json: { code: 'typeof secret' } })).json).toMatchObject({
      value: 'undefined',
    });
    expect((await running.run(session, 'secret')).json).toMatchObject({ ok: true, value: 'of Ada' });
  });

  it('share the storage, unless one has its own', async () => {
    await using own = await RunningServer.start();
    const tokens = [
      ...TOKENS,
      {
        name: 'eve',
        token: 'token-of-eve',
        scopes: SCOPES,
        storage: new FileStorage({ basePath: `${own.folder.path}/eve` }),
      },
    ];
    await using running = await RunningServer.start({ tokens });
    await running.ask('/v1/artifacts/note', { method: 'PUT', body: 'from Ada' });
    await running.run(await running.open('token-of-eve'), 'await artifacts.save("hers", 1)', { token: 'token-of-eve' });
    expect((await running.ask('/v1/artifacts/note', { token: BOB })).text).toBe('from Ada');
    expect((await running.ask('/v1/artifacts/note', { token: 'token-of-eve' })).status).toBe(404);
    expect((await running.ask('/v1/artifacts', { token: 'token-of-eve' })).json).toMatchObject({
      artifacts: [{ name: 'hers' }],
    });
    expect((await running.ask('/v1/artifacts/hers')).status).toBe(404);
  });

  it('cannot take all sessions where they have a share', async () => {
    const tokens = [{ ...TOKENS[0], maxSessions: 2 }, TOKENS[1]];
    await using running = await RunningServer.start({ tokens, maxSessions: 3 });
    await running.open();
    const second = await running.open();
    const refused = await running.ask('/v1/sessions', { method: 'POST' });
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'SESSION_LIMIT' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await running.open(BOB);
    expect((await running.ask('/v1/sessions', { method: 'POST', token: BOB })).status).toBe(429);
    expect((await running.ask('/execute', { token: BOB, json: { code: '1' } })).status).toBe(429);
    await running.ask(`/v1/sessions/${second}`, { method: 'DELETE' });
    await running.open(BOB);
  });
});
