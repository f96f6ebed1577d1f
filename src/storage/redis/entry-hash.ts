import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import type { StoredEntry } from '../../contracts/storage.ts';
import { ChangeFeed, versionOf } from './change-feed.ts';
import type { RedisLink } from './redis-link.ts';
import { asArray, asBytes, asOptionalBytes } from './replies.ts';
import { CHANGE_ENTRY, READ_ENTRY, WRITE_ENTRIES } from './scripts.ts';

/** A server does nothing else while a script runs: each is over in a few milliseconds. */
const BATCH_ENTRIES = 200;
const BATCH_LENGTH = 1024 * 1024;
/** One is on its way while another is at work. */
const BATCHES_AT_ONCE = 3;

/** What a field holds: its value in the layout of py-code-mode, and what that has no place for. */
export interface HashEntry {
  readonly value: string;
  /** `''`: nothing. */
  readonly source: string;
}

export interface EntryHashOptions {
  /** `myapp:tools` */
  readonly prefix: string;
  /** The hash: `myapp:tools:__tools__`. */
  readonly key: string;
  /** For messages: `list tools/`. */
  readonly listing: string;
  /** What a field is called in the listing; `undefined`: it is left out. */
  readonly nameOf: (field: string) => string | undefined;
}

/** A hash of entries by field, with a stream of its changes. Tools and skills are such. */
export class EntryHash {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #keys: { readonly entries: string; readonly sources: string; readonly changes: string };
  readonly #feed: ChangeFeed;

  constructor(link: RedisLink, { prefix, key, listing, nameOf }: EntryHashOptions) {
    this.#link = link;
    this.#prefix = prefix;
    this.#keys = { entries: key, sources: `${prefix}:__sources__`, changes: `${prefix}:__changes__` };
    this.#feed = new ChangeFeed(link, this.#keys, listing, nameOf);
  }

  async list(): Promise<readonly StoredEntry[]> {
    return this.#feed.list();
  }

  /** @param action for the message: `read tools/curl.yaml` */
  async read(
    action: string,
    field: string,
  ): Promise<{ readonly value: Buffer; readonly source: Buffer | undefined; readonly version: string } | undefined> {
    const { entries, sources } = this.#keys;
    const reply = await this.#link.script(action, READ_ENTRY, [entries, sources], [field]);
    const [value, source] = asArray(reply).map(asOptionalBytes);
    return value === undefined ? undefined : { value, source, version: versionOf(value, source) };
  }

  /** False when there is one and it is only to be created. */
  async write(action: string, field: string, entry: HashEntry, mode: 'create' | 'replace'): Promise<boolean> {
    const { value, source } = entry;
    return this.#change(action, [field, mode, value, source, versionOf(value, source)]);
  }

  /** Writes many over what is there, each whole or not at all. */
  async writeAll(action: string, entries: Iterable<readonly [field: string, entry: HashEntry]>): Promise<void> {
    const atOnce = pLimit(BATCHES_AT_ONCE);
    const writes = [...batchesOf(entries)].map((batch) =>
      atOnce(() => this.#link.script(action, WRITE_ENTRIES, this.#changeKeys(), batch)),
    );
    // Nothing goes on behind the back of whoever is told of a failure.
    await Promise.allSettled(writes);
    await Promise.all(writes);
  }

  /** True when there was one. */
  async delete(action: string, field: string): Promise<boolean> {
    return this.#change(action, [field, 'delete', '', '', '']);
  }

  async #change(action: string, args: string[]): Promise<boolean> {
    return asBytes(await this.#link.script(action, CHANGE_ENTRY, this.#changeKeys(), args)).toString() === 'done';
  }

  #changeKeys(): readonly string[] {
    const { entries, sources, changes } = this.#keys;
    return [`${this.#prefix}:__done__:${randomUUID()}`, entries, sources, changes];
  }
}

/** The arguments of each call of the script. */
function* batchesOf(entries: Iterable<readonly [field: string, entry: HashEntry]>): Generator<string[]> {
  let batch: string[] = [];
  let length = 0;
  for (const [field, { value, source }] of entries) {
    batch.push(field, value, source);
    length += value.length + source.length;
    if (batch.length < 3 * BATCH_ENTRIES && length < BATCH_LENGTH) continue;
    yield batch;
    [batch, length] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
