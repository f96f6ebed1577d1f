import type { Stores } from '../contracts/storage.ts';
import { FileStorage } from '../storage/file/file-storage.ts';
import { openFileStores } from '../storage/file/file-stores.ts';
import { findBaseFolder } from './base-folder.ts';

/** Opens the stores of the base folder, without a sandbox. */
export async function withStores<Result>(
  base: string | undefined,
  use: (stores: Stores, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = findBaseFolder(base);
  await using stores = await openFileStores(new FileStorage({ basePath: folder }).access());
  return await use(stores, folder);
}
