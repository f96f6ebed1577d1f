import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identityOf } from '../../../src/storage/file/artifact-files.ts';
import { ArtifactRecords } from '../../../src/storage/file/artifact-records.ts';
import { scratchStorage, text } from './scratch.ts';
import type { Scratch } from './scratch.ts';

const ENTRIES = {
  'report.json': {
    description: 'A report',
    created_at: '2024-03-01T12:00:00.123456+00:00',
    metadata: { author: 'ann', _data_type: 'json' },
  },
  'raw/data': { description: '', created_at: '2024-03-02T00:00:00+00:00', metadata: { _data_type: 'bytes' } },
  'plain.txt': { description: 'no type', created_at: '2024-03-03T00:00:00+00:00', metadata: {} },
  gone: { description: 'its file is gone', created_at: '2024-03-04T00:00:00+00:00', metadata: {} },
};
const FILES = { 'report.json': '{"sum": 7}', 'raw/data': 'could be text', 'plain.txt': 'text' };

describe('a store in the layout of py-code-mode', () => {
  it('is read', async () => {
    await using scratch = await legacyStore();
    const { artifacts } = scratch.stores;
    const { artifacts: all, damaged } = await artifacts.list();
    expect(damaged).toEqual([]);
    expect(all).toEqual([
      info('plain.txt', 'text', 'no type', '2024-03-03T00:00:00.000Z'),
      info('raw/data', 'bytes', '', '2024-03-02T00:00:00.000Z'),
      { ...info('report.json', 'json', 'A report', '2024-03-01T12:00:00.123Z'), metadata: { author: 'ann' } },
    ]);
    const { content } = await artifacts.load('report.json');
    expect(content).toEqual({ type: 'json', data: new TextEncoder().encode('{"sum": 7}') });
  });

  it('works on, and its index is left as it is', async () => {
    await using scratch = await legacyStore();
    const { artifacts } = scratch.stores;
    await artifacts.save('report.json', text('mine now'), { description: 'new' });
    await artifacts.save('fresh', text('x'));
    expect(await artifacts.info('report.json')).toMatchObject({ type: 'text', description: 'new', metadata: {} });
    expect(await artifacts.delete('raw/data')).toBe(true);
    expect((await artifacts.list()).artifacts.map(({ name }) => name)).toEqual(['fresh', 'plain.txt', 'report.json']);
    expect(JSON.parse(await readFile(indexPath(scratch), 'utf8'))).toEqual(ENTRIES);
  });

  it('does not get old entries back', async () => {
    await using scratch = await legacyStore();
    const { artifacts } = scratch.stores;
    const drop = async (name: string): Promise<void> => {
      const path = join(scratch.access.artifactsPath, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'dropped by hand');
    };
    await artifacts.delete('raw/data');
    await drop('raw/data');
    expect(await artifacts.info('raw/data')).toMatchObject({ type: 'text', description: '' });
    await artifacts.save('report.json', text('mine now'));
    await drop('report.json');
    expect((await artifacts.info('report.json'))?.description).toContain('Changed outside');
    await artifacts.delete('report.json');
    await drop('report.json');
    expect(await artifacts.info('report.json')).toMatchObject({ description: '', metadata: {} });
  });

  it('takes what Python saves after a deletion here', async () => {
    await using scratch = await legacyStore();
    const { artifacts } = scratch.stores;
    await artifacts.delete('plain.txt');
    await writeFile(join(scratch.access.artifactsPath, 'plain.txt'), 'again');
    const entry = { description: 'again', created_at: '2025-01-01T00:00:00+00:00', metadata: { _data_type: 'text' } };
    await writeFile(indexPath(scratch), JSON.stringify({ ...ENTRIES, 'plain.txt': entry }));
    expect(await artifacts.info('plain.txt')).toMatchObject({ description: 'again' });
  });

  it('keeps an entry whose replacement was killed before its data was in place', async () => {
    await using scratch = await legacyStore();
    const { artifacts } = scratch.stores;
    const records = new ArtifactRecords(scratch.access.artifactsPath);
    const path = join(scratch.access.artifactsPath, 'report.json');
    const identity = identityOf(await stat(path, { bigint: true }));
    const temp = await records.writeData('report.json', Buffer.from('new'));
    const record = {
      ...info('report.json', 'text', 'new', new Date().toISOString()),
      sizeBytes: 3,
      sha256: temp.sha256,
      writer: '',
      replaces: identity,
      supersedes: ENTRIES['report.json'].created_at,
    };
    let isWritten = (): void => undefined;
    const written = new Promise<void>((resolve) => (isWritten = resolve));
    void records.commit(record, identityOf(temp.stat), () => {
      isWritten();
      return new Promise(() => undefined);
    });
    await written;
    expect(await artifacts.info('report.json')).toMatchObject({ type: 'json', description: 'A report' });
  });

  it('whose index is damaged is a folder of plain files', async () => {
    await using scratch = await legacyStore();
    await writeFile(indexPath(scratch), '{"report.json": {');
    const { artifacts, damaged } = await scratch.stores.artifacts.list();
    expect(artifacts.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'plain.txt text',
      'raw/data text',
      'report.json json',
    ]);
    expect(damaged).toEqual([{ name: '.artifacts.json', reason: 'the index is not readable' }]);
    await scratch.stores.artifacts.save('new', text('x'));
    expect((await scratch.stores.artifacts.load('new')).info.type).toBe('text');
  });

  it('with one damaged entry names that one', async () => {
    await using scratch = await legacyStore();
    const { artifacts } = scratch.stores;
    await writeFile(indexPath(scratch), JSON.stringify({ ...ENTRIES, 'raw/data': { created_at: 7 } }));
    await writeFile(join(scratch.access.artifactsPath, 'report.json'), 'no json');
    const listing = await artifacts.list();
    expect(listing.damaged.map(({ name }) => name)).toEqual(['raw/data']);
    await expect(artifacts.load('raw/data')).rejects.toMatchObject({ code: 'DAMAGED' });
    await expect(artifacts.load('report.json')).rejects.toMatchObject({ code: 'DAMAGED' });
    await artifacts.save('raw/data', text('whole again'));
    expect((await artifacts.load('raw/data')).info.type).toBe('text');
  });
});

async function legacyStore(): Promise<Scratch> {
  const scratch = await scratchStorage();
  for (const [name, data] of Object.entries(FILES)) {
    const path = join(scratch.access.artifactsPath, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data);
  }
  await writeFile(indexPath(scratch), JSON.stringify(ENTRIES));
  return scratch;
}

function indexPath(scratch: Scratch): string {
  return join(scratch.access.artifactsPath, '.artifacts.json');
}

function info(name: keyof typeof FILES, type: 'bytes' | 'text' | 'json', description: string, createdAt: string) {
  return { name, type, sizeBytes: FILES[name].length, description, metadata: {}, createdAt };
}
