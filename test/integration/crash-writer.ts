/**
 * A process of its own that writes to a file storage: `crash-writer.ts <job> <access as JSON> <argument>`.
 * It prints a line when it is under way.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArtifactStore } from '../../src/contracts/artifact-store.ts';
import { isCodeModeError } from '../../src/errors/code-mode-error.ts';
import { openFileStores } from '../../src/storage/file/file-stores.ts';
import { withFolderLock } from '../../src/storage/file/folder-lock.ts';

export const CONTESTED = ['contested', 'folder/contested', 'folder/deeper/contested.json'];

const accessSchema = z.object({
  kind: z.literal('file'),
  basePath: z.string(),
  toolsPath: z.string(),
  skillsPath: z.string(),
  artifactsPath: z.string(),
  artifactQuotaBytes: z.number(),
});

/** Data, with metadata that only fits this data. */
async function saveDescribed(artifacts: ArtifactStore, name: string, data: Uint8Array): Promise<void> {
  const sha256 = createHash('sha256').update(data).digest('hex');
  await artifacts.save(name, { type: 'bytes', data }, { description: sha256, metadata: { sha256 } });
}

const jobs: Record<string, (artifacts: ArtifactStore, argument: string) => Promise<void>> = {
  /** 200 saves, every fourth under a name that all processes use. */
  async many(artifacts, writer) {
    for (let index = 0; index < 200; index += 1) {
      const name = index % 4 === 0 ? `shared/${(index / 4) % 5}` : `own/${writer}/${index}`;
      await saveDescribed(artifacts, name, Buffer.from(`${writer} ${index} ${'x'.repeat(index)}`));
    }
  },
  /** Saves, and deletes, until it is killed. */
  async forever(artifacts) {
    for (let round = 0; ; round += 1) {
      const name = CONTESTED[round % CONTESTED.length] ?? '';
      await saveDescribed(artifacts, name, randomBytes(Math.floor(Math.random() * 100_000)));
      if (round === 0) process.stdout.write('under way\n');
      if (round % 7 === 6) await artifacts.delete(name);
    }
  },
  /** Saves 100 bytes at a time until the quota is used up. */
  async quota(artifacts, writer) {
    for (let index = 0; ; index += 1) {
      try {
        await saveDescribed(artifacts, `${writer}-${index}`, randomBytes(100));
      } catch (error) {
        if (isCodeModeError(error, 'QUOTA')) return;
        throw error;
      }
    }
  },
  /** Holds the lock of the quota until it is killed. */
  async lock(artifacts, artifactsPath) {
    await artifacts.save('before', { type: 'bytes', data: new Uint8Array(1) });
    await withFolderLock(join(artifactsPath, '.records', 'locks'), 'hold the lock', async () => {
      process.stdout.write('under way\n');
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });
  },
  /** Saves, loads and prints what becomes of an artifact when the disk or the permissions stop a second save. */
  async refused(artifacts, argument) {
    await saveDescribed(artifacts, 'old', Buffer.from('as it was'));
    await artifacts.save('folder/old', { type: 'bytes', data: new Uint8Array(1) });
    if (argument === 'as nobody' && process.getuid?.() === 0) process.setuid?.(65_534);
    const messages: string[] = [];
    for (const name of ['old', 'folder/old', 'new']) {
      const data = randomBytes(argument === 'as nobody' ? 10 : 4_000_000);
      await artifacts.save(name, { type: 'bytes', data }).catch((error: unknown) => {
        messages.push(isCodeModeError(error, 'STORAGE') ? error.message : `unexpected: ${String(error)}`);
      });
    }
    const { content, info } = await artifacts.load('old');
    const listing = await artifacts.list();
    process.stdout.write(JSON.stringify({ messages, old: Buffer.from(content.data).toString(), info, listing }));
  },
};

const [job = '', access = '', argument = ''] = process.argv.slice(2);
if (job !== '') {
  const { artifactQuotaBytes, ...rest } = accessSchema.partial({ artifactQuotaBytes: true }).parse(JSON.parse(access));
  await using stores = await openFileStores({
    ...rest,
    ...(artifactQuotaBytes === undefined ? {} : { artifactQuotaBytes }),
  });
  await jobs[job]?.(stores.artifacts, argument);
}
