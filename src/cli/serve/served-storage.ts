import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { FileStorageAccess, Storage } from '../../contracts/storage.ts';
import { fileProblem } from '../file-problem.ts';
import { findStorage } from '../find-storage.ts';
import type { Place } from '../find-storage.ts';
import { usageError } from '../usage-error.ts';

export interface ServedStorage extends AsyncDisposable {
  readonly storage: Storage;
  readonly shown: string;
}

/** Those that name folders. */
const PATHS = ['TOOLS_PATH', 'TOOLS_CONFIG', 'SKILLS_PATH', 'ARTIFACTS_PATH'];

/**
 * What `--base` or `--store` names; else what the environment of py-code-mode's server names; else the nearest base
 * folder. The address of a Redis, which may hold a password, leaves `env`.
 */
export async function findServedStorage(place: Place, env: NodeJS.ProcessEnv): Promise<ServedStorage> {
  const redisUrl = env['REDIS_URL'] ?? '';
  const isNamed = place.base !== undefined || place.store !== undefined;
  const found = isNamed ? await findStorage(place) : undefined;
  Reflect.deleteProperty(env, 'REDIS_URL');
  if (found === undefined && redisUrl !== '') return redisStorage(redisUrl, env);
  if (found === undefined && PATHS.some((name) => (env[name] ?? '') !== '')) return folderStorage(env);
  return { ...(found ?? (await findStorage(place))), async [Symbol.asyncDispose]() {} };
}

async function redisStorage(url: string, env: NodeJS.ProcessEnv): Promise<ServedStorage> {
  const { RedisStorage } = await import('../../storage/redis/redis-storage.ts');
  const prefixes = {
    tools: env['REDIS_TOOLS_PREFIX'] || 'tools',
    skills: env['REDIS_SKILLS_PREFIX'] || 'skills',
    artifacts: env['REDIS_ARTIFACTS_PREFIX'] || 'artifacts',
  };
  const storage = new RedisStorage({ url, prefixes });
  const [node] = storage.access().server?.nodes ?? [];
  const shown = `redis://${node?.host ?? '?'}:${node?.port ?? '?'} (${Object.values(prefixes).join(', ')})`;
  return { storage, shown, async [Symbol.asyncDispose]() {} };
}

async function folderStorage(env: NodeJS.ProcessEnv): Promise<ServedStorage> {
  const [toolsPath, toolsFile] = [env['TOOLS_PATH'] ?? '', env['TOOLS_CONFIG'] ?? ''];
  if (toolsPath !== '' && toolsFile !== '')
    throw usageError('Cannot use both TOOLS_PATH and TOOLS_CONFIG: expected one of them');
  const split = toolsFile === '' ? undefined : await splitToolFile(toolsFile);
  const basePath = dirname(resolve(toolsPath || toolsFile || env['SKILLS_PATH'] || env['ARTIFACTS_PATH'] || '.'));
  const access: FileStorageAccess = {
    kind: 'file',
    basePath,
    toolsPath: split ?? resolve(toolsPath || join(basePath, 'tools')),
    skillsPath: resolve(env['SKILLS_PATH'] || join(basePath, 'skills')),
    artifactsPath: resolve(env['ARTIFACTS_PATH'] || join(basePath, 'artifacts')),
  };
  return {
    storage: { access: () => access },
    shown: [toolsPath || toolsFile, access.skillsPath, access.artifactsPath].filter((path) => path !== '').join(', '),
    async [Symbol.asyncDispose]() {
      if (split !== undefined) await rm(split, { recursive: true, force: true });
    },
  };
}

/** A file of several tools (documents, a list, or a list under `tools`) as a folder with one file each. */
async function splitToolFile(file: string): Promise<string> {
  const definitions = toolsIn(file, await readText(file));
  const folder = await mkdtemp(join(tmpdir(), 'ts-code-mode-tools-'));
  for (const [index, definition] of definitions.entries()) {
    const name = /^[\w-]{1,100}$/.test(definition.name) ? definition.name : `tool-${index + 1}`;
    // Two of one name are told as two tools of one name.
    await writeFile(join(folder, `${String(index).padStart(4, '0')}-${name}.yaml`), definition.text);
  }
  return folder;
}

interface Definition {
  readonly name: string;
  readonly text: string;
}

function toolsIn(file: string, text: string): readonly Definition[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  const values: readonly unknown[] = documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw usageError(`Cannot use TOOLS_CONFIG ${file}: ${error.message}`);
    const value: unknown = document.toJS();
    return listOf(value);
  });
  return values.map((value) => {
    const name = typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : '';
    return { name, text: stringify(value) };
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null && 'tools' in value && Array.isArray(value.tools)) return value.tools;
  return value === null || value === undefined ? [] : [value];
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`Cannot use TOOLS_CONFIG ${file}: ${fileProblem(error, 'there is no such file')}`);
  }
}
