import { FileStorage } from '../../storage/file/file-storage.ts';
import type { FoundStorage } from '../find-storage.ts';
import { usageError } from '../usage-error.ts';
import { checkFolder, redisStorage } from './open-store.ts';
import { parseAddress } from './store-address.ts';

/**
 * The storage at an address, for a session.
 *
 * @throws {CodeModeError} `INVALID_OPTION`
 */
export async function openStorage(option: string, text: string, prefix: string | undefined): Promise<FoundStorage> {
  const address = parseAddress(option, text, prefix);
  const { shown } = address;
  if (address.type === 'folder') {
    checkFolder(option, address);
    return { storage: new FileStorage({ basePath: address.path }), basePath: address.path, shown };
  }
  if (address.only !== undefined) {
    throw usageError(
      `Cannot use the prefix of ${address.only} here: expected ${address.prefix}, which holds all kinds`,
    );
  }
  return { storage: await redisStorage(address), basePath: process.cwd(), shown };
}
