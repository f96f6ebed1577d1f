import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withFolderLock } from '../../../src/storage/file/folder-lock.ts';
import { scratchStorage } from './scratch.ts';

describe('withFolderLock', () => {
  it('lets one work at a time', async () => {
    await using scratch = await scratchStorage();
    const folder = scratch.access.artifactsPath;
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(1);
      inside -= 1;
    };
    const contenders = Array.from({ length: 12 }, async () => {
      for (let turn = 0; turn < 12; turn += 1) await withFolderLock(folder, 'count', work);
    });
    await Promise.all(contenders);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    await using scratch = await scratchStorage();
    const failing = withFolderLock(scratch.access.artifactsPath, 'fail', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await withFolderLock(scratch.access.artifactsPath, 'work', async () => 'done')).toBe('done');
  });

  it('does not wait for an owner that can’t be asked and has held it for too long', async () => {
    await using scratch = await scratchStorage();
    const left = join(scratch.access.artifactsPath, '0123456789ab-1-1-01234567.1.lock');
    await writeFile(left, '');
    const minuteAgo = Date.now() / 1_000 - 60;
    await utimes(left, minuteAgo, minuteAgo);
    expect(await withFolderLock(scratch.access.artifactsPath, 'work', async () => 'done')).toBe('done');
    expect(await readdir(scratch.access.artifactsPath)).toEqual([]);
  });
});
