import type { Storage } from '../contracts/storage.ts';
import { FileStorage } from '../storage/file/file-storage.ts';
import { findBaseFolder } from './base-folder.ts';
import type { GlobalOptions } from './invocation.ts';
import { usageError } from './usage-error.ts';

/** The options that say which store to work on. */
export type Place = Pick<GlobalOptions, 'base' | 'store' | 'prefix'>;

export interface FoundStorage {
  readonly storage: Storage;
  /** Where relative paths in tool files start. */
  readonly basePath: string;
  /** How messages name it: a folder, a URL without its password. */
  readonly shown: string;
}

/**
 * The storage to work on: what `--store` names, else the base folder.
 *
 * @throws {CodeModeError} `INVALID_OPTION`
 */
export async function findStorage({ base, store, prefix }: Place): Promise<FoundStorage> {
  if (store !== undefined) {
    if (base !== undefined) throw usageError('Cannot use both --base and --store: expected one of them');
    const { openStorage } = await import('./store/open-storage.ts');
    return openStorage('--store', store, prefix);
  }
  if (prefix !== undefined)
    throw usageError('Cannot use --prefix alone: expected a Redis that --store names beside it');
  const basePath = findBaseFolder(base);
  return { storage: new FileStorage({ basePath }), basePath, shown: basePath };
}
