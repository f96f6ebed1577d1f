const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'the disk is full',
};

/**
 * Why the file system refused, in words. Its own words name paths that the user never gave.
 *
 * @param missing what it means that there is no such file
 */
export function fileProblem(error: unknown, missing: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return code === 'ENOENT' ? missing : (REASONS[code] ?? `the system refused (${code})`);
}
