import { format, inspect } from 'node:util';
import { createClient, createClientPool, createCluster } from '@redis/client';
import { describe, expect, it } from 'vitest';
import type { RedisStorageAccess } from '../../../src/contracts/storage.ts';
import { decodeAccess, encodeAccess } from '../../../src/storage/access-text.ts';
import { openStores } from '../../../src/storage/open-stores.ts';
import type { RedisStorageOptions } from '../../../src/storage/redis/redis-options.ts';
import { RedisStorage } from '../../../src/storage/redis/redis-storage.ts';
import { codesIn, pageAt, tableUnder } from '../../docs/markdown.ts';

const URL = 'redis://localhost:6379';
const prefix = 'myapp';

function accessOf(options: RedisStorageOptions): RedisStorageAccess {
  return new RedisStorage(options).access();
}

describe('the options', () => {
  it.each<[options: unknown, message: string]>([
    [undefined, 'options are undefined; expected an object'],
    [{ url: URL }, 'prefix, prefixes neither is given; expected exactly one of the two, like prefix: "myapp"'],
    [{ prefix }, 'redis, url neither is given; expected exactly one of the two'],
    [{ url: URL, redis: createClient(), prefix }, 'redis, url both are given'],
    [{ url: URL, prefix, prefixes: { tools: 'a', skills: 'b', artifacts: 'c' } }, 'prefix, prefixes both are given'],
    [{ url: URL, prefixes: { tools: 'a', skills: 'a', artifacts: 'c' } }, 'prefixes are alike'],
    [{ url: URL, prefixes: { tools: 'a', skills: 'b' } }, 'prefixes is { tools'],
    [{ url: URL, prefixes: { tools: '', skills: 'b', artifacts: 'c' } }, "prefixes.tools is ''"],
    [{ url: URL, prefix: '' }, "prefix is ''; expected up to 200 characters, without spaces"],
    [{ url: URL, prefix: 'a b' }, "prefix is 'a b'"],
    [{ url: URL, prefix: 5 }, 'prefix is 5; expected a text'],
    [
      { url: URL, prefix: 'other:artifacts:x' },
      'prefix is \'other:artifacts:x\'; expected one without the part "artifacts"',
    ],
    [
      { url: URL, prefix, cluster: true },
      'prefix is \'myapp:tools\'; expected one with a hash tag on a cluster, like "{myapp}"',
    ],
    [
      { redis: createCluster({ rootNodes: [{ url: URL }] }), prefix: '{}myapp' },
      "prefix is '{}myapp:tools'; expected one with a hash tag",
    ],
    [{ url: [URL, URL], prefix }, 'url has several URLs; expected one, or cluster or sentinel beside it'],
    [{ url: URL, prefix: '{a}', cluster: true, sentinel: { name: 'x' } }, 'cluster, sentinel both are given'],
    [{ url: `${URL}/3`, prefix: '{a}', cluster: true }, 'database is 3; expected 0'],
    [{ url: URL, prefix, sentinel: { nme: 'x' } }, 'sentinel is something else; expected an object with name'],
    [{ redis: createClient(), prefix, database: 3 }, 'database is given beside redis'],
    [{ redis: {}, prefix }, 'redis is {}; expected a client'],
    [{ url: URL, prefix, pasword: 'x' }, 'pasword is no option; expected only redis, url'],
    [{ url: URL, prefix, artifactQuotaBytes: 0 }, 'artifactQuotaBytes is 0'],
  ])('%#: names what is wrong', (options, message) => {
    const make = (): unknown => Reflect.construct(RedisStorage, [options]);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(make).toThrow(`Cannot make a RedisStorage: ${message}`);
  });

  it.each([
    'http://u:s3cret@h',
    'redis://',
    'redis://u:s3cret@h/x',
    'redis://u:s3cret%@h',
    'u:s3cret@h:1',
    'redis://u:s3cret@h?db=1',
  ])('a bad URL is not shown: %s', (url) => {
    expect(() => new RedisStorage({ url, prefix })).toThrow('expected');
    expect(() => new RedisStorage({ url, prefix })).not.toThrow('s3cret');
  });

  it('says where to connect, the prefixes always', () => {
    expect(accessOf({ url: 'rediss://ada:p%40ss@[::1]:7000/3', prefix })).toEqual({
      kind: 'redis',
      server: {
        topology: 'single',
        nodes: [{ host: '::1', port: 7000 }],
        username: 'ada',
        password: 'p@ss',
        database: 3,
        tls: {},
      },
      prefixes: { tools: 'myapp:tools', skills: 'myapp:skills', artifacts: 'myapp:artifacts' },
    });
    const sentinel = { name: 'mymaster', password: 'sp' };
    expect(
      accessOf({ url: ['redis://a:1', 'redis://b'], prefix, sentinel, password: 'p', database: 2 }).server,
    ).toEqual({
      topology: 'sentinel',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
      ],
      password: 'p',
      database: 2,
      sentinel,
    });
    const { server } = accessOf({ url: URL, cluster: true, prefix: '{myapp}', tls: { ca: 'pem' }, username: 'u' });
    expect(server).toMatchObject({ topology: 'cluster', tls: { ca: 'pem' }, username: 'u' });
    expect(accessOf({ url: URL, prefix, artifactQuotaBytes: 5 }).artifactQuotaBytes).toBe(5);
  });
});

describe('docs/redis.md', () => {
  it('lists the options', () => {
    const make = (): unknown => Reflect.construct(RedisStorage, [{ none: true }]);
    const rows = tableUnder(pageAt('docs/redis.md'), 'Options');
    const listed = rows.flatMap(([option = '']) => codesIn(option).map((code) => /^\w+/.exec(code)?.[0] ?? ''));
    let message = '';
    try {
      make();
    } catch (error) {
      message = String(error);
    }
    const known = /expected only (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
    expect(listed.toSorted()).toEqual(known.toSorted());
  });
});

describe('a client of the user', () => {
  it('tells how another process connects', () => {
    const redis = createClient({ url: 'rediss://ada:secret@example.org:7000/3' });
    const access = accessOf({ redis, prefix });
    expect(access).toMatchObject({
      server: {
        topology: 'single',
        nodes: [{ host: 'example.org', port: 7000 }],
        username: 'ada',
        password: 'secret',
        database: 3,
        tls: {},
      },
    });
    expect(access.client).toMatch(/^[\w-]{36}$/);
    expect(accessOf({ redis, prefix })).toEqual(access);
    expect(accessOf({ redis: createClient(), prefix }).client).not.toBe(access.client);
    const defaults = { password: 'secret', socket: { tls: true as const, ca: 'pem' } };
    const cluster = createCluster({
      rootNodes: [{ url: 'rediss://a:1' }, { socket: { host: 'b', port: 2 } }],
      defaults,
    });
    expect(accessOf({ redis: cluster, prefix: '{a}' }).server).toEqual({
      topology: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      password: 'secret',
      tls: { ca: 'pem' },
    });
  });

  it.each([
    ['a pool', createClientPool({ url: URL })],
    ['a socket by path', createClient({ socket: { path: '/tmp/redis.sock', tls: false } })],
    [
      'a way of its own to log in',
      createClient({ credentialsProvider: { type: 'async-credentials-provider', credentials: async () => ({}) } }),
    ],
    ['a check of its own', createClient({ socket: { tls: true, checkServerIdentity: () => undefined } })],
  ])('%s can’t be described: another process is told so', async (_, redis) => {
    const access = accessOf({ redis, prefix });
    expect(access.server).toBeUndefined();
    const elsewhere = { ...access, client: 'of another process' };
    await expect(openStores(elsewhere)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(openStores(elsewhere)).rejects.toThrow('give RedisStorage a url instead of redis');
  });
});

describe('an access', () => {
  const access = accessOf({
    url: 'rediss://ada:s3cret-1@localhost',
    prefix,
    sentinel: { name: 'm', password: 's3cret-2' },
    tls: { key: 's3cret-3', passphrase: 's3cret-4', ca: 'public' },
  });

  it('prints its secrets masked', () => {
    const prints = [
      inspect(access, { depth: 9 }),
      inspect({ deep: [access] }, { depth: 9, showHidden: true }),
      inspect(access.server, { depth: 9 }),
      format('%s and %o', access, access),
      JSON.stringify(access),
      JSON.stringify({ level: 30, access, server: access.server }),
      inspect(new RedisStorage({ url: 'redis://ada:s3cret-1@localhost', prefix }), { depth: 9, showHidden: true }),
    ];
    for (const print of prints) expect(print).not.toContain('s3cret');
    expect(prints[0]).toContain("password: '***'");
    expect(prints[0]).toContain("username: 'ada'");
    expect(prints[4]).toContain('"ca":"public"');
  });

  it('travels whole where it is sent', () => {
    expect(access.server?.password).toBe('s3cret-1');
    expect(structuredClone(access)).toEqual(access);
    const received = decodeAccess(encodeAccess(access));
    expect(received).toEqual(access);
    expect(inspect(received, { depth: 9 })).not.toContain('s3cret');
  });

  it('that was printed is not taken for one that was sent', async () => {
    const printed = JSON.stringify(access);
    expect(() => decodeAccess(printed)).toThrow('a masked secret: the access was printed, not encoded');
    const { server } = access;
    const masked = { ...access, server: { topology: 'single' as const, nodes: server?.nodes ?? [], password: '***' } };
    await expect(openStores(masked)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    for (const text of ['', '{}', '{"kind":"file"}', '{"kind":"redis","prefixes":{}}', `${encodeAccess(access)}x`]) {
      expect(() => decodeAccess(text)).toThrow('Cannot open the storage: ');
    }
  });
});
