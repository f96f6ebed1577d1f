import { lstatSync, readdirSync, statSync } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredEntry } from '../../contracts/storage.ts';
import type { ToolSource, ToolStore } from '../../contracts/tool-store.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { checkToolFileName, isToolFileName } from '../names.ts';
import { readTextFile, versionOf } from './read-text-file.ts';
import { isErrno, orStorageError, unlessErrno } from './storage-error.ts';
import { replaceFiles } from './temp-file.ts';

/**
 * Tool files in one flat folder. Symbolic links are followed: these files are written by the owner of the host.
 */
export class FileToolStore implements ToolStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly StoredEntry[]> {
    return orStorageError('list tools/', async () =>
      // Synchronous on purpose: it runs on the way into each run, and for a folder of tools that is the fastest.
      namesIn(this.#folder).map((name) => ({ name, version: this.#version(name) })),
    );
  }

  /** @throws {CodeModeError} `INVALID_TOOL_FILE` for a file that is too large, not text, or can't be read. */
  async read(name: string): Promise<ToolSource | undefined> {
    if (!isToolFileName(name) || /[/\\\0]/.test(name)) checkToolFileName(name);
    const origin = `tools/${name}`;
    const file = await this.#read(name);
    if (file === undefined) return undefined;
    if ('problem' in file) {
      throw new CodeModeError('INVALID_TOOL_FILE', `Cannot load ${origin}: ${file.problem}; expected a YAML file`);
    }
    return { name, origin, version: file.version, text: file.text };
  }

  async write(name: string, text: string): Promise<void> {
    await this.writeAll(new Map([[name, text]]));
  }

  async writeAll(texts: ReadonlyMap<string, string>): Promise<void> {
    for (const name of texts.keys()) checkToolFileName(name);
    const [first] = texts.keys();
    const action = texts.size === 1 ? `write tools/${first}` : 'write tools/';
    await orStorageError(action, async () => {
      await mkdir(this.#folder, { recursive: true });
      const files = [...texts].map(([name, text]) => [name, Buffer.from(text)] as const);
      await replaceFiles(this.#folder, new Map(files));
    });
  }

  async delete(name: string): Promise<boolean> {
    checkToolFileName(name);
    return orStorageError(`delete tools/${name}`, async () => {
      const removed = unlink(join(this.#folder, name)).then(() => true);
      return (await unlessErrno(removed, 'ENOENT')) ?? false;
    });
  }

  #version(name: string): string {
    try {
      return versionOf(statSync(join(this.#folder, name), { bigint: true }));
    } catch (error) {
      // A link that leads nowhere, a file that vanished: reading it says what is wrong, the others are not hurt.
      return `unreadable-${isErrno(error) ? error.code : ''}`;
    }
  }

  async #read(name: string): ReturnType<typeof readTextFile> {
    try {
      const path = join(this.#folder, name);
      const file = await readTextFile(path, true);
      const isLink = file === undefined && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
      return isLink ? { problem: 'it is a symbolic link that leads nowhere' } : file;
    } catch (error) {
      if (isErrno(error)) return { problem: `it can't be read (${error.code})` };
      throw error;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isToolFileName).toSorted();
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
