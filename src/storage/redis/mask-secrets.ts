import { inspect } from 'node:util';
import type { RedisStorageAccess } from '../../contracts/storage.ts';

/** What stands for a secret wherever an access is printed. */
export const MASK = '***';

const SECRETS: ReadonlySet<string> = new Set(['password', 'passphrase', 'key']);

/**
 * Makes an access show its secrets masked: to `console.log`, `util.inspect`, `String` and `JSON.stringify`, so that no
 * log tells them. Its properties are as they were; copies of it (`structuredClone`, `postMessage`, spread) are not masked.
 */
export function maskSecrets(access: RedisStorageAccess): RedisStorageAccess {
  const copy = structuredClone(access);
  if (copy.server !== undefined) show(copy.server, masked(copy.server));
  return show(copy, masked(copy));
}

/** Hidden properties: comparing and cloning don't see them. */
function show<T extends object>(target: T, shown: unknown): T {
  return Object.defineProperties(target, {
    toJSON: { value: () => shown },
    toString: { value: () => JSON.stringify(shown) },
    [inspect.custom]: { value: () => shown },
  });
}

function masked(value: unknown): unknown {
  const text = JSON.stringify(value, (name, inner: unknown) =>
    SECRETS.has(name) && typeof inner === 'string' ? MASK : inner,
  );
  return JSON.parse(text);
}
