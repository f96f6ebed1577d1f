import { randomUUID } from 'node:crypto';
import type { RedisClientLike } from './redis-client.ts';

/**
 * The user's own clients by the name that an access carries. An access does not hold its client, so the storage does;
 * a client that nobody holds is forgotten.
 */
const names = new WeakMap<RedisClientLike, string>();
const clients = new Map<string, WeakRef<RedisClientLike>>();
const forgotten = new FinalizationRegistry((name: string) => clients.delete(name));

const holders = new WeakMap<object, RedisClientLike>();

/**
 * The same client has the same name, so that its storages share what they open.
 *
 * @param holder as long as it lives, so does the client
 */
export function nameOfClient(client: RedisClientLike, holder: object): string {
  holders.set(holder, client);
  const known = names.get(client);
  if (known !== undefined) return known;
  const name = randomUUID();
  names.set(client, name);
  clients.set(name, new WeakRef(client));
  forgotten.register(client, name);
  return name;
}

export function clientOfName(name: string): RedisClientLike | undefined {
  return clients.get(name)?.deref();
}
