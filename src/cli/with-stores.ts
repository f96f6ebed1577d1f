import type { Stores } from '../contracts/storage.ts';
import { openStores } from '../storage/open-stores.ts';
import { findStorage } from './find-storage.ts';
import type { Place } from './find-storage.ts';

/**
 * Opens the store to work on, without a sandbox.
 *
 * @param use takes also where relative paths in tool files start
 */
export async function withStores<Result>(
  place: Place,
  use: (stores: Stores, basePath: string) => Promise<Result>,
): Promise<Result> {
  const { storage, basePath } = await findStorage(place);
  await using stores = await openStores(storage.access());
  return await use(stores, basePath);
}
