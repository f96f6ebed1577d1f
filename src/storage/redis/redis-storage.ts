import type { RedisServer, RedisStorageAccess, Storage } from '../../contracts/storage.ts';
import { describeClient } from './describe-client.ts';
import { nameOfClient } from './local-clients.ts';
import { maskSecrets } from './mask-secrets.ts';
import { checkOptions } from './redis-options.ts';
import type { RedisStorageOptions } from './redis-options.ts';

/**
 * Tools, skills and artifacts in a Redis, for many processes on many machines.
 *
 * @example
 * const storage = new RedisStorage({ url: 'redis://localhost:6379', prefix: 'myapp' });
 *
 * @throws {CodeModeError} `INVALID_OPTION`, naming the option.
 */
export class RedisStorage implements Storage {
  readonly #access: RedisStorageAccess;

  constructor(options: RedisStorageOptions) {
    const { prefixes, redis, server, artifactQuotaBytes } = checkOptions(options);
    this.#access = maskSecrets({
      kind: 'redis',
      ...serverPart(server ?? (redis === undefined ? undefined : describeClient(redis))),
      ...(redis === undefined ? {} : { client: nameOfClient(redis, this) }),
      prefixes,
      ...(artifactQuotaBytes === undefined ? {} : { artifactQuotaBytes }),
    });
  }

  /**
   * What another process needs to connect. It shows its password masked to whoever prints it; as text for another process
   * it goes through `encodeAccess`. For a client whose address can't be told (sentinels, pools, sockets by path), it opens
   * in this process alone.
   */
  access(): RedisStorageAccess {
    return this.#access;
  }
}

function serverPart(server: RedisServer | undefined): { readonly server?: RedisServer } {
  return server === undefined ? {} : { server };
}
