import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArtifactInfo } from '../../contracts/artifact-store.ts';
import { identityOf } from './artifact-files.ts';
import { unlessErrno } from './storage-error.ts';

export const LEGACY_INDEX = '.artifacts.json';
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

const entrySchema = z.object({
  description: z.string().nullish(),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'not a time'),
  metadata: z.looseObject({ _data_type: z.enum(['bytes', 'text', 'json']).optional() }).nullish(),
});

export type LegacyEntry = Pick<ArtifactInfo, 'description' | 'metadata'> & {
  /** As the index has it. */
  readonly createdAt: string;
  readonly type?: ArtifactInfo['type'];
};

/**
 * The one index that py-code-mode keeps. It is read and never written: its Python owner may be at work on it, without a
 * lock. What is saved or deleted here notes which entry no longer counts (see `supersedes` in the records).
 */
export class LegacyIndex {
  readonly #path: string;
  #cached: { readonly identity: string; readonly entries: ReadonlyMap<string, unknown> | undefined } | undefined;

  constructor(root: string) {
    this.#path = join(root, LEGACY_INDEX);
  }

  /** What the index has for a name; `'damaged'` when that is not readable. */
  async entry(name: string): Promise<LegacyEntry | 'damaged' | undefined> {
    const raw = (await this.#entries())?.get(name);
    if (raw === undefined) return undefined;
    const { data } = entrySchema.safeParse(raw);
    if (data === undefined) return 'damaged';
    const { _data_type: type, ...metadata } = data.metadata ?? {};
    const base = { description: data.description ?? '', createdAt: data.created_at, metadata };
    return type === undefined ? base : { ...base, type };
  }

  /** True when there is an index that can't be read: then its artifacts are plain files. */
  async isDamaged(): Promise<boolean> {
    await this.#entries();
    return this.#cached !== undefined && this.#cached.entries === undefined;
  }

  async #entries(): Promise<ReadonlyMap<string, unknown> | undefined> {
    const stats = await unlessErrno(lstat(this.#path, { bigint: true }), 'ENOENT', 'ENOTDIR');
    if (stats === undefined) {
      this.#cached = undefined;
      return undefined;
    }
    const identity = identityOf(stats);
    if (this.#cached?.identity !== identity) {
      const readable = stats.isFile() && stats.size <= MAX_INDEX_BYTES;
      this.#cached = { identity, entries: readable ? parseIndex(await this.#read()) : undefined };
    }
    return this.#cached.entries;
  }

  async #read(): Promise<string> {
    const file = await open(this.#path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  }
}

function parseIndex(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    return new Map(Object.entries(z.record(z.string(), z.unknown()).parse(JSON.parse(text))));
  } catch {
    return undefined;
  }
}
