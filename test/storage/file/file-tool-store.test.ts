import { execFileSync } from 'node:child_process';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchStorage } from './scratch.ts';

describe('the tool store of a FileStorage', () => {
  it('lists tool files alone, sorted', async () => {
    await using scratch = await scratchStorage();
    const { toolsPath } = scratch.access;
    const others = ['.hidden.yaml', '.#b.yaml', '.b.yaml.swp', 'b.yaml~', '#b.yaml#', 'README.md', 'b.json'];
    for (const name of ['b.yml', 'a.yaml', ...others]) await writeFile(join(toolsPath, name), 'name: x');
    await mkdir(join(toolsPath, 'more'));
    const names = (await scratch.stores.tools.list()).map(({ name }) => name);
    expect(names).toEqual(['a.yaml', 'b.yml']);
  });

  it('names what can’t be read, and still lists and reads the others', async () => {
    await using scratch = await scratchStorage();
    const { toolsPath } = scratch.access;
    await writeFile(join(toolsPath, 'good.yaml'), '\uFEFFname: good');
    await writeFile(join(toolsPath, 'large.yaml'), 'x'.repeat(1024 * 1024 + 1));
    await writeFile(join(toolsPath, 'latin1.yaml'), Buffer.from([0x6e, 0xe9]));
    await mkdir(join(toolsPath, 'folder.yaml'));
    await symlink(join(toolsPath, 'loop.yaml'), join(toolsPath, 'loop.yaml'));
    execFileSync('mkfifo', [join(toolsPath, 'pipe.yaml')]);
    const { tools } = scratch.stores;
    const bad = ['folder.yaml', 'large.yaml', 'latin1.yaml', 'loop.yaml', 'pipe.yaml'];
    expect((await tools.list()).map(({ name }) => name).toSorted()).toEqual([...bad, 'good.yaml'].toSorted());
    for (const name of bad) {
      const reading = tools.read(name);
      await expect(reading).rejects.toMatchObject({ code: 'INVALID_TOOL_FILE' });
      await expect(reading).rejects.toThrow(`Cannot load tools/${name}: `);
    }
    expect((await tools.read('good.yaml'))?.text).toBe('name: good');
  });

  it('follows links, and says of one that it leads nowhere', async () => {
    await using scratch = await scratchStorage();
    const { basePath, toolsPath } = scratch.access;
    await writeFile(join(basePath, 'elsewhere.txt'), 'name: linked');
    await symlink('../elsewhere.txt', join(toolsPath, 'linked.yaml'));
    await symlink('../nowhere', join(toolsPath, 'nowhere.yaml'));
    const { tools } = scratch.stores;
    expect(await tools.list()).toHaveLength(2);
    expect((await tools.read('linked.yaml'))?.text).toBe('name: linked');
    const reading = tools.read('nowhere.yaml');
    await expect(reading).rejects.toMatchObject({ code: 'INVALID_TOOL_FILE' });
    await expect(reading).rejects.toThrow('it is a symbolic link that leads nowhere');
    expect(await tools.read('absent.yaml')).toBeUndefined();
  });

  it('sees an edit in place by its version, even one that keeps size and time', async () => {
    await using scratch = await scratchStorage();
    const { tools } = scratch.stores;
    await tools.write('a.yaml', 'name: a');
    const path = join(scratch.access.toolsPath, 'a.yaml');
    await utimes(path, 1, 1);
    const [before] = await tools.list();
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    await writeFile(path, 'name: b');
    await utimes(path, 1, 1);
    const [after] = await tools.list();
    expect(after?.version).not.toBe(before?.version);
  });

  it('leaves no temporary files, and removes those of killed writers', async () => {
    await using scratch = await scratchStorage();
    const { toolsPath } = scratch.access;
    const abandoned = '.0123456789ab-1-1-01234567.1..tmp';
    await writeFile(join(toolsPath, abandoned), 'half');
    await utimes(join(toolsPath, abandoned), 1, 1);
    await scratch.stores.tools.write('a.yaml', 'name: a');
    expect(await readdir(toolsPath)).toEqual(['a.yaml']);
  });
});
