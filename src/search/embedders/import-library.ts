import { CodeModeError } from '../../errors/code-mode-error.ts';

/**
 * Imports a package that an embedder needs and that is installed by those who want it.
 *
 * @throws {CodeModeError} `UNSUPPORTED` when it is not there, or lacks what is expected of it.
 */
export async function importLibrary<T>(name: string, isExpected: (module: unknown) => module is T): Promise<T> {
  let library: unknown;
  try {
    library = await import(name);
  } catch (error) {
    throw unusable(name, 'it can not be imported', `npm install ${name}`, error);
  }
  if (isExpected(library)) return library;
  throw unusable(name, 'it lacks what is expected of it', 'install the version that the documentation names');
}

function unusable(name: string, got: string, advice: string, cause?: unknown): CodeModeError {
  return new CodeModeError('UNSUPPORTED', `Cannot use the package ${name}: ${got}; ${advice}`, {
    cause,
    details: { package: name },
  });
}

/** A property of anything, undefined where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, name);
}
