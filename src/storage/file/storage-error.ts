import { CodeModeError } from '../../errors/code-mode-error.ts';

/** What to tell about the errors that a file system answers with, and what to do. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EFBIG: 'the file is larger than this process may write; save less',
  EACCES: 'permission denied; make the storage folder readable and writable for this process',
  EPERM: 'not permitted; make the storage folder readable and writable for this process',
  EROFS: 'the file system is read-only; use a storage folder that can be written',
  EMFILE: 'too many files are open; raise the limit of open files or close some',
  ENFILE: 'too many files are open on this machine; close some',
  ENAMETOOLONG: 'the path is too long for this file system; use a shorter name',
  EIO: 'the disk failed; check it',
};

/**
 * Runs `work`; what the file system refuses becomes a `STORAGE` error.
 *
 * The original error is not kept as `cause`: it names absolute paths of the host, and errors reach the guest.
 *
 * @param action what was tried, with the path inside the storage: `save artifacts/a.json`
 */
export async function orStorageError<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isErrno(error) ? storageError(action, error.code) : error;
  }
}

function storageError(action: string, errno: string): CodeModeError {
  const reason = REASONS[errno] ?? 'the file system refused; check the storage folder';
  return new CodeModeError('STORAGE', `Cannot ${action}: ${errno}, ${reason}`, { details: { errno } });
}

/** An error of the file system, with one of the given codes if any are named. */
export function isErrno(error: unknown, ...codes: string[]): error is Error & { code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return codes.length === 0 ? 'syscall' in error : codes.includes(error.code);
}

/** Resolves with `undefined` where the file system answers with one of `codes`. */
export async function unlessErrno<T>(work: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isErrno(error, ...codes)) return undefined;
    throw error;
  }
}
