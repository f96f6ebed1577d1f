import { execFileSync } from 'node:child_process';
import {
  cp,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodeModeError } from '../../../src/errors/code-mode-error.ts';
import { identityOf, withFolder } from '../../../src/storage/file/artifact-files.ts';
import { ArtifactRecords } from '../../../src/storage/file/artifact-records.ts';
import type { ArtifactRecord } from '../../../src/storage/file/artifact-records.ts';
import { FileStorage } from '../../../src/storage/file/file-storage.ts';
import { openFileStores } from '../../../src/storage/file/file-stores.ts';
import { WRITER } from '../../../src/storage/file/writer.ts';
import { scratchStorage, text } from './scratch.ts';

const CHANGED = 'Changed outside of the store since it was saved.';

describe('data as plain files', () => {
  it('is under its own name, and nothing but the records is beside it', async () => {
    await using scratch = await scratchStorage();
    const { artifactsPath } = scratch.access;
    await scratch.stores.artifacts.save('reports/may.txt', text('hello'), { description: 'd' });
    expect(await readFile(join(artifactsPath, 'reports', 'may.txt'), 'utf8')).toBe('hello');
    expect(await readdir(artifactsPath)).toEqual(['.records', 'reports']);
    await scratch.stores.artifacts.delete('reports/may.txt');
    expect(await readdir(artifactsPath)).toEqual(['.records']);
    expect(await recordFiles(artifactsPath)).toEqual([]);
  });

  it('dropped by hand is an artifact, of the type that it looks like', async () => {
    await using scratch = await scratchStorage();
    const { artifactsPath } = scratch.access;
    await mkdir(join(artifactsPath, 'in'));
    await writeFile(join(artifactsPath, 'in', 'notes.md'), 'é');
    await writeFile(join(artifactsPath, 'good.json'), '[1]');
    await writeFile(join(artifactsPath, 'bad.json'), '[1');
    await writeFile(join(artifactsPath, 'image.png'), Buffer.from([0x89, 0xff]));
    const { artifacts, damaged } = await scratch.stores.artifacts.list();
    expect(damaged).toEqual([]);
    const types = artifacts.map(({ name, type, description }) => [name, type, description]);
    expect(types).toEqual([
      ['bad.json', 'text', ''],
      ['good.json', 'json', ''],
      ['image.png', 'bytes', ''],
      ['in/notes.md', 'text', ''],
    ]);
    expect((await scratch.stores.artifacts.load('good.json')).content.type).toBe('json');
  });

  it('changed by hand is a changed plain file, until it is saved anew', async () => {
    await using scratch = await scratchStorage();
    const { artifacts } = scratch.stores;
    const path = join(scratch.access.artifactsPath, 'x.json');
    await artifacts.save(
      'x.json',
      { type: 'bytes', data: Buffer.from('12') },
      { description: 'mine', metadata: { a: 1 } },
    );
    await writeFile(path, '[]');
    const changed = await artifacts.load('x.json');
    expect(changed.info).toMatchObject({ type: 'json', description: CHANGED, metadata: {} });
    expect(Buffer.from(changed.content.data).toString()).toBe('[]');
    await rm(path);
    expect(await artifacts.info('x.json')).toBeUndefined();
    await artifacts.save('x.json', text('new'), { description: 'new' });
    expect(await artifacts.info('x.json')).toMatchObject({ type: 'text', description: 'new' });
  });

  it('copied with its store keeps its records', async () => {
    await using scratch = await scratchStorage();
    await scratch.stores.artifacts.save('a/x', { type: 'bytes', data: Buffer.from('text?') }, { description: 'mine' });
    const basePath = join(scratch.access.basePath, 'copy');
    await cp(scratch.access.artifactsPath, join(basePath, 'artifacts'), { recursive: true });
    const copy = await openFileStores(new FileStorage({ basePath }).access());
    expect(await copy.artifacts.info('a/x')).toMatchObject({ type: 'bytes', description: 'mine' });
    expect((await copy.artifacts.load('a/x')).info.description).toBe('mine');
    await copy.artifacts.save('a/x', text('new'));
    expect(await recordFiles(join(basePath, 'artifacts'))).toHaveLength(1);
  });

  it('that rots on the disk is damaged, for load and for stream', async () => {
    await using scratch = await scratchStorage();
    const { artifacts } = scratch.stores;
    const path = join(scratch.access.artifactsPath, 'x');
    await artifacts.save('x', text('as it was'), { description: 'mine' });
    // What a disk does silently: other data, and the record still takes it for its own.
    await writeFile(path, 'AS IT WAS');
    const { ino, mtimeNs } = await stat(path, { bigint: true });
    const [record = ''] = await recordFiles(scratch.access.artifactsPath);
    const [key] = basename(record).split('.');
    await rename(record, join(dirname(record), `${key}.${ino}-${mtimeNs}-9.json`));
    expect(await artifacts.info('x')).toMatchObject({ type: 'text', description: 'mine' });
    await expect(artifacts.load('x')).rejects.toMatchObject({ code: 'DAMAGED' });
    const { stream } = await artifacts.stream('x');
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it('cut while it is read is an error, not a hang', async () => {
    await using scratch = await scratchStorage();
    const { artifacts } = scratch.stores;
    await artifacts.save('large', { type: 'bytes', data: new Uint8Array(4_000_000) });
    const { stream } = await artifacts.stream('large');
    const reader = stream.getReader();
    await reader.read();
    await truncate(join(scratch.access.artifactsPath, 'large'), 10);
    const rest = async (): Promise<void> => {
      for (let done = false; !done;) ({ done } = await reader.read());
    };
    await expect(rest()).rejects.toMatchObject({ code: 'STORAGE' });
  });
});

describe('links and other things that are no plain files', () => {
  it('are refused, wherever they lead, and named in the list', async () => {
    await using scratch = await scratchStorage();
    const { basePath, artifactsPath } = scratch.access;
    const { artifacts } = scratch.stores;
    const outside = join(basePath, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    await artifacts.save('inside', text('x'));
    await symlink(join(outside, 'secret'), join(artifactsPath, 'file'));
    await symlink(outside, join(artifactsPath, 'folder'));
    await symlink('inside', join(artifactsPath, 'inner'));
    for (const name of ['file', 'folder', 'folder/secret', 'folder/new', 'inner']) {
      const refused = { code: 'INVALID_NAME' };
      await expect(artifacts.load(name)).rejects.toMatchObject(refused);
      await expect(artifacts.stream(name)).rejects.toMatchObject(refused);
      await expect(artifacts.info(name)).rejects.toMatchObject(refused);
      await expect(artifacts.save(name, text('y'))).rejects.toMatchObject(refused);
      await expect(artifacts.delete(name)).rejects.toMatchObject(refused);
    }
    const listing = await artifacts.list();
    expect(listing.artifacts.map(({ name }) => name)).toEqual(['inside']);
    expect(listing.damaged.map(({ name }) => name)).toEqual(['file', 'folder', 'inner']);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('in place of the records are refused', async () => {
    await using scratch = await scratchStorage();
    const { basePath, artifactsPath } = scratch.access;
    await mkdir(join(basePath, 'outside'));
    await symlink(join(basePath, 'outside'), join(artifactsPath, '.records'));
    await expect(scratch.stores.artifacts.save('x', text('y'))).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect(await readdir(join(basePath, 'outside'))).toEqual([]);
  });

  it('a folder swapped for a link while artifacts are saved never lets one out', async () => {
    await using scratch = await scratchStorage();
    const { basePath, artifactsPath } = scratch.access;
    const { artifacts } = scratch.stores;
    const outside = join(basePath, 'outside');
    const folder = join(artifactsPath, 'folder');
    const aside = join(basePath, 'aside');
    await mkdir(outside);
    await mkdir(folder);
    const over = new AbortController();
    const swap = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await rename(folder, aside).catch(ignore);
        await symlink(outside, folder).catch(ignore);
        await unlink(folder).catch(ignore);
        await rm(aside, { recursive: true, force: true });
      }
    };
    const codes = new Set<unknown>();
    const saves = async (): Promise<void> => {
      for (let index = 0; index < 150; index += 1) {
        await artifacts.save('folder/x', text(`${index}`)).catch((error: unknown) => codes.add(codeOf(error)));
      }
      over.abort();
    };
    await Promise.all([swap(), saves()]);
    expect([...codes].filter((code) => code !== 'INVALID_NAME' && code !== 'STORAGE')).toEqual([]);
    expect(await readdir(outside)).toEqual([]);
  });

  // Elsewhere, Node has no way to hold on to a folder: there the checks before are all there is.
  it.runIf(process.platform === 'linux')(
    'a link that takes a folder’s place after the check gets nothing',
    async () => {
      await using scratch = await scratchStorage();
      const { basePath, artifactsPath } = scratch.access;
      const outside = join(basePath, 'outside');
      await mkdir(outside);
      await withFolder(artifactsPath, ['folder'], async (path) => {
        await rename(join(artifactsPath, 'folder'), join(basePath, 'aside'));
        await symlink(outside, join(artifactsPath, 'folder'));
        await writeFile(join(path, 'x'), 'data');
      });
      expect(await readdir(outside)).toEqual([]);
      expect(await readdir(join(basePath, 'aside'))).toEqual(['x']);
    },
  );

  it('a pipe is no artifact, and holds nothing up', async () => {
    await using scratch = await scratchStorage();
    execFileSync('mkfifo', [join(scratch.access.artifactsPath, 'pipe')]);
    await expect(scratch.stores.artifacts.load('pipe')).rejects.toMatchObject({ code: 'UNKNOWN_ARTIFACT' });
    expect((await scratch.stores.artifacts.list()).damaged).toEqual([
      { name: 'pipe', reason: 'it is not a regular file' },
    ]);
  });

  it('a file whose name is not valid is named', async () => {
    await using scratch = await scratchStorage();
    await writeFile(join(scratch.access.artifactsPath, 'line\nbreak'), '');
    const { artifacts, damaged } = await scratch.stores.artifacts.list();
    expect(artifacts).toEqual([]);
    expect(damaged).toEqual([{ name: 'line\nbreak', reason: 'its name is not valid: it has a control character' }]);
  });
});

describe('the quota', () => {
  it('counts every file and every record, and not those that are replaced', async () => {
    await using scratch = await scratchStorage(20_000);
    const { artifacts } = scratch.stores;
    await writeFile(join(scratch.access.artifactsPath, 'by-hand'), 'h'.repeat(4_000));
    await artifacts.save('a', text('1'.repeat(6_000)), { description: 'd'.repeat(3_000) });
    await artifacts.save('a', text('6'.repeat(6_000)), { description: 'd'.repeat(3_000) });
    const saving = artifacts.save('b', text('b'.repeat(8_000)));
    await expect(saving).rejects.toMatchObject({ code: 'QUOTA', details: { quotaBytes: 20_000 } });
    const small = artifacts.save('b', text('b'), { metadata: { note: 'n'.repeat(8_000) } });
    await expect(small).rejects.toMatchObject({ code: 'QUOTA' });
    await expect(artifacts.save('a', text('x'.repeat(17_000)))).rejects.toMatchObject({ code: 'QUOTA' });
    expect(Buffer.from((await artifacts.load('a')).content.data).toString()).toBe('6'.repeat(6_000));
    await artifacts.delete('a');
    await artifacts.save('b', text('b'.repeat(15_000)));
    const tmp = await readdir(join(scratch.access.artifactsPath, '.records', 'tmp'));
    expect(tmp).toEqual([]);
  });
});

describe('an empty folder', () => {
  it('does not keep its name from an artifact', async () => {
    await using scratch = await scratchStorage();
    const { artifacts } = scratch.stores;
    await mkdir(join(scratch.access.artifactsPath, 'a'));
    await artifacts.save('a', text('over it'));
    expect(Buffer.from((await artifacts.load('a')).content.data).toString()).toBe('over it');
    await mkdir(join(scratch.access.artifactsPath, 'b', 'c'), { recursive: true });
    await expect(artifacts.save('b', text('x'))).rejects.toThrow('it is a folder that is not empty');
  });
});

describe('leftovers', () => {
  it('of killed writers are removed by the next save of anything; those of living ones are not', async () => {
    await using scratch = await scratchStorage();
    const { artifactsPath } = scratch.access;
    const { artifacts } = scratch.stores;
    await artifacts.save('x', text('1'));
    const tmp = join(artifactsPath, '.records', 'tmp');
    const dead = '.0123456789ab-1-1-01234567.1.abc.tmp';
    const alive = '.0123456789ab-1-1-01234567.2.abc.tmp';
    await writeFile(join(tmp, dead), 'half');
    await writeFile(join(tmp, alive), 'half');
    // Of another machine nothing is known but the age: a day is long enough.
    await utimes(join(tmp, dead), 1, 1);
    await artifacts.save('y', text('2'));
    expect(await readdir(tmp)).toEqual([alive]);
  });

  it('of a save that failed leave a file that was there before as it was', async () => {
    await using scratch = await scratchStorage();
    const { artifactsPath } = scratch.access;
    const path = join(artifactsPath, 'by-hand');
    await writeFile(path, 'text');
    const before = await scratch.stores.artifacts.info('by-hand');
    const records = new ArtifactRecords(artifactsPath);
    const temp = await records.writeData('by-hand', Buffer.from('new'));
    const record: ArtifactRecord = {
      name: 'by-hand',
      type: 'text',
      sizeBytes: 3,
      description: 'new',
      metadata: {},
      createdAt: new Date().toISOString(),
      sha256: temp.sha256,
      writer: WRITER,
      replaces: identityOf(await stat(path, { bigint: true })),
    };
    let during: unknown;
    const failing = records.commit(record, identityOf(temp.stat), async () => {
      during = await scratch.stores.artifacts.info('by-hand');
      throw new Error('killed here');
    });
    await expect(failing).rejects.toThrow('killed here');
    expect(during).toEqual(before);
    expect(await scratch.stores.artifacts.info('by-hand')).toEqual(before);
    expect(await recordFiles(artifactsPath)).toEqual([]);
  });

  it('hard links to an artifact keep the old data when it is replaced', async () => {
    await using scratch = await scratchStorage();
    const { artifactsPath, basePath } = scratch.access;
    await scratch.stores.artifacts.save('x', text('old'));
    await link(join(artifactsPath, 'x'), join(basePath, 'linked'));
    await scratch.stores.artifacts.save('x', text('new'));
    expect(await readFile(join(basePath, 'linked'), 'utf8')).toBe('old');
  });
});

/** Paths of the records, without what is being written. */
async function recordFiles(artifactsPath: string): Promise<readonly string[]> {
  const folder = join(artifactsPath, '.records');
  const files = await readdir(folder, { recursive: true });
  return files.filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
}

function ignore(): void {}

function codeOf(error: unknown): unknown {
  return error instanceof CodeModeError ? error.code : error;
}
