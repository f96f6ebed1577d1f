import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ArtifactStore } from '../../src/contracts/artifact-store.ts';
import type { FileStorageAccess } from '../../src/contracts/storage.ts';
import { scratchStorage, text } from '../storage/file/scratch.ts';
import { CONTESTED } from './crash-writer.ts';

/** Runs what follows with files of at most 1 MiB. */
const LIMITED = ['-c', 'ulimit -f 2048 && exec "$@"', 'sh'];

const WRITER = join(import.meta.dirname, 'crash-writer.ts');

describe('artifacts under several processes', () => {
  it('8 processes x 200 saves lose nothing', { timeout: 120_000 }, async () => {
    await using scratch = await scratchStorage();
    await Promise.all(Array.from({ length: 8 }, (_, writer) => finished(start('many', scratch.access, `${writer}`))));
    const { artifacts } = scratch.stores;
    const names = await expectAllWhole(artifacts);
    expect(names.filter((name) => name.startsWith('own/'))).toHaveLength(8 * 150);
    expect(names.filter((name) => name.startsWith('shared/'))).toHaveLength(5);
    await expectNoLeftovers(scratch.access, artifacts);
  });

  it('kill -9 at any moment leaves each artifact whole, old or new', { timeout: 120_000 }, async () => {
    await using scratch = await scratchStorage();
    const { artifacts } = scratch.stores;
    for (let round = 0; round < 14; round += 1) {
      const writers = Array.from({ length: 3 }, () => start('forever', scratch.access));
      await Promise.all(
        writers.map(async (writer) => {
          if (writer.stdout !== null) await once(writer.stdout, 'data');
          await sleep(Math.random() * 40);
          const exit = once(writer, 'exit');
          writer.kill('SIGKILL');
          await exit;
        }),
      );
      await expectAllWhole(artifacts);
    }
    await expectNoLeftovers(scratch.access, artifacts);
    expect((await artifacts.list()).artifacts).toHaveLength(CONTESTED.length);
  });

  it('together never exceed the quota', { timeout: 60_000 }, async () => {
    await using scratch = await scratchStorage(5_000);
    await Promise.all(Array.from({ length: 4 }, (_, writer) => finished(start('quota', scratch.access, `${writer}`))));
    const names = await expectAllWhole(scratch.stores.artifacts);
    // Each has 100 bytes, and a record of 400 to 500.
    expect(names.length).toBeGreaterThan(5);
    expect(names.length).toBeLessThanOrEqual(10);
  });

  it('the lock of a killed owner holds nobody up', { timeout: 60_000 }, async () => {
    await using scratch = await scratchStorage(5_000);
    const { artifacts } = scratch.stores;
    const owner = start('lock', scratch.access, scratch.access.artifactsPath);
    if (owner.stdout !== null) await once(owner.stdout, 'data');
    let isSaved = false;
    const saving = artifacts.save('waits', text('x')).then(() => (isSaved = true));
    await sleep(300);
    expect(isSaved).toBe(false);
    const exit = once(owner, 'exit');
    owner.kill('SIGKILL');
    await exit;
    await saving;
    expect(await readdir(join(scratch.access.artifactsPath, '.records', 'locks'))).toEqual([]);
  });
});

describe('artifacts on a disk that refuses', () => {
  it('a full disk is an error, and leaves the old artifact whole', async () => {
    await using scratch = await scratchStorage();
    const { basePath } = scratch.access;
    const canMount = spawnSync('unshare', smallDisk(basePath, ['true'])).status === 0;
    // Where nothing may be mounted, the file system stops at a size instead: it refuses at the same place.
    const [command, args] = canMount ? (['unshare', smallDisk(basePath, [])] as const) : (['sh', LIMITED] as const);
    const report = await refusal(start('refused', scratch.access, 'full', [command, ...args]));
    expect(report.messages).toHaveLength(3);
    for (const message of report.messages) {
      expect(message).toContain(canMount ? 'ENOSPC, the disk is full' : 'EFBIG, the file is larger');
    }
    expect(JSON.stringify(report)).not.toContain(scratch.access.basePath);
  });

  it('missing permissions are an error, and leave the old artifact whole', async () => {
    await using scratch = await scratchStorage();
    const { artifactsPath, basePath } = scratch.access;
    await mkdir(join(artifactsPath, '.records', 'tmp'), { recursive: true });
    // Whoever runs the tests may be root, whom no permission stops: the writer becomes somebody else half-way.
    await chmod(basePath, 0o755);
    const report = await refusal(start('refused', scratch.access, 'as nobody'));
    expect(report.messages).toHaveLength(3);
    for (const message of report.messages) expect(message).toContain('EACCES, permission denied');
    expect(JSON.stringify(report)).not.toContain(basePath);
  });
});

/** Arguments of unshare: runs a command with a file system of 2 MiB over a folder, which ends with that command. */
function smallDisk(folder: string, command: readonly string[]): readonly string[] {
  const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
  const script = 'mount -t tmpfs -o size=2m none "$1" && shift && exec "$@"';
  return [...namespaces, 'sh', '-c', script, 'sh', folder, ...command];
}

function start(job: string, access: FileStorageAccess, argument = '', before: readonly string[] = []): ChildProcess {
  const [command, ...args] = [...before, process.execPath, WRITER, job, JSON.stringify(access), argument];
  return spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function finished(child: ChildProcess): Promise<void> {
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
}

const reportSchema = z.object({
  messages: z.array(z.string()),
  old: z.literal('as it was'),
  info: z.object({ name: z.literal('old'), sizeBytes: z.literal(9) }),
  listing: z.object({ artifacts: z.array(z.object({ name: z.string() })), damaged: z.array(z.never()) }),
});

/** What a writer printed that was refused; the old artifacts must be as they were. */
async function refusal(child: ChildProcess): Promise<z.infer<typeof reportSchema>> {
  if (child.stdout === null) throw new Error('The writer has no stdout');
  const report = reportSchema.parse(JSON.parse(await readAll(child.stdout)));
  expect(report.listing.artifacts.map(({ name }) => name)).toEqual(['folder/old', 'old']);
  return report;
}

/** @returns the names of all artifacts, each found to fit its own metadata */
async function expectAllWhole(artifacts: ArtifactStore): Promise<readonly string[]> {
  const listing = await artifacts.list();
  expect(listing.damaged).toEqual([]);
  for (const { name } of listing.artifacts) {
    const { content, info } = await artifacts.load(name);
    const sha256 = createHash('sha256').update(content.data).digest('hex');
    expect({ name, sha256, ...info.metadata }).toEqual({ name, sha256 });
    expect(info).toMatchObject({ type: 'bytes', description: sha256, metadata: { sha256 } });
  }
  return listing.artifacts.map(({ name }) => name);
}

/** After one more save of each name, there is one record an artifact, and nothing half-written. */
async function expectNoLeftovers({ artifactsPath }: FileStorageAccess, artifacts: ArtifactStore): Promise<void> {
  for (const name of CONTESTED) await artifacts.save(name, text('last'));
  const names = (await artifacts.list()).artifacts.map(({ name }) => name);
  const files = await readdir(artifactsPath, { recursive: true, withFileTypes: true });
  const records = files.filter((file) => file.isFile() && file.parentPath.includes('.records'));
  expect(records.filter(({ name }) => name.endsWith('.tmp'))).toEqual([]);
  const perName = new Map<string, number>();
  for (const { name } of records) perName.set(name.slice(0, 64), (perName.get(name.slice(0, 64)) ?? 0) + 1);
  expect(perName.size).toBe(names.length);
  for (const name of CONTESTED) {
    expect(perName.get(createHash('sha256').update(name).digest('hex'))).toBe(1);
  }
}
