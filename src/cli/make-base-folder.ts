import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { toolFileSchema } from '../tools/adapter-kinds.ts';

const FOLDERS = ['tools', 'skills', 'artifacts'];

const GIT_TOOL = `# yaml-language-server: $schema=../tool.schema.json
name: git_log
description: Read the history of the Git repository in the working directory.
tags: [git, version-control, history]
timeout: 20
output: lines

# No shell: each word is one argument. What callers pass comes after these.
command: [git, log, '--format=%h%x09%as%x09%an%x09%s']
schema:
  options:
    limit:
      short: n
      type: integer
      min: 1
      max: 1000
      description: How many commits at most, newest first.
    since:
      description: Only commits after this date.
      examples: ['2026-01-31', '7 days ago']
    author:
      description: Only commits by authors whose name or e-mail matches.

recipes:
  recent:
    description: "The commits of the last week, one a line: hash, date, author and subject, between tabs."
    preset:
      since: 7 days ago
`;

const RECENT_WORK_SKILL = `/**
 * Counts the commits of the last days by author.
 *
 * @param days how far to look back
 */
export async function run(days: number = 7): Promise<Record<string, number>> {
  const commits = await tools.git_log({ since: \`\${days} days ago\`, limit: 1000 });
  const counts: Record<string, number> = {};
  for (const commit of commits) {
    const author = commit.split('\\t')[2] ?? 'unknown';
    counts[author] = (counts[author] ?? 0) + 1;
  }
  return counts;
}
`;

export interface BaseFolderReport {
  readonly folder: string;
  /** Relative to the folder. */
  readonly made: readonly string[];
  /** Were there already; nothing is overwritten. */
  readonly kept: readonly string[];
}

/** Makes the folders of a storage, and something to start from. @throws {CodeModeError} `STORAGE` */
export async function makeBaseFolder(folder: string): Promise<BaseFolderReport> {
  const files = [
    ['tool.schema.json', `${JSON.stringify(toolFileSchema(), undefined, 2)}\n`],
    ['tools/git_log.yaml', GIT_TOOL],
    ['skills/recentWork.ts', RECENT_WORK_SKILL],
  ] as const;
  const made: string[] = [];
  const kept: string[] = [];
  try {
    for (const name of FOLDERS) {
      const isNew = (await mkdir(join(folder, name), { recursive: true })) !== undefined;
      (isNew ? made : kept).push(`${name}/`);
    }
    for (const [path, text] of files) {
      const isNew = await writeNewFile(join(folder, path), text);
      (isNew ? made : kept).push(path);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodeModeError('STORAGE', `Cannot make ${folder}: ${reason}`, { cause });
  }
  return { folder, made, kept };
}

/** False when there is a file of that name. */
async function writeNewFile(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
