import { z } from 'zod';
import type { RedisServer } from '../../contracts/storage.ts';
import { isCluster, isSentinel } from './redis-client.ts';
import type { RedisClientLike } from './redis-client.ts';

const pem = z.union([z.string(), z.instanceof(Buffer).transform((bytes) => bytes.toString())]).optional();

/** How to connect, as node-redis has it. What is not known here (a path, an agent, a function) can't be described. */
const socketSchema = z.looseObject({
  host: z.string().default('localhost'),
  port: z.coerce.number().int().min(1).max(65_535).default(6379),
  path: z.undefined().optional(),
  tls: z.boolean().default(false),
  ca: pem,
  cert: pem,
  key: pem,
  passphrase: z.string().optional(),
  servername: z.string().optional(),
  rejectUnauthorized: z.boolean().optional(),
  checkServerIdentity: z.undefined().optional(),
  pfx: z.undefined().optional(),
  secureContext: z.undefined().optional(),
  lookup: z.undefined().optional(),
});

const clientSchema = z
  .looseObject({
    socket: socketSchema.prefault({}),
    username: z.string().optional(),
    password: z.string().optional(),
    database: z.number().int().optional(),
    credentialsProvider: z.unknown().optional(),
  })
  // The library makes a provider of a user and a password itself; one that stands alone is the user's.
  .refine(({ credentialsProvider, password }) => credentialsProvider === undefined || password !== undefined);

const clusterSchema = z.looseObject({
  rootNodes: z.array(z.looseObject({ url: z.string().optional(), socket: socketSchema.optional() })).min(1),
  defaults: clientSchema.prefault({}),
  nodeAddressMap: z.undefined().optional(),
});

/**
 * Reads off the user's client how another process can connect as it does; `undefined` where it does not tell: sentinels
 * and pools keep their options to themselves.
 */
export function describeClient(client: RedisClientLike): RedisServer | undefined {
  if (isSentinel(client)) return undefined;
  if (isCluster(client)) {
    const options = clusterSchema.safeParse(Reflect.get(client, '_options')).data;
    if (options === undefined) return undefined;
    const nodes = options.rootNodes.map(({ url, socket }) => (url === undefined ? socket : addressOf(url)));
    if (nodes.includes(undefined)) return undefined;
    const known = nodes.flatMap((node) => (node === undefined ? [] : [{ host: node.host, port: node.port }]));
    return { topology: 'cluster', nodes: known, ...connectionOf(options.defaults) };
  }
  const options = clientSchema.safeParse(Reflect.get(client, 'options')).data;
  if (options === undefined) return undefined;
  const { host, port } = options.socket;
  return { topology: 'single', nodes: [{ host, port }], ...connectionOf(options) };
}

function addressOf(url: string): { host: string; port: number } | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.hostname === '') return undefined;
  return { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(parsed.port || 6379) };
}

function connectionOf({ socket, username, password, database }: z.infer<typeof clientSchema>) {
  const { tls, ca, cert, key, passphrase, servername, rejectUnauthorized } = socket;
  const secure = { ca, cert, key, passphrase, servername, rejectUnauthorized };
  return withoutUndefined({
    username,
    password,
    database,
    tls: tls ? withoutUndefined(secure) : undefined,
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T>;
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
