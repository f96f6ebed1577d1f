import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStorageAccess, Stores } from '../../contracts/storage.ts';
import { FileArtifactStore } from './file-artifact-store.ts';
import { FileSearchCache } from './file-search-cache.ts';
import { FileSkillStore } from './file-skill-store.ts';
import { FileToolStore } from './file-tool-store.ts';
import { orStorageError } from './storage-error.ts';

/**
 * Opens the stores that an access describes; makes their folders.
 *
 * @throws {CodeModeError} `STORAGE`
 */
export async function openFileStores(access: FileStorageAccess): Promise<Stores> {
  return orStorageError('open the storage', async () => {
    const paths = [access.toolsPath, access.skillsPath, access.artifactsPath];
    await Promise.all(paths.map((path) => mkdir(path, { recursive: true })));
    const artifactsRoot = await realpath(access.artifactsPath);
    return {
      tools: new FileToolStore(access.toolsPath),
      skills: new FileSkillStore(access.skillsPath),
      artifacts: new FileArtifactStore(artifactsRoot, access.artifactQuotaBytes),
      searchCache: new FileSearchCache(join(access.basePath, '.cache', 'search')),
      // Nothing stays open between calls.
      async [Symbol.asyncDispose]() {},
    };
  });
}
