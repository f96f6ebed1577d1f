import type { RedisServer, RedisStorageAccess, Stores } from '../../contracts/storage.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { makeClient } from './connect.ts';
import { clientOfName } from './local-clients.ts';
import { MASK } from './mask-secrets.ts';
import { RedisArtifactStore } from './redis-artifact-store.ts';
import { RedisLink } from './redis-link.ts';
import type { LinkSource } from './redis-link.ts';
import { RedisSearchCache } from './redis-search-cache.ts';
import { RedisSkillStore } from './redis-skill-store.ts';
import { RedisToolStore, toolsKey } from './redis-tool-store.ts';

/**
 * Opens the stores that an access describes: over the user's own client where there is one, else over a connection that
 * closes with them.
 *
 * @throws {CodeModeError} `STORAGE`; `UNSUPPORTED` when `@redis/client` is not installed, or when the access names a client of
 * another process and nothing else
 */
export async function openRedisStores(access: RedisStorageAccess): Promise<Stores> {
  const { prefixes, artifactQuotaBytes } = access;
  const link = await RedisLink.open(sourceOf(access), toolsKey(prefixes.tools));
  return {
    tools: new RedisToolStore(link, prefixes.tools),
    skills: new RedisSkillStore(link, prefixes.skills),
    artifacts: new RedisArtifactStore(link, prefixes.artifacts, artifactQuotaBytes),
    searchCache: new RedisSearchCache(link, prefixes.skills),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

function sourceOf({ client: name, server }: RedisStorageAccess): LinkSource {
  const client = name === undefined ? undefined : clientOfName(name);
  if (client !== undefined) return { client };
  if (server !== undefined) return { make: () => makeClient(checkSecrets(server)) };
  throw new CodeModeError(
    'UNSUPPORTED',
    'Cannot open the Redis storage: its client can’t be described to another process; give RedisStorage a url instead of redis',
  );
}

function checkSecrets(server: RedisServer): RedisServer {
  const { password, tls, sentinel } = server;
  if (![password, sentinel?.password, tls?.key, tls?.passphrase].includes(MASK)) return server;
  throw new CodeModeError(
    'INVALID_OPTION',
    'Cannot open the Redis storage: its access was printed, which masks the password; send it by encodeAccess',
  );
}
