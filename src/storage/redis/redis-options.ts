import { inspect } from 'node:util';
import { z } from 'zod';
import type { RedisPrefixes, RedisSentinel, RedisServer, RedisTls } from '../../contracts/storage.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { isClient, isCluster } from './redis-client.ts';
import type { RedisClientLike } from './redis-client.ts';

export interface RedisStorageOptions {
  /**
   * A connected client, cluster, sentinel or pool of `@redis/client` (or `redis`). It is used as it is and never closed.
   * Exactly one of `redis` and `url` is given.
   */
  readonly redis?: RedisClientLike;
  /**
   * `redis[s]://[[user][:password]@]host[:port][/database]`. With `cluster`, some of its nodes; with `sentinel`, the
   * sentinels.
   */
  readonly url?: string | readonly string[];
  /** The URLs are nodes of a Redis Cluster. Default: false. */
  readonly cluster?: boolean;
  /** The URLs are those of sentinels; what they call the master, and how to log in to them. */
  readonly sentinel?: RedisSentinel;
  /** Default: that of the URL. */
  readonly username?: string;
  /** Default: that of the URL. */
  readonly password?: string;
  /** Number of the database. Default: that of the URL, else 0. */
  readonly database?: number;
  /** Certificates for `rediss:`, in PEM form. */
  readonly tls?: RedisTls;
  /** What every key begins with: `myapp` makes `myapp:tools:…`, `myapp:skills:…` and `myapp:artifacts:…`. */
  readonly prefix?: string;
  /** Names all three instead of `prefix`, where they differ. */
  readonly prefixes?: RedisPrefixes;
  /** Sum of the sizes of all artifacts and what is known of them, in bytes. Default: no quota. */
  readonly artifactQuotaBytes?: number;
}

const text = z.string({ error: 'expected a text' });
const certificates = z.strictObject({
  ca: text.exactOptional(),
  cert: text.exactOptional(),
  key: text.exactOptional(),
  passphrase: text.exactOptional(),
  servername: text.exactOptional(),
  rejectUnauthorized: z.boolean().exactOptional(),
});
const sentinelShape = z.strictObject({
  name: text.min(1),
  username: text.exactOptional(),
  password: text.exactOptional(),
});

/** Each option and what it must be. What is secret is not shown. */
const OPTIONS: Readonly<Record<string, readonly [schema: z.ZodType, expected: string, isSecret?: 'secret']>> = {
  redis: [z.custom(isClient), 'a client, cluster, sentinel or pool of @redis/client'],
  url: [z.union([text, z.array(text).min(1)]), 'a URL or several, like "redis://localhost:6379"', 'secret'],
  cluster: [z.boolean(), 'true or false'],
  sentinel: [sentinelShape, 'an object with name, and username and password where needed', 'secret'],
  username: [text, 'a text'],
  password: [text, 'a text', 'secret'],
  database: [z.int().nonnegative(), 'a number from 0'],
  tls: [certificates, 'an object with ca, cert, key, passphrase, servername, rejectUnauthorized', 'secret'],
  prefix: [text, 'a text like "myapp"'],
  prefixes: [z.strictObject({ tools: text, skills: text, artifacts: text }), 'texts for tools, skills and artifacts'],
  artifactQuotaBytes: [z.int().positive(), 'a number of bytes, at least 1'],
};

/** What describes the server, and makes no sense beside a client. */
const SERVER_OPTIONS = ['cluster', 'sentinel', 'username', 'password', 'database', 'tls'] as const;

interface CheckedOptions {
  readonly redis?: RedisClientLike;
  readonly server?: RedisServer;
  readonly prefixes: RedisPrefixes;
  readonly artifactQuotaBytes?: number;
}

/** @throws {CodeModeError} `INVALID_OPTION`, naming the option. */
export function checkOptions(options: RedisStorageOptions): CheckedOptions {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) throw refused('options', `are ${shown(given)}`, 'an object');
  for (const [name, value] of Object.entries(given)) {
    const [schema, expected, isSecret] = OPTIONS[name] ?? [];
    if (schema === undefined) throw refused(name, 'is no option', `only ${Object.keys(OPTIONS).join(', ')}`);
    if (value === undefined || schema.safeParse(value).success) continue;
    throw refused(name, isSecret === undefined ? `is ${shown(value)}` : 'is something else', expected ?? '');
  }
  const { redis, url, artifactQuotaBytes } = options;
  if ((redis === undefined) === (url === undefined)) {
    const got = redis === undefined ? 'neither is given' : 'both are given';
    throw refused('redis, url', got, 'exactly one of the two');
  }
  const server = url === undefined ? undefined : serverOf(options, typeof url === 'string' ? [url] : url);
  const stray = redis === undefined ? undefined : SERVER_OPTIONS.find((name) => options[name] !== undefined);
  if (stray !== undefined) throw refused(stray, 'is given beside redis', 'it to be set where the client is made');
  const prefixes = prefixesOf(options);
  if (server?.topology === 'cluster' || (redis !== undefined && isCluster(redis))) checkHashTags(prefixes);
  return {
    ...(redis === undefined ? {} : { redis }),
    ...(server === undefined ? {} : { server }),
    prefixes,
    ...(artifactQuotaBytes === undefined ? {} : { artifactQuotaBytes }),
  };
}

function prefixesOf({ prefix, prefixes }: RedisStorageOptions): RedisPrefixes {
  if ((prefix === undefined) === (prefixes === undefined)) {
    const got = prefix === undefined ? 'neither is given' : 'both are given';
    throw refused('prefix, prefixes', got, 'exactly one of the two, like prefix: "myapp"');
  }
  if (prefixes !== undefined) {
    const { tools, skills, artifacts } = prefixes;
    for (const [name, value] of Object.entries({ tools, skills, artifacts })) checkPrefix(`prefixes.${name}`, value);
    if (new Set([tools, skills, artifacts]).size < 3) throw refused('prefixes', 'are alike', 'three that differ');
    return { tools, skills, artifacts };
  }
  const name = prefix ?? '';
  checkPrefix('prefix', name);
  // Artifacts' names may have colons: one of "a" called "x:tools:…" must not be a key of "a:artifacts:x".
  if (name.split(':').includes('artifacts')) {
    throw refused(
      'prefix',
      `is ${shown(name)}`,
      'one without the part "artifacts", where another prefix may keep its own',
    );
  }
  return { tools: `${name}:tools`, skills: `${name}:skills`, artifacts: `${name}:artifacts` };
}

function checkPrefix(option: string, value: string): void {
  const isValid = /^[^\p{Cc}\s]{1,200}$/u.test(value) && value.isWellFormed();
  if (!isValid) throw refused(option, `is ${shown(value)}`, 'up to 200 characters, without spaces');
}

function checkHashTags({ tools, skills, artifacts }: RedisPrefixes): void {
  for (const value of [tools, skills, artifacts]) {
    if (/^[^{]*\{[^}]+\}/.test(value)) continue;
    throw refused(
      'prefix',
      `is ${shown(value)}`,
      'one with a hash tag on a cluster, like "{myapp}": it keeps all keys in one slot',
    );
  }
}

function serverOf(options: RedisStorageOptions, urls: readonly string[]): RedisServer {
  const { cluster = false, sentinel } = options;
  if (cluster && sentinel !== undefined) throw refused('cluster, sentinel', 'both are given', 'at most one of the two');
  if (!cluster && sentinel === undefined && urls.length > 1)
    throw refused('url', 'has several URLs', 'one, or cluster or sentinel beside it');
  const parsed = urls.map(parseUrl);
  const [first] = parsed;
  const { username = first?.username, password = first?.password, database = first?.database } = options;
  if (cluster && database !== undefined && database !== 0)
    throw refused('database', `is ${database}`, '0: a cluster has no other');
  const isSecure = options.tls !== undefined || parsed.some((url) => url.isSecure);
  return {
    topology: topologyOf(options),
    nodes: parsed.map(({ host, port }) => ({ host, port })),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...(isSecure ? { tls: { ...options.tls } } : {}),
    ...(sentinel === undefined ? {} : { sentinel: { ...sentinel } }),
  };
}

function topologyOf({ cluster, sentinel }: RedisStorageOptions): RedisServer['topology'] {
  if (sentinel !== undefined) return 'sentinel';
  return cluster === true ? 'cluster' : 'single';
}

interface ParsedUrl extends Pick<RedisServer, 'username' | 'password' | 'database'> {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
}

/** The URL is never shown: it may have a password in it. */
function parseUrl(url: string): ParsedUrl {
  const parsed = URL.parse(url);
  const isRedis = parsed !== null && ['redis:', 'rediss:'].includes(parsed.protocol) && parsed.hostname !== '';
  const path = /^\/?(\d*)$/.exec(parsed?.pathname ?? '');
  if (!isRedis || path === null || parsed.search !== '' || parsed.hash !== '') {
    throw refused('url', 'is something else', 'redis[s]://[[user][:password]@]host[:port][/database]');
  }
  const [username, password] = [parsed.username, parsed.password].map(decode);
  return {
    isSecure: parsed.protocol === 'rediss:',
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port || 6379),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(path[1] ? { database: Number(path[1]) } : {}),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refused(
      'url',
      'has a user or password that is not encoded',
      'encodeURIComponent to have been applied to each',
    );
  }
}

function shown(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 100 });
}

function refused(option: string, got: string, expected: string): CodeModeError {
  return new CodeModeError('INVALID_OPTION', `Cannot make a RedisStorage: ${option} ${got}; expected ${expected}`, {
    details: { option },
  });
}
