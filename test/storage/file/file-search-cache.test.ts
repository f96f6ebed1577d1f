import { spawnSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileSearchCache } from '../../../src/storage/file/file-search-cache.ts';
import { encodeRecord, recordsIn } from '../../../src/storage/file/search-records.ts';
import { TempFolder } from '../../support/temp-session.ts';

const key = fc.stringMatching(/^[0-9a-f]{2,64}$/);
const entries = fc.array(fc.tuple(key, fc.uint8Array({ maxLength: 50 })), { maxLength: 20 });

function plain(map: ReadonlyMap<string, Uint8Array>): Record<string, readonly number[]> {
  return Object.fromEntries([...map].map(([name, data]) => [name, [...data]]));
}

async function theFile(folder: string): Promise<string> {
  const [name = ''] = await readdir(folder);
  return join(folder, name);
}

describe('records', () => {
  it('come back as they were, the last of each key', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const file = Buffer.concat(list.map(([name, data]) => encodeRecord(name, data)));
        expect(plain(recordsIn(file))).toEqual(plain(new Map(list)));
        const wanted = new Set(list.slice(0, 3).map(([name]) => name));
        expect([...recordsIn(file, wanted).keys()].toSorted()).toEqual([...wanted].toSorted());
      }),
    );
  });

  it('are whole or not there, whatever else is in the file', () => {
    fc.assert(
      fc.property(entries, fc.uint8Array({ maxLength: 80 }), fc.nat(), fc.nat(), (list, noise, at, torn) => {
        const file = Buffer.concat(list.map(([name, data]) => encodeRecord(name, data)));
        const place = at % (file.byteLength + 1);
        const cut = Math.max(0, place - (torn % 30));
        const damaged = Buffer.concat([file.subarray(0, cut), noise, file.subarray(place)]);
        const all = new Map<string, Set<string>>();
        for (const [name, data] of list)
          all.set(name, (all.get(name) ?? new Set()).add(Buffer.from(data).toString('hex')));
        for (const [name, data] of recordsIn(damaged)) {
          expect(all.get(name)?.has(Buffer.from(data).toString('hex'))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('made to keep a reader busy are given up', () => {
    // A marker every 13 bytes, each with a record that reaches to the end of the file and has another checksum.
    const file = Buffer.alloc(2_000_000);
    const record = encodeRecord('aa', new Uint8Array());
    for (let at = 0; at + 13 < file.byteLength; at += 13) {
      record.copy(file, at, 0, 8);
      file.writeUInt8(0, at + 8);
      file.writeUInt32LE(Math.min(1_000_000, file.byteLength - at - 13), at + 9);
    }
    expect(recordsIn(file, new Set(['']))).toEqual(new Map());
  });
});

describe('a search cache of files', () => {
  it('goes on after a record that a killed writer left torn', async () => {
    using folder = new TempFolder();
    const cache = new FileSearchCache(folder.path);
    await cache.write('s', new Map([['aa', new Uint8Array([1])]]));
    const torn = encodeRecord('bb', new Uint8Array(100));
    await appendFile(await theFile(folder.path), torn.subarray(0, 60));
    await cache.write(
      's',
      new Map([
        ['cc', new Uint8Array([3])],
        ['dd', new Uint8Array(200)],
      ]),
    );
    await cache.write('s', new Map([['ee', new Uint8Array([5])]]));
    const found = await cache.read('s', ['aa', 'bb', 'ee']);
    expect(plain(found)).toEqual({ aa: [1], ee: [5] });
  });

  it('of damaged and hostile files is empty', async () => {
    using folder = new TempFolder();
    const cache = new FileSearchCache(folder.path);
    await cache.write('s', new Map([['aa', new Uint8Array(500).fill(1)]]));
    const path = await theFile(folder.path);
    const data = await readFile(path);
    data[300] = 9;
    await writeFile(path, data);
    expect((await cache.read('s', ['aa'])).size).toBe(0);
    await writeFile(path, '');
    expect((await cache.read('s', ['aa'])).size).toBe(0);
  });

  it('is written anew when most of it is of no use', async () => {
    using folder = new TempFolder();
    const cache = new FileSearchCache(folder.path);
    for (let round = 0; round < 5; round += 1) {
      await cache.write('s', new Map([['aa', new Uint8Array(500_000).fill(round)]]));
    }
    const path = await theFile(folder.path);
    expect((await stat(path)).size).toBeGreaterThan(2_000_000);
    const again = new FileSearchCache(folder.path);
    expect((await again.read('s', ['aa'])).get('aa')).toEqual(Buffer.alloc(500_000, 4));
    expect((await stat(path)).size).toBeLessThan(600_000);
    expect((await again.read('s', ['aa'])).get('aa')?.[0]).toBe(4);
    expect(await readdir(folder.path)).toHaveLength(1);
  });

  it('that can’t be written says so once, and nothing fails', async () => {
    using folder = new TempFolder();
    // A file where the folder should be: that stops root, too.
    await writeFile(join(folder.path, 'cache'), '');
    const program = `
      import { FileSearchCache } from '${new URL('../../../src/storage/file/file-search-cache.ts', import.meta.url).href}';
      const cache = new FileSearchCache(process.argv[1]);
      for (const round of [1, 2]) await cache.write('s', new Map([['aa', new Uint8Array([round])]]));
      process.stdout.write(String((await cache.read('s', ['aa'])).size));`;
    const args = ['--input-type=module', '--eval', program, join(folder.path, 'cache')];
    const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(child.stdout).toBe('0');
    expect(child.stderr.match(/Cannot write the search cache: E\w+; searches work/g)).toHaveLength(1);
  });

  it('takes no folder before it is written to', async () => {
    using folder = new TempFolder();
    const cache = new FileSearchCache(join(folder.path, 'deep', 'cache'));
    expect((await cache.read('s', ['aa'])).size).toBe(0);
    expect(await readdir(folder.path)).toEqual([]);
    await mkdir(join(folder.path, 'deep'));
    await chmod(join(folder.path, 'deep'), 0o755);
    await cache.write('s', new Map([['aa', new Uint8Array([1])]]));
    expect((await cache.read('s', ['aa'])).size).toBe(1);
  });
});
