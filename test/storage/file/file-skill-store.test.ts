import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchStorage } from './scratch.ts';

describe('the skill store of a FileStorage', () => {
  it('lists skill files alone; one with a wrong name is named when it is read', async () => {
    await using scratch = await scratchStorage();
    const { skillsPath } = scratch.access;
    const others = ['_shared.ts', '.hidden.ts', 'a.d.ts', 'a.test.ts', 'old.py', 'a.ts~', 'README.md'];
    for (const name of ['b.ts', 'a.ts', 'not-a-name.ts', 'list.ts', ...others])
      await writeFile(join(skillsPath, name), '');
    const { skills } = scratch.stores;
    const names = (await skills.list()).map(({ name }) => name);
    expect(names).toEqual(['a', 'b', 'list', 'not-a-name']);
    for (const name of ['list', 'not-a-name']) {
      await expect(skills.read(name)).rejects.toMatchObject({ code: 'INVALID_NAME' });
    }
  });

  it('reads no link, and replaces one instead of writing through it', async () => {
    await using scratch = await scratchStorage();
    const { basePath, skillsPath } = scratch.access;
    const secret = join(basePath, 'secret.txt');
    await writeFile(secret, 'secret');
    await symlink(secret, join(skillsPath, 'leak.ts'));
    const { skills } = scratch.stores;
    await expect(skills.read('leak')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await expect(skills.write('leak', 'new')).rejects.toMatchObject({ code: 'SKILL_EXISTS' });
    await skills.write('leak', 'new', { overwrite: true });
    expect((await skills.read('leak'))?.source).toBe('new');
    expect(await readFile(secret, 'utf8')).toBe('secret');
  });

  it('refuses what is too large or not text, and a name that differs only in case', async () => {
    await using scratch = await scratchStorage();
    const { skillsPath } = scratch.access;
    const { skills } = scratch.stores;
    await writeFile(join(skillsPath, 'large.ts'), 'x'.repeat(1024 * 1024 + 1));
    await writeFile(join(skillsPath, 'binary.ts'), Buffer.from([0xff]));
    await expect(skills.read('large')).rejects.toMatchObject({ code: 'INVALID_SKILL' });
    await expect(skills.read('binary')).rejects.toMatchObject({ code: 'INVALID_SKILL' });
    await skills.write('report', '');
    await expect(skills.write('Report', '', { overwrite: true })).rejects.toMatchObject({ code: 'SKILL_EXISTS' });
  });

  it('leaves no temporary files, also when a write is refused', async () => {
    await using scratch = await scratchStorage();
    const { skills } = scratch.stores;
    await skills.write('a', '1');
    await skills.write('a', '2', { overwrite: true });
    await skills.write('a', '3').catch(() => undefined);
    expect(await readdir(scratch.access.skillsPath)).toEqual(['a.ts']);
  });
});
