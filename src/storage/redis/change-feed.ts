import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { StoredEntry } from '../../contracts/storage.ts';
import type { RedisLink } from './redis-link.ts';
import { asArray, asBytes, asNumber, asOptionalBytes } from './replies.ts';
import { READ_CHANGES } from './scripts.ts';

/** py-code-mode tells no one of its changes. Those that keep the number of entries are found by looking this often. */
const FULL_READ_MS = 60_000;
const SCAN_COUNT = '500';
/** While others change a store without pause, a read may have to begin again. */
const MAX_READS = 5;

export interface FeedKeys {
  readonly entries: string;
  readonly sources: string;
  readonly changes: string;
}

/**
 * The names and versions of a store's entries, kept up to date by the stream of changes: asking what is new is one round
 * trip, whatever the number of entries.
 *
 * The whole hash is read at first, and again when the stream was cut off before what is known, when the number of
 * entries is not what the changes make it, and every minute.
 */
export class ChangeFeed {
  readonly #link: RedisLink;
  readonly #keys: FeedKeys;
  readonly #action: string;
  readonly #nameOf: (field: string) => string | undefined;
  /** Versions by field; fields as Latin-1 text, so that any bytes are kept. */
  #versions = new Map<string, string>();
  /** The last change that is known; `''` when there was none; `undefined` when nothing is known. */
  #position: string | undefined;
  #readAt = 0;
  #listed: readonly StoredEntry[] | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param action for messages: `list tools/`
   * @param nameOf what a field is called in the listing; `undefined`: it is left out
   */
  constructor(link: RedisLink, keys: FeedKeys, action: string, nameOf: (field: string) => string | undefined) {
    this.#link = link;
    this.#keys = keys;
    this.#action = action;
    this.#nameOf = nameOf;
  }

  /** As it is now, sorted by name; the same array until something changes. @throws {CodeModeError} `STORAGE` */
  async list(): Promise<readonly StoredEntry[]> {
    // One after the other: who asks later must not be given what was read earlier.
    const listed = this.#turn.then(async () => {
      await this.#update();
      return (this.#listed ??= this.#sorted());
    });
    this.#turn = listed.catch(() => undefined);
    return listed;
  }

  async #update(): Promise<void> {
    const isKnown = this.#position !== undefined && performance.now() - this.#readAt < FULL_READ_MS;
    if (isKnown && (await this.#applyChanges())) return;
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      await this.#readAll();
      if (await this.#applyChanges()) return;
    }
    // Good enough for now, and not to be relied on the next time.
    this.#position = undefined;
  }

  /** False when the changes don't lead from what is known to what is there. */
  async #applyChanges(): Promise<boolean> {
    const position = this.#position ?? '';
    const { size, changes } = await this.#changesSince(position);
    const [first, ...later] = changes;
    if (first?.id !== (position === '' ? undefined : position)) return false;
    // Without a field: many were changed at once.
    if (later.some(({ field }) => field === '')) return false;
    for (const { id, field, version } of later) {
      if (version === '') this.#versions.delete(field);
      else this.#versions.set(field, version);
      this.#position = id;
      this.#listed = undefined;
    }
    return this.#versions.size === size;
  }

  async #readAll(): Promise<void> {
    const { changes } = await this.#changesSince('');
    const versions = new Map<string, string>();
    let cursor = '0';
    do {
      const args = ['HSCAN', this.#keys.entries, cursor, 'COUNT', SCAN_COUNT];
      const [next, found] = asArray(await this.#link.command(this.#action, this.#keys.entries, args));
      cursor = asBytes(next).toString();
      await this.#addVersions(versions, asArray(found).map(asBytes));
    } while (cursor !== '0');
    const isSame =
      versions.size === this.#versions.size &&
      [...versions].every(([field, version]) => this.#versions.get(field) === version);
    if (!isSame) this.#listed = undefined;
    this.#versions = versions;
    this.#position = changes[0]?.id ?? '';
    this.#readAt = performance.now();
  }

  /** @param pairs field, value, field, value, ... */
  async #addVersions(versions: Map<string, string>, pairs: readonly Buffer[]): Promise<void> {
    if (pairs.length === 0) return;
    const fields = pairs.filter((_, index) => index % 2 === 0);
    const key = this.#keys.sources;
    const sources = asArray(await this.#link.command(this.#action, key, ['HMGET', key, ...fields]));
    for (const [index, field] of fields.entries()) {
      const value = pairs[2 * index + 1] ?? Buffer.alloc(0);
      versions.set(field.toString('latin1'), versionOf(value, asOptionalBytes(sources[index])));
    }
  }

  async #changesSince(position: string): Promise<{ size: number; changes: readonly Change[] }> {
    const { entries, changes } = this.#keys;
    const [size, found] = asArray(await this.#link.script(this.#action, READ_CHANGES, [entries, changes], [position]));
    return { size: asNumber(size), changes: asArray(found).map(readChange) };
  }

  #sorted(): readonly StoredEntry[] {
    const entries: StoredEntry[] = [];
    for (const [field, version] of this.#versions) {
      const bytes = Buffer.from(field, 'latin1');
      const name = isUtf8(bytes) ? this.#nameOf(bytes.toString()) : undefined;
      if (name !== undefined) entries.push({ name, version });
    }
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** The version of an entry: what its value and its source hash to. */
export function versionOf(value: string | Buffer, source: string | Buffer = ''): string {
  const hash = createHash('sha256').update(value);
  if (source.length > 0) hash.update('\0').update(source);
  return hash.digest('hex').slice(0, 32);
}

interface Change {
  readonly id: string;
  readonly field: string;
  /** `''`: it was deleted. */
  readonly version: string;
}

function readChange(reply: unknown): Change {
  const [id, pairs] = asArray(reply);
  const [, field, , version] = asArray(pairs).map(asBytes);
  return { id: asBytes(id).toString(), field: field?.toString('latin1') ?? '', version: version?.toString() ?? '' };
}
