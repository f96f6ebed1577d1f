import { statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Storage, Stores } from '../../contracts/storage.ts';
import { FileArtifactStore } from '../../storage/file/file-artifact-store.ts';
import { FileSkillStore } from '../../storage/file/file-skill-store.ts';
import { FileToolStore } from '../../storage/file/file-tool-store.ts';
import { isToolFileName } from '../../storage/names.ts';
import { openStores } from '../../storage/open-stores.ts';
import { usageError } from '../usage-error.ts';
import { KINDS } from './kinds.ts';
import type { Kind } from './kinds.ts';
import type { FolderAddress, RedisAddress, StoreAddress } from './store-address.ts';

/** A store that is open for copying. */
export interface OpenStore extends Pick<Stores, Kind>, AsyncDisposable {
  /** The kinds that it may have something of. */
  readonly kinds: readonly Kind[];
  /** Skills of py-code-mode, in a folder: no store lists them. */
  readonly pythonFiles: readonly string[];
}

/**
 * Opens a store to write to: a folder gets `tools/`, `skills/` and `artifacts/`, as they are needed.
 *
 * @param kind where a folder has none of these and this is one kind alone, it is itself the place for it
 */
export async function openTarget(address: StoreAddress, kind?: Kind): Promise<OpenStore> {
  if (address.type === 'redis') return openRedis(address);
  const isFlat = kind !== undefined && baseFolders(address.path).length === 0;
  return openFolder(address.path, KINDS, isFlat ? kind : undefined);
}

/**
 * Opens a store to read from. A folder has `tools/`, `skills/` or `artifacts/`, or tool files alone, or skills alone.
 *
 * @throws {CodeModeError} `INVALID_OPTION` for a folder that isn't there, that does not tell what it holds, or that holds
 * something else
 */
export async function openSource(option: string, address: StoreAddress, kind?: Kind | 'all'): Promise<OpenStore> {
  if (address.type === 'redis') return openRedis(address);
  checkFolder(option, address);
  const { path } = address;
  const bases = baseFolders(path);
  if (bases.length > 0) return openFolder(path, bases);
  const own = await flatKind(option, address, kind);
  return openFolder(path, [own], own);
}

/** @throws {CodeModeError} `INVALID_OPTION` for a folder that isn't there */
export function checkFolder(option: string, address: StoreAddress): void {
  if (address.type === 'redis' || isFolder(address.path)) return;
  throw usageError(`Cannot use ${option} ${address.shown}: there is no such folder`);
}

async function openRedis(address: RedisAddress): Promise<OpenStore> {
  const stores = await openStores((await redisStorage(address)).access());
  return { ...stores, kinds: KINDS, pythonFiles: [] };
}

export async function redisStorage({ url, cluster, prefix }: RedisAddress): Promise<Storage> {
  const { RedisStorage } = await import('../../storage/redis/redis-storage.ts');
  return new RedisStorage({ url, cluster, prefix });
}

/**
 * Makes no folder: looking at one leaves it as it is.
 *
 * @param flat the kind whose place is the folder itself
 */
async function openFolder(path: string, kinds: readonly Kind[], flat?: Kind): Promise<OpenStore> {
  const folderOf = (kind: Kind): string => (kind === flat ? path : join(path, kind));
  return {
    tools: new FileToolStore(folderOf('tools')),
    skills: new FileSkillStore(folderOf('skills')),
    artifacts: new FileArtifactStore(await realPathOf(folderOf('artifacts'))),
    kinds,
    pythonFiles: await pythonFilesIn(folderOf('skills')),
    async [Symbol.asyncDispose]() {},
  };
}

/** Without symbolic links on the way, also when it is not there yet. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return dirname(path) === path ? path : join(await realPathOf(dirname(path)), basename(path));
  }
}

function baseFolders(path: string): readonly Kind[] {
  return KINDS.filter((kind) => isFolder(join(path, kind)));
}

/** What a folder is read as that has none of the folders of a store. */
async function flatKind(option: string, address: FolderAddress, kind: Kind | 'all' | undefined): Promise<Kind> {
  if (kind === undefined || kind === 'all') return onlyKindIn(option, address);
  if (kind === 'artifacts') return kind;
  const names = await readdir(address.path);
  const other = kind === 'tools' ? 'skills' : 'tools';
  if (!names.some(isFileOf[kind]) && names.some(isFileOf[other])) {
    throw usageError(
      `Cannot use ${option} ${address.shown}: it holds ${other}, the prefix (or --type) says ${kind}; expected both to be the same`,
    );
  }
  return kind;
}

const isFileOf = { tools: isToolFileName, skills: (name: string) => name.endsWith('.ts') };

async function onlyKindIn(option: string, { path, shown }: FolderAddress): Promise<Kind> {
  const names = await readdir(path);
  const hasTools = names.some(isFileOf.tools);
  const hasSkills = names.some(isFileOf.skills);
  if (hasTools !== hasSkills) return hasTools ? 'tools' : 'skills';
  const got = hasTools ? 'it holds both tool files and skills' : 'it holds neither tool files nor skills';
  const python = names.some((name) => name.endsWith('.py')) ? ' (skills in Python are not taken)' : '';
  throw usageError(
    `Cannot use ${option} ${shown}: ${got}${python}; expected tools/, skills/ or artifacts/ in it, .yaml files alone, .ts files alone, or --type`,
  );
}

async function pythonFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^[^_.].*\.py$/su.test(name)).toSorted();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
