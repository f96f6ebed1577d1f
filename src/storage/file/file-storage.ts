import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import type { FileStorageAccess, Storage } from '../../contracts/storage.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';

export interface FileStorageOptions {
  /** The folder that holds `tools/`, `skills/` and `artifacts/`; relative to the working directory. Made on first use. */
  readonly basePath: string;
  /** Sum of the sizes of all artifacts and what is known of them, in bytes. Default: no quota. */
  readonly artifactQuotaBytes?: number;
}

/**
 * Tools, skills and artifacts as files in a folder.
 *
 * @example
 * const storage = new FileStorage({ basePath: './storage' });
 *
 * @throws {CodeModeError} `INVALID_OPTION`
 */
export class FileStorage implements Storage {
  readonly #access: FileStorageAccess;

  constructor(options: FileStorageOptions) {
    const { basePath, artifactQuotaBytes } = checkOptions(options);
    const base = resolve(basePath);
    this.#access = {
      kind: 'file',
      basePath: base,
      toolsPath: join(base, 'tools'),
      skillsPath: join(base, 'skills'),
      artifactsPath: join(base, 'artifacts'),
      ...(artifactQuotaBytes === undefined ? {} : { artifactQuotaBytes }),
    };
  }

  access(): FileStorageAccess {
    return this.#access;
  }
}

function checkOptions(options: FileStorageOptions): FileStorageOptions {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) throw invalidOption('options', given, 'an object with basePath');
  for (const name of Object.keys(given)) {
    if (name !== 'basePath' && name !== 'artifactQuotaBytes') {
      throw invalidOption(name, Reflect.get(given, name), 'only basePath and artifactQuotaBytes');
    }
  }
  const { basePath, artifactQuotaBytes } = options;
  if (typeof basePath !== 'string' || basePath === '' || basePath.includes('\0')) {
    throw invalidOption('basePath', basePath, 'the path of a folder');
  }
  const isQuota =
    artifactQuotaBytes === undefined || (Number.isSafeInteger(artifactQuotaBytes) && artifactQuotaBytes > 0);
  if (!isQuota) throw invalidOption('artifactQuotaBytes', artifactQuotaBytes, 'a number of bytes, at least 1');
  return options;
}

function invalidOption(option: string, value: unknown, expected: string): CodeModeError {
  return new CodeModeError(
    'INVALID_OPTION',
    `Cannot make a FileStorage: ${option} is ${inspect(value, { depth: 0 })}; expected ${expected}`,
    {
      details: { option },
    },
  );
}
