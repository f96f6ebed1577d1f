import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stores } from '../contracts/storage.ts';
import { toErrorData } from '../errors/error-data.ts';
import { Session } from '../session.ts';
import { SkillLibrary } from '../skills/skill-library.ts';
import { FileStorage } from '../storage/file/file-storage.ts';
import { openStores } from '../storage/open-stores.ts';
import { formatToolProblem } from '../tools/tool-problem.ts';
import { checkToolFiles } from './check-tool-files.ts';
import { fileProblem } from './file-problem.ts';
import { findStorage } from './find-storage.ts';
import type { Place } from './find-storage.ts';
import { workingFolder } from './working-folder.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** Looks at everything a session needs. Changes nothing but to make the folders that a session would make. */
export async function examine(place: Place): Promise<readonly Check[]> {
  const node: Check = { name: 'Node', status: 'ok', message: process.versions.node };
  try {
    workingFolder();
  } catch (error) {
    return [node, { name: 'Working directory', status: 'failed', message: toErrorData(error).message }];
  }
  return [node, await checkSandbox(), ...(await checkStorage(place))];
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

async function checkStorage(place: Place): Promise<readonly Check[]> {
  const name = place.store === undefined ? 'Folder' : 'Store';
  try {
    const { storage, basePath, shown } = await findStorage(place);
    const where = storage.access();
    await using stores = await openStores(where);
    const checks = await Promise.all([
      where.kind === 'file' ? checkWritable(basePath) : { name, status: 'ok' as const, message: shown },
      checkTools(stores, basePath),
      checkSkills(stores),
      checkArtifacts(stores),
    ]);
    return checks.flat();
  } catch (error) {
    return [{ name, status: 'failed', message: toErrorData(error).message }];
  }
}

async function checkWritable(folder: string): Promise<Check> {
  const name = 'Folder';
  for (const part of ['skills', 'artifacts']) {
    try {
      await access(join(folder, part), constants.W_OK);
    } catch (error) {
      const reason = fileProblem(error, 'it is not there');
      const advice = 'make it writable for yourself, or name another folder with --base';
      return { name, status: 'failed', message: `Cannot write to ${join(folder, part)}: ${reason}; ${advice}` };
    }
  }
  return { name, status: 'ok', message: folder };
}

async function checkTools({ tools }: Stores, folder: string): Promise<readonly Check[]> {
  const { files, problems, warnings, missing } = await checkToolFiles(tools, folder);
  const name = 'Tools';
  return [
    ...summary(name, files, problems.length),
    ...[...problems, ...missing.folders].map((problem): Check => {
      return { name, status: 'failed', message: formatToolProblem(problem) };
    }),
    ...warnings.map((message): Check => ({ name, status: 'warning', message })),
    ...missing.commands.map(({ origin, command }): Check => {
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
