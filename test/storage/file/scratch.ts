import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactContent } from '../../../src/contracts/artifact-store.ts';
import type { FileStorageAccess, Stores } from '../../../src/contracts/storage.ts';
import { FileStorage } from '../../../src/storage/file/file-storage.ts';
import { openFileStores } from '../../../src/storage/file/file-stores.ts';

export interface Scratch extends AsyncDisposable {
  readonly access: FileStorageAccess;
  readonly stores: Stores;
}

/** A storage in a new folder that is removed in the end. */
export async function scratchStorage(artifactQuotaBytes?: number): Promise<Scratch> {
  const basePath = await mkdtemp(join(tmpdir(), 'ts-code-mode-storage-'));
  const access = new FileStorage({ basePath, ...(artifactQuotaBytes && { artifactQuotaBytes }) }).access();
  return {
    access,
    stores: await openFileStores(access),
    [Symbol.asyncDispose]: () => rm(basePath, { recursive: true, force: true }),
  };
}

export function text(value: string): ArtifactContent {
  return { type: 'text', data: Buffer.from(value) };
}
