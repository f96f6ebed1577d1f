import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileStorage } from '../../../src/storage/file/file-storage.ts';
import type { FileStorageOptions } from '../../../src/storage/file/file-storage.ts';
import { openFileStores } from '../../../src/storage/file/file-stores.ts';
import { scratchStorage, text } from './scratch.ts';

describe('FileStorage', () => {
  it('describes itself with absolute paths', () => {
    const basePath = resolve('some/where');
    expect(new FileStorage({ basePath: 'some/where', artifactQuotaBytes: 10 }).access()).toEqual({
      kind: 'file',
      basePath,
      toolsPath: join(basePath, 'tools'),
      skillsPath: join(basePath, 'skills'),
      artifactsPath: join(basePath, 'artifacts'),
      artifactQuotaBytes: 10,
    });
  });

  const wrong: ReadonlyArray<readonly [string, unknown]> = [
    ['options', undefined],
    ['basePath', {}],
    ['basePath', { basePath: '' }],
    ['basePath', { basePath: 7 }],
    ['basePath', { basePath: Object.setPrototypeOf({}, null) as unknown }],
    ['artifactQuotaBytes', { basePath: '.', artifactQuotaBytes: 0 }],
    ['artifactQuotaBytes', { basePath: '.', artifactQuotaBytes: '1 MB' }],
    ['basepath', { basepath: '.' }],
  ];
  it.each(wrong)('refuses a wrong %s, naming it', (option, options) => {
    const make = (): unknown => Reflect.construct(FileStorage, [options]);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', details: { option } }));
    expect(make).toThrow(`Cannot make a FileStorage: ${option} is `);
  });

  it('makes the folders when it is opened, and not before', async () => {
    await using scratch = await scratchStorage();
    const options: FileStorageOptions = { basePath: join(scratch.access.basePath, 'new') };
    const access = new FileStorage(options).access();
    expect(await readdir(scratch.access.basePath)).not.toContain('new');
    await openFileStores(access);
    expect(await readdir(access.basePath)).toEqual(['artifacts', 'skills', 'tools']);
  });

  it('reports a base that is no folder', async () => {
    await using scratch = await scratchStorage();
    const basePath = join(scratch.access.basePath, 'file');
    await writeFile(basePath, '');
    const opening = openFileStores(new FileStorage({ basePath }).access());
    await expect(opening).rejects.toMatchObject({ code: 'STORAGE' });
    await expect(opening).rejects.not.toThrow(basePath);
  });

  it('survives the removal of its folders, and takes a linked base', async () => {
    await using scratch = await scratchStorage();
    const link = join(scratch.access.basePath, 'link');
    await mkdir(join(scratch.access.basePath, 'real'));
    await symlink('real', link);
    const access = new FileStorage({ basePath: link }).access();
    const stores = await openFileStores(access);
    for (const path of [access.toolsPath, access.skillsPath, access.artifactsPath]) await rm(path, { recursive: true });
    expect(await stores.tools.list()).toEqual([]);
    expect(await stores.skills.list()).toEqual([]);
    expect((await stores.artifacts.list()).artifacts).toEqual([]);
    await stores.tools.write('a.yaml', 'name: a');
    await stores.skills.write('a', '//');
    await stores.artifacts.save('a/b', text('x'));
    expect(await readdir(access.basePath)).toEqual(['artifacts', 'skills', 'tools']);
  });
});
