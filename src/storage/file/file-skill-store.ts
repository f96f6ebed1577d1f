import { lstatSync, readdirSync } from 'node:fs';
import { link, mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SkillSource, SkillStore } from '../../contracts/skill-store.ts';
import type { StoredEntry } from '../../contracts/storage.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { checkSkillName } from '../names.ts';
import { skillExists } from '../skill-exists.ts';
import { readTextFile, versionOf } from './read-text-file.ts';
import { isErrno, orStorageError, unlessErrno } from './storage-error.ts';
import { replaceFile, replaceFiles, sweepTempFiles, syncFolder, writeTempFile } from './temp-file.ts';

/** `report.ts`, but neither `_shared.ts`, `.hidden.ts`, `report.d.ts` nor `report.py`. */
const SKILL_FILE = /^([^._][^.]*)\.ts$/su;

/** What a file system without hard links answers. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'];

/**
 * Skills as `<name>.ts` in one flat folder. Agents write here: symbolic links are refused.
 */
export class FileSkillStore implements SkillStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A file whose name is no skill's name is listed too: reading it says what is wrong. */
  async list(): Promise<readonly StoredEntry[]> {
    return orStorageError('list skills/', async () =>
      this.#names().flatMap((name) => {
        const stats = lstatSync(this.#path(name), { bigint: true, throwIfNoEntry: false });
        return stats === undefined ? [] : [{ name, version: versionOf(stats) }];
      }),
    );
  }

  /** @throws {CodeModeError} `INVALID_NAME`, also for a symbolic link; `INVALID_SKILL` for what is too large or not text. */
  async read(name: string): Promise<SkillSource | undefined> {
    checkSkillName(name);
    const origin = `skills/${name}.ts`;
    const file = await orStorageError(`read ${origin}`, () => this.#read(name, origin));
    if (file === undefined) return undefined;
    if ('problem' in file) {
      throw new CodeModeError('INVALID_SKILL', `Cannot load ${origin}: ${file.problem}; expected a TypeScript file`);
    }
    return { name, origin, version: file.version, source: file.text };
  }

  async write(name: string, source: string, options: { readonly overwrite?: boolean } = {}): Promise<void> {
    checkSkillName(name);
    await orStorageError(`write skills/${name}.ts`, async () => {
      await this.#prepare([name]);
      await (options.overwrite === true
        ? replaceFile(this.#folder, `${name}.ts`, Buffer.from(source))
        : this.#create(name, source));
    });
  }

  async writeAll(sources: ReadonlyMap<string, string>): Promise<void> {
    for (const name of sources.keys()) checkSkillName(name);
    await orStorageError('write skills/', async () => {
      await this.#prepare([...sources.keys()]);
      const files = [...sources].map(([name, source]) => [`${name}.ts`, Buffer.from(source)] as const);
      await replaceFiles(this.#folder, new Map(files));
    });
  }

  async delete(name: string): Promise<boolean> {
    checkSkillName(name);
    return orStorageError(`delete skills/${name}.ts`, async () => {
      const removed = unlink(this.#path(name)).then(() => true);
      return (await unlessErrno(removed, 'ENOENT')) ?? false;
    });
  }

  /** Makes the folder. Where case does not count in file names, one skill would replace another: such names are refused. */
  async #prepare(names: readonly string[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const alike = Map.groupBy([...this.#names(), ...names], (name) => name.toLowerCase());
    for (const name of names) {
      const twin = alike.get(name.toLowerCase())?.find((other) => other !== name);
      if (twin !== undefined) throw skillExists(name, `"${twin}" differs only in upper and lower case`);
    }
  }

  /** Links a finished file to the name, which fails when there is one: of several creators one succeeds. */
  async #create(name: string, source: string): Promise<void> {
    const path = this.#path(name);
    const temp = await writeTempFile(this.#folder, Buffer.from(source));
    try {
      await link(temp.path, path).catch(async (error: unknown) => {
        if (!isErrno(error, ...NO_LINKS)) throw error;
        // The empty file takes the name; the finished one then takes its place.
        await (await open(path, 'wx')).close();
        await rename(temp.path, path);
      });
    } catch (error) {
      throw isErrno(error, 'EEXIST') ? skillExists(name, 'there is one of that name') : error;
    } finally {
      await rm(temp.path, { force: true });
    }
    await syncFolder(this.#folder);
    await sweepTempFiles(this.#folder);
  }

  async #read(name: string, origin: string): ReturnType<typeof readTextFile> {
    try {
      return await readTextFile(this.#path(name), false);
    } catch (error) {
      if (!isErrno(error, 'ELOOP', 'EMLINK')) throw error;
      throw new CodeModeError(
        'INVALID_NAME',
        `Cannot read ${origin}: it is a symbolic link; put the file itself there`,
      );
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .flatMap((file) => SKILL_FILE.exec(file)?.[1] ?? [])
        .toSorted();
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.ts`);
  }
}
