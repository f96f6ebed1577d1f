import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stores } from '../contracts/storage.ts';
import { toErrorData } from '../errors/error-data.ts';
import { Session } from '../session.ts';
import { SkillLibrary } from '../skills/skill-library.ts';
import { FileStorage } from '../storage/file/file-storage.ts';
import { openFileStores } from '../storage/file/file-stores.ts';
import { formatToolProblem } from '../tools/tool-problem.ts';
import { findBaseFolder } from './base-folder.ts';
import { checkToolFiles } from './check-tool-files.ts';
import { commandsOf, isOnPath } from './tool-commands.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** Looks at everything a session needs. Changes nothing but to make the folders that a session would make. */
export async function examine(base: string | undefined): Promise<readonly Check[]> {
  const node: Check = { name: 'Node', status: 'ok', message: process.versions.node };
  return [node, await checkSandbox(), ...(await checkStorage(base))];
}

/** In a storage of its own: it tells whether code runs at all, whatever is in the base folder. */
async function checkSandbox(): Promise<Check> {
  const name = 'Sandbox';
  const basePath = await mkdtemp(join(tmpdir(), 'ts-code-mode-doctor-'));
  try {
    await using session = await Session.open({ storage: new FileStorage({ basePath }) });
    const startedAt = performance.now();
    const result = await session.run('const numbers: number[] = [1, 2, 3];\nnumbers.reduce((sum, n) => sum + n, 0)');
    const tookMs = Math.round(performance.now() - startedAt);
    if (result.ok && result.value === 6) return { name, status: 'ok', message: `a first run took ${tookMs} ms` };
    const message = result.ok ? `1 + 2 + 3 came out as ${String(result.value)}` : result.error.message;
    return { name, status: 'failed', message };
  } catch (error) {
    return { name, status: 'failed', message: toErrorData(error).message };
  } finally {
    await rm(basePath, { recursive: true, force: true });
  }
}

async function checkStorage(base: string | undefined): Promise<readonly Check[]> {
  const name = 'Folder';
  try {
    const folder = findBaseFolder(base);
    await using stores = await openFileStores(new FileStorage({ basePath: folder }).access());
    for (const part of ['skills', 'artifacts']) await access(join(folder, part), constants.W_OK);
    const checks = await Promise.all([checkTools(stores, folder), checkSkills(stores), checkArtifacts(stores)]);
    return [{ name, status: 'ok', message: folder }, ...checks.flat()];
  } catch (error) {
    return [{ name, status: 'failed', message: toErrorData(error).message }];
  }
}

async function checkTools({ tools }: Stores, folder: string): Promise<readonly Check[]> {
  const { files, problems, warnings } = await checkToolFiles(tools, folder);
  const name = 'Tools';
  const missing = (await commandsOf(tools, folder)).filter((command) => !isOnPath(command));
  return [
    ...summary(name, files, problems.length),
    ...problems.map((problem): Check => ({ name, status: 'failed', message: formatToolProblem(problem) })),
    ...warnings.map((message): Check => ({ name, status: 'warning', message })),
    ...missing.map(({ origin, command }): Check => {
      return {
        name,
        status: 'failed',
        message: `${origin}: the command ${command} is not installed, or not on the PATH`,
      };
    }),
  ];
}

async function checkSkills({ skills }: Stores): Promise<readonly Check[]> {
  const library = new SkillLibrary(skills);
  await library.refresh();
  const problems = library.problems();
  const name = 'Skills';
  return [
    ...summary(name, library.list().length + problems.length, problems.length),
    ...problems.map(({ message }): Check => ({ name, status: 'failed', message })),
  ];
}

async function checkArtifacts({ artifacts }: Stores): Promise<readonly Check[]> {
  const listing = await artifacts.list();
  const name = 'Artifacts';
  return [
    ...summary(name, listing.artifacts.length + listing.damaged.length, listing.damaged.length),
    ...listing.damaged.map((item): Check => ({
      name,
      status: 'failed',
      message: `${item.name} is damaged: ${item.reason}`,
    })),
  ];
}

function summary(name: string, count: number, bad: number): readonly Check[] {
  return bad > 0 ? [] : [{ name, status: 'ok', message: count === 0 ? 'none yet' : String(count) }];
}
