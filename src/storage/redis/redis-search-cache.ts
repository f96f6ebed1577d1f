import { createHash } from 'node:crypto';
import { MAX_SEARCH_ENTRY_BYTES } from '../../contracts/search-cache.ts';
import type { SearchCache } from '../../contracts/search-cache.ts';
import { isCodeModeError } from '../../errors/code-mode-error.ts';
import { warnOfSearchCache } from '../search-cache-warning.ts';
import type { RedisLink } from './redis-link.ts';
import { asArray, asNumber, asOptionalBytes } from './replies.ts';

/** Keys in one command: few round trips, and none that keeps the server from its others for long. */
const KEYS_AT_ONCE = 2_000;
const BYTES_AT_ONCE = 1024 * 1024;
/** What nobody has read for so long was made by an embedder that nobody uses any more. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;
/** A space with more is begun anew: most of it is of documents that are gone. */
const MAX_ENTRIES = 1_000_000;

/** A hash a space, `<prefix>:__search__:<hash of the space>`, of bytes by content hash. */
export class RedisSearchCache implements SearchCache {
  readonly #link: RedisLink;
  readonly #prefix: string;
  #isWarned = false;

  /** @param prefix that of the skills: `myapp:skills` */
  constructor(link: RedisLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  async read(space: string, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    const hash = this.#hash(space);
    await this.#orTell('read', async () => {
      const batches = Array.from({ length: Math.ceil(keys.length / KEYS_AT_ONCE) }, (_, index) =>
        keys.slice(index * KEYS_AT_ONCE, (index + 1) * KEYS_AT_ONCE),
      );
      const replies = await Promise.all(batches.map((batch) => this.#command('read', hash, ['HMGET', hash, ...batch])));
      for (const [index, data] of replies.flatMap(asArray).map(asOptionalBytes).entries()) {
        const key = keys[index];
        if (data !== undefined && key !== undefined) found.set(key, data);
      }
      if (found.size > 0) await this.#command('read', hash, ['EXPIRE', hash, String(KEEP_SECONDS)]);
    });
    return found;
  }

  async write(space: string, entries: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const hash = this.#hash(space);
    await this.#orTell('write', async () => {
      const size = asNumber(await this.#command('write', hash, ['HLEN', hash]));
      if (size + entries.size > MAX_ENTRIES) await this.#command('write', hash, ['UNLINK', hash]);
      for (const batch of batchesOf(entries)) await this.#command('write', hash, ['HSET', hash, ...batch]);
      await this.#command('write', hash, ['EXPIRE', hash, String(KEEP_SECONDS)]);
    });
  }

  async #command(action: string, hash: string, args: (string | Buffer)[]): Promise<unknown> {
    return this.#link.command(`${action} the search cache`, hash, args);
  }

  async #orTell(action: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCodeModeError(error, 'STORAGE')) throw error;
      const { reason } = error.details;
      if (!this.#isWarned) warnOfSearchCache(action, typeof reason === 'string' ? reason : error.message);
      this.#isWarned = true;
    }
  }

  #hash(space: string): string {
    return `${this.#prefix}:__search__:${createHash('sha256').update(space).digest('hex').slice(0, 32)}`;
  }
}

function* batchesOf(entries: ReadonlyMap<string, Uint8Array>): Generator<(string | Buffer)[]> {
  let batch: (string | Buffer)[] = [];
  let bytes = 0;
  for (const [key, data] of entries) {
    if (data.byteLength > MAX_SEARCH_ENTRY_BYTES) continue;
    batch.push(key, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    bytes += data.byteLength;
    if (batch.length < 2 * KEYS_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
