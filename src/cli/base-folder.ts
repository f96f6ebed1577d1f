import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileProblem } from './file-problem.ts';
import { usageError } from './usage-error.ts';
import { workingFolder } from './working-folder.ts';

/** The folder that a project keeps its tools, skills and artifacts in. */
export const PROJECT_FOLDER = '.code-mode';

/**
 * The folder to work on: the given one, else the nearest `.code-mode` from the working directory upwards, else the
 * user's own in the system's data folder.
 *
 * @throws {CodeModeError} `INVALID_OPTION`
 */
export function findBaseFolder(given: string | undefined): string {
  const here = workingFolder();
  if (given !== undefined) return checkGiven(given, here);
  return nearestProjectFolder(here) ?? join(dataFolder(), 'ts-code-mode');
}

/** Where this user's programs keep what must survive an update, but is no document: logs, histories. */
export function stateFolder(): string {
  return join(xdgFolder('XDG_STATE_HOME') ?? platformFolder() ?? join(homedir(), '.local', 'state'), 'ts-code-mode');
}

function dataFolder(): string {
  return xdgFolder('XDG_DATA_HOME') ?? platformFolder() ?? join(homedir(), '.local', 'share');
}

function checkGiven(given: string, here: string): string {
  if (given === '') throw usageError('Cannot use --base: it is empty; expected a folder');
  const folder = resolve(here, given);
  const advice = `there is no such folder; make it with "ts-code-mode init --base ${given}"`;
  try {
    if (statSync(folder).isDirectory()) return folder;
  } catch (error) {
    throw usageError(`Cannot use --base ${given}: ${fileProblem(error, advice)}`);
  }
  throw usageError(`Cannot use --base ${given}: it is a file; expected a folder`);
}

function nearestProjectFolder(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, PROJECT_FOLDER);
    const stats = folderStats(candidate);
    if (stats !== undefined) return checkOwner(candidate, stats);
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * Its tool files say which commands to start: one that another user put into a shared folder is not to be trusted.
 * Root's is: who is root needs no tool file to start commands.
 */
function checkOwner(folder: string, { uid }: Stats): string {
  if (process.getuid === undefined || uid === process.getuid() || uid === 0) return folder;
  throw usageError(
    `Cannot use ${folder}: it belongs to another user (uid ${uid}); name it with --base to use it all the same`,
  );
}

function folderStats(path: string): Stats | undefined {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? stats : undefined;
  } catch {
    return undefined; // not there, or not to be looked at
  }
}

/** The specification says to ignore a relative path. */
function xdgFolder(variable: 'XDG_DATA_HOME' | 'XDG_STATE_HOME'): string | undefined {
  const folder = process.env[variable];
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}

function platformFolder(): string | undefined {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (process.platform === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  return undefined;
}
