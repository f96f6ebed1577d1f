import type { StorageAccess, Stores } from '../contracts/storage.ts';
import { openFileStores } from './file/file-stores.ts';

/** Opens the stores that an access describes. @throws {CodeModeError} `STORAGE`, `UNSUPPORTED` */
export async function openStores(access: StorageAccess): Promise<Stores> {
  if (access.kind === 'file') return openFileStores(access);
  const { openRedisStores } = await import('./redis/redis-stores.ts');
  return openRedisStores(access);
}
