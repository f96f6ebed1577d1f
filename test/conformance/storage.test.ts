import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { openStores } from '../../src/storage/open-stores.ts';
import { describeStorage } from '../../src/testing/storage-conformance.ts';
import { scratchStorage } from '../storage/file/scratch.ts';

describeStorage(
  'FileStorage',
  {
    async create(options) {
      const scratch = await scratchStorage();
      return {
        storage: new FileStorage({ basePath: scratch.access.basePath, ...options }),
        cleanup: async () => scratch[Symbol.asyncDispose](),
      };
    },
    open: openStores,
    async damageArtifact(access, name) {
      if (access.kind !== 'file') throw new Error('not a folder');
      const { artifactsPath } = access;
      const key = createHash('sha256').update(name).digest('hex');
      const folder = join(artifactsPath, '.records', key.slice(0, 2));
      for (const file of await readdir(folder)) await writeFile(join(folder, file), '{"name":');
    },
  },
  { describe, it },
);
