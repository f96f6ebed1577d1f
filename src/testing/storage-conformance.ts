import assert from 'node:assert/strict';
import type { ArtifactContent, ArtifactStore, ArtifactType } from '../contracts/artifact-store.ts';
import type { Storage, StorageAccess, Stores } from '../contracts/storage.ts';
import type { ToolStore } from '../contracts/tool-store.ts';
import { isCodeModeError } from '../errors/code-mode-error.ts';
import type { ErrorCode } from '../errors/code-mode-error.ts';
import { decodeAccess, encodeAccess } from '../storage/access-text.ts';

/** What the suite needs of a test runner: vitest's, jest's and node:test's functions all fit. */
export interface TestKit {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

export interface StorageUnderTest {
  /** A new, empty storage. `cleanup` removes all of it. */
  create(options?: {
    readonly artifactQuotaBytes?: number;
  }): Promise<{ readonly storage: Storage; readonly cleanup: () => Promise<void> }>;
  open(access: StorageAccess): Promise<Stores>;
  /** Spoils what is stored beside the data of an artifact (its type, description, ...), so that it can't be read. */
  damageArtifact(access: StorageAccess, name: string): Promise<void>;
}

/**
 * The tests that every storage passes: what the docstrings of `Storage` and its three stores promise.
 *
 * @example
 * import { describe, it } from 'vitest';
 * describeStorage('MyStorage', { create, open, damageArtifact }, { describe, it });
 */
export function describeStorage(name: string, underTest: StorageUnderTest, kit: TestKit): void {
  const test: StoresTest = (title, body, options) =>
    kit.it(title, async () => {
      const { storage, cleanup } = await underTest.create(options);
      try {
        const access = storage.access();
        await using stores = await underTest.open(access);
        await body(stores, access);
      } finally {
        await cleanup();
      }
    });
  kit.describe(`${name}: storage`, () => describeAccess(test, underTest));
  kit.describe(`${name}: tools`, () => describeTools(test, underTest));
  kit.describe(`${name}: skills`, () => describeSkills(test, underTest));
  kit.describe(`${name}: artifacts`, () => describeArtifacts(test));
  kit.describe(`${name}: limits of artifacts`, () => describeLimits(test));
  kit.describe(`${name}: hostile artifacts`, () => describeHostileArtifacts(test, underTest));
  kit.describe(`${name}: search cache`, () => describeSearchCache(test, underTest));
}

type StoresTest = (
  title: string,
  body: (stores: Stores, access: StorageAccess) => Promise<void>,
  options?: { readonly artifactQuotaBytes?: number },
) => void;

function describeAccess(test: StoresTest, underTest: StorageUnderTest): void {
  test('access is plain data that opens the same stores', async (stores, access) => {
    await stores.artifacts.save('note', text('hello'));
    await stores.skills.write('report', 'export function run() {}');
    await stores.tools.write('curl.yaml', 'name: curl');
    assert.deepEqual(structuredClone(access), access);
    const travelled = decodeAccess(encodeAccess(access));
    assert.deepEqual(travelled, access);
    await using again = await underTest.open(travelled);
    assert.equal(await loadText(again.artifacts, 'note'), 'hello');
    assert.equal((await again.skills.read('report'))?.source, 'export function run() {}');
    assert.equal((await again.tools.read('curl.yaml'))?.text, 'name: curl');
  });

  test('a new storage is empty', async ({ tools, skills, artifacts }) => {
    assert.deepEqual(await tools.list(), []);
    assert.deepEqual(await skills.list(), []);
    assert.deepEqual(await artifacts.list(), { artifacts: [], damaged: [] });
  });

  test('another storage sees none of it', async (stores) => {
    const { storage, cleanup } = await underTest.create();
    try {
      await stores.artifacts.save('a', text('mine'));
      await stores.skills.write('mine', 'x');
      await stores.tools.write('mine.yaml', 'x');
      await stores.searchCache.write('space', new Map([['ab', encode('x')]]));
      await using other = await underTest.open(storage.access());
      assert.deepEqual([await other.tools.list(), await other.skills.list()], [[], []]);
      assert.deepEqual(await other.artifacts.list(), { artifacts: [], damaged: [] });
      assert.equal((await other.searchCache.read('space', ['ab'])).size, 0);
      assert.equal(await other.artifacts.delete('a'), false);
      assert.equal(await loadText(stores.artifacts, 'a'), 'mine');
    } finally {
      await cleanup();
    }
  });

  test('two openings of one storage see each other’s changes', async (first, access) => {
    await using second = await underTest.open(access);
    await first.artifacts.save('shared', text('1'));
    assert.equal(await loadText(second.artifacts, 'shared'), '1');
    await second.artifacts.save('shared', text('2'));
    assert.equal(await loadText(first.artifacts, 'shared'), '2');
    await first.artifacts.delete('shared');
    assert.equal(await second.artifacts.info('shared'), undefined);
    await first.skills.write('greet', 'one');
    const before = await second.skills.list();
    await first.skills.write('greet', 'two', { overwrite: true });
    const after = await second.skills.list();
    assert.notEqual(after[0]?.version, before[0]?.version);
    assert.equal((await second.skills.read('greet'))?.source, 'two');
  });
}

function describeTools(test: StoresTest, underTest: StorageUnderTest): void {
  test('each listing has what any opening did before it', async ({ tools }, access) => {
    await using other = await underTest.open(access);
    await tools.writeAll(new Map([['x.yaml', 'name: x']]));
    assert.equal((await other.tools.list()).length, 1);
    await other.tools.delete('x.yaml');
    await expectFreshListings(tools, ['a.yaml', 'b.yaml', 'c.yml'], (name, value) => other.tools.write(name, value));
  });

  test('writes, reads, lists sorted and deletes', async ({ tools }) => {
    await tools.write('jq.yml', 'name: jq');
    await tools.write('curl.yaml', 'name: curl # é 😀');
    assert.deepEqual(
      (await tools.list()).map(({ name }) => name),
      ['curl.yaml', 'jq.yml'],
    );
    const source = await tools.read('curl.yaml');
    assert.equal(source?.text, 'name: curl # é 😀');
    assert.equal(source.name, 'curl.yaml');
    assert.equal(source.origin, 'tools/curl.yaml');
    assert.equal(await tools.delete('curl.yaml'), true);
    assert.equal(await tools.delete('curl.yaml'), false);
    assert.equal(await tools.read('curl.yaml'), undefined);
    assert.equal((await tools.list()).length, 1);
  });

  test('the version changes with the content, and only then', async ({ tools }) => {
    await tools.write('a.yaml', 'one');
    const [first] = await tools.list();
    assert.deepEqual(await tools.list(), [first]);
    assert.equal((await tools.read('a.yaml'))?.version, first?.version);
    await tools.write('a.yaml', 'two');
    const [second] = await tools.list();
    assert.notEqual(second?.version, first?.version);
    assert.equal((await tools.read('a.yaml'))?.version, second?.version);
  });

  test('writes many at once', async ({ tools }) => {
    const texts = new Map(Array.from({ length: 700 }, (_, index) => [`t${index}.yaml`, `name: t${index} # ${index}`]));
    await tools.writeAll(texts);
    assert.deepEqual(
      (await tools.list()).map(({ name }) => name),
      [...texts.keys()].toSorted(),
    );
    assert.equal((await tools.read('t699.yaml'))?.text, 'name: t699 # 699');
    await assertRejects(
      tools.writeAll(
        new Map([
          ['fine.yaml', 'x'],
          ['a/b.yaml', 'x'],
        ]),
      ),
      'INVALID_NAME',
    );
    assert.equal(await tools.read('fine.yaml'), undefined);
  });

  test('refuses names that are no tool files', async ({ tools }) => {
    for (const name of ['../a.yaml', '/a.yaml', 'a/b.yaml', 'a\\b.yaml', 'a.txt', '.a.yaml', '', 'a\0.yaml']) {
      await assertRejects(tools.write(name, 'name: a'), 'INVALID_NAME');
      await assertRejects(tools.read(name), 'INVALID_NAME');
    }
    assert.deepEqual(await tools.list(), []);
  });
}

function describeSkills(test: StoresTest, underTest: StorageUnderTest): void {
  test('each listing has what any opening did before it', async ({ skills }, access) => {
    await using other = await underTest.open(access);
    await expectFreshListings(skills, ['alpha', 'beta', 'gamma'], (name, value) =>
      other.skills.write(name, value, { overwrite: true }),
    );
  });

  test('writes, reads, lists sorted and deletes', async ({ skills }) => {
    await skills.write('zip', 'export const run = () => 1;');
    await skills.write('adder', 'export const run = () => "é 😀";');
    assert.deepEqual(
      (await skills.list()).map(({ name }) => name),
      ['adder', 'zip'],
    );
    const skill = await skills.read('adder');
    assert.equal(skill?.source, 'export const run = () => "é 😀";');
    assert.equal(skill.origin, 'skills/adder.ts');
    assert.equal(skill.version, (await skills.list())[0]?.version);
    assert.equal(await skills.delete('adder'), true);
    assert.equal(await skills.delete('adder'), false);
    assert.equal(await skills.read('adder'), undefined);
  });

  test('overwrites only when told to', async ({ skills }) => {
    await skills.write('once', 'one');
    await assertRejects(skills.write('once', 'two'), 'SKILL_EXISTS');
    assert.equal((await skills.read('once'))?.source, 'one');
    const [before] = await skills.list();
    await skills.write('once', 'two', { overwrite: true });
    const [after] = await skills.list();
    assert.equal((await skills.read('once'))?.source, 'two');
    assert.notEqual(after?.version, before?.version);
  });

  test('writes many at once', async ({ skills }, access) => {
    await using other = await underTest.open(access);
    await skills.write('s7', 'old');
    const before = await other.skills.list();
    const sources = new Map(Array.from({ length: 1_200 }, (_, index) => [`s${index}`, `// é ${index}`]));
    await skills.writeAll(sources);
    const listed = await other.skills.list();
    assert.deepEqual(
      listed.map(({ name }) => name),
      [...sources.keys()].toSorted(),
    );
    assert.notEqual(listed.find(({ name }) => name === 's7')?.version, before[0]?.version);
    for (const name of ['s0', 's7', 's1199']) {
      const skill = await other.skills.read(name);
      assert.equal(skill?.source, sources.get(name));
      assert.equal(skill?.version, listed.find((entry) => entry.name === name)?.version);
    }
    await assertRejects(
      skills.writeAll(
        new Map([
          ['fine', 'x'],
          ['not-fine', 'x'],
        ]),
      ),
      'INVALID_NAME',
    );
    assert.equal(await skills.read('fine'), undefined);
  });

  test('exactly one of many concurrent creators succeeds', async ({ skills }) => {
    const attempts = Array.from({ length: 20 }, (_, index) => skills.write('race', `// ${index}`));
    const outcomes = await Promise.allSettled(attempts);
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    assert.equal(winners.length, 1);
    assert.equal((await skills.read('race'))?.source, `// ${winners[0]}`);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(isCodeModeError(outcome.reason, 'SKILL_EXISTS'));
    }
  });

  test('refuses names that are no identifiers, or reserved', async ({ skills }) => {
    const names = ['', 'a-b', '1a', '_a', '../a', 'a/b', 'a.b', 'é', 'a\0', 'a '.repeat(2), 'a'.repeat(101)];
    const reserved = ['list', 'search', 'get', 'invoke', 'create', 'delete', 'then', 'constructor', '__proto__', 'NUL'];
    for (const name of [...names, ...reserved]) {
      await assertRejects(skills.write(name, 'x'), 'INVALID_NAME');
      await assertRejects(skills.read(name), 'INVALID_NAME');
      await assertRejects(skills.delete(name), 'INVALID_NAME');
    }
    assert.deepEqual(await skills.list(), []);
  });
}

function describeArtifacts(test: StoresTest): void {
  test('keeps the time of what comes from elsewhere', async ({ artifacts }) => {
    await artifacts.save('moved', text('hello'), { createdAt: '2020-02-02T03:02:02+01:00' });
    assert.equal((await artifacts.info('moved'))?.createdAt, '2020-02-02T02:02:02.000Z');
    await assertRejects(artifacts.save('moved', text('later'), { createdAt: 'long ago' }), 'INVALID_DATA');
    assert.equal(await loadText(artifacts, 'moved'), 'hello');
  });

  test('keeps bytes, text and JSON, with type and record', async ({ artifacts }) => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    const contents: readonly ArtifactContent[] = [
      { type: 'bytes', data: everyByte },
      { type: 'bytes', data: new Uint8Array() },
      text(''),
      text('Zoë \u{1F600}\n\0'),
      { type: 'json', data: encode('{"a":[1,null]}') },
      // Bytes that could pass for text, in a name that could pass for JSON.
      { type: 'bytes', data: encode('[]') },
    ];
    for (const [index, content] of contents.entries()) {
      const name = `value-${index}.json`;
      const options = { description: `No. ${index}`, metadata: { index, nested: { deep: [true, null, 'é'] } } };
      const saved = await artifacts.save(name, content, options);
      const loaded = await artifacts.load(name);
      assert.deepEqual(loaded.content, content);
      assert.deepEqual(loaded.info, saved);
      assert.deepEqual(await artifacts.info(name), saved);
      const { type, data } = content;
      assert.deepEqual(saved, { name, type, sizeBytes: data.byteLength, ...options, createdAt: saved.createdAt });
      assert.equal(new Date(saved.createdAt).toISOString(), saved.createdAt);
    }
    const { artifacts: all, damaged } = await artifacts.list();
    assert.equal(all.length, contents.length);
    assert.deepEqual(damaged, []);
  });

  test('streams', async ({ artifacts }) => {
    const data = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251);
    const saved = await artifacts.save('large.bin', { type: 'bytes', data });
    const { stream, info } = await artifacts.stream('large.bin');
    assert.deepEqual(info, saved);
    assert.ok(Buffer.concat(await Array.fromAsync(stream)).equals(data));
    const cancelled = await artifacts.stream('large.bin');
    await cancelled.stream.cancel();
    await assertRejects(artifacts.stream('none'), 'UNKNOWN_ARTIFACT');
  });

  test('replaces an artifact with its record', async ({ artifacts }) => {
    await artifacts.save('x', text('long before'), { description: 'old', metadata: { old: true } });
    await artifacts.save('x', { type: 'bytes', data: new Uint8Array([1]) });
    const { content, info } = await artifacts.load('x');
    assert.deepEqual(content, { type: 'bytes', data: new Uint8Array([1]) });
    assert.equal(info.description, '');
    assert.deepEqual(info.metadata, {});
    assert.equal((await artifacts.list()).artifacts.length, 1);
  });

  test('lists sorted, with folders, and deletes', async ({ artifacts }) => {
    for (const name of ['b/c/d.json', 'a', 'b/a', 'b.txt']) await artifacts.save(name, text(name));
    assert.deepEqual(await namesOf(artifacts), ['a', 'b.txt', 'b/a', 'b/c/d.json']);
    assert.equal(await artifacts.delete('b/c/d.json'), true);
    assert.equal(await artifacts.delete('b/c/d.json'), false);
    assert.equal(await artifacts.info('b/c/d.json'), undefined);
    assert.deepEqual(await namesOf(artifacts), ['a', 'b.txt', 'b/a']);
    await artifacts.save('b/c/d.json', text('again'));
    assert.equal(await loadText(artifacts, 'b/c/d.json'), 'again');
  });

  test('an unknown name is an error with the nearest names', async ({ artifacts }) => {
    await artifacts.save('reports/may.json', text('1'));
    const error = await assertRejects(artifacts.load('reports/mai.json'), 'UNKNOWN_ARTIFACT');
    assert.match(error.message, /reports\/may\.json/);
    assert.equal(await artifacts.info('nothing'), undefined);
    assert.equal(await artifacts.delete('nothing'), false);
  });

  test('loses nothing to concurrent writers', async ({ artifacts }) => {
    const count = 50;
    await Promise.all(Array.from({ length: count }, (_, index) => artifacts.save(`n/${index}`, text(`${index}`))));
    assert.equal((await artifacts.list()).artifacts.length, count);
    const versions = Array.from({ length: 20 }, (_, index) => 'v'.repeat(index + 1));
    const work = versions.flatMap((value) => [
      artifacts.save('same', text(value), { metadata: { value } }),
      artifacts.load('n/1'),
      artifacts.list(),
    ]);
    await Promise.all(work);
    const { content, info } = await artifacts.load('same');
    assert.equal(info.metadata['value'], decode(content.data));
  });
}

function describeLimits(test: StoresTest): void {
  test('refuses more than 64 KiB of metadata, and keeps what was there', async ({ artifacts }) => {
    await artifacts.save('x', text('old'));
    const metadata = { note: 'n'.repeat(65_536) };
    await assertRejects(artifacts.save('x', text('new'), { metadata }), 'INVALID_DATA');
    await assertRejects(artifacts.save('x', text('new'), { description: 'd'.repeat(65_536) }), 'INVALID_DATA');
    assert.equal(await loadText(artifacts, 'x'), 'old');
    await artifacts.save('x', text('new'), { description: 'd'.repeat(30_000), metadata: { note: 'n'.repeat(30_000) } });
    assert.equal((await artifacts.info('x'))?.description.length, 30_000);
  });

  test(
    'a quota counts data and what is known of it',
    async ({ artifacts }) => {
      await artifacts.save('a', text('x'.repeat(4_000)));
      await assertRejects(artifacts.save('b', text('x'.repeat(6_000))), 'QUOTA');
      assert.equal(await artifacts.info('b'), undefined);
      // What replaces does not count beside what it replaces.
      for (let round = 0; round < 5; round += 1) await artifacts.save('a', text('y'.repeat(7_000)));
      await assertRejects(artifacts.save('a', text('z'.repeat(11_000))), 'QUOTA');
      assert.equal((await loadText(artifacts, 'a')).length, 7_000);
      await artifacts.delete('a');
      const metadata = { note: 'n'.repeat(3_000) };
      const saves = Array.from({ length: 8 }, (_, index) => artifacts.save(`${index}`, text('x'), { metadata }));
      const outcomes = await Promise.allSettled(saves);
      const [first, ...others] = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.ok(others.length <= 2, `${others.length + 1} of 8 fit`);
      await artifacts.save(first?.name ?? '', text('less'));
    },
    { artifactQuotaBytes: 10_000 },
  );

  test('a stream gives what was there when it began, or fails', async ({ artifacts }) => {
    const data = new Uint8Array(3_000_000).fill(1);
    await artifacts.save('large', { type: 'bytes', data });
    const { stream } = await artifacts.stream('large');
    const reader = stream.getReader();
    const first = await reader.read();
    await artifacts.save('large', { type: 'bytes', data: data.fill(2) });
    const pieces = [first.value ?? new Uint8Array()];
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value);
      assert.deepEqual(new Set(Buffer.concat(pieces)), new Set([1]));
      assert.equal(Buffer.concat(pieces).byteLength, 3_000_000);
    } catch (error) {
      assert.ok(isCodeModeError(error, 'STORAGE'), String(error));
    }
    assert.deepEqual(new Set((await artifacts.load('large')).content.data), new Set([2]));
  });

  test('large artifacts that many save at once are never mixed', async ({ artifacts }) => {
    const sizes = [2_500_000, 3_100_000, 1_500_000, 10];
    const saves = sizes.map((size, index) =>
      artifacts.save('same', { type: 'bytes', data: new Uint8Array(size).fill(index) }, { metadata: { index } }),
    );
    const loads = sizes.map(() => artifacts.load('same').catch(() => undefined));
    await Promise.all(saves);
    for (const loaded of [...(await Promise.all(loads)), await artifacts.load('same')]) {
      if (loaded === undefined) continue;
      const { index } = loaded.info.metadata;
      assert.deepEqual(new Set(loaded.content.data), new Set([index]));
      assert.equal(loaded.content.data.byteLength, sizes[Number(index)]);
    }
  });
}

function describeSearchCache(test: StoresTest, underTest: StorageUnderTest): void {
  test('keeps bytes by space and key, for all openings', async ({ searchCache }, access) => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    const entries = new Map([
      ['00ff', everyByte],
      ['a1', new Uint8Array()],
    ]);
    await searchCache.write('minilm 384 v1', entries);
    await searchCache.write('../other\0space', new Map([['00ff', encode('else')]]));
    await using again = await underTest.open(access);
    const found = await again.searchCache.read('minilm 384 v1', ['a1', 'b2', '00ff']);
    assert.deepEqual(plain(found), plain(entries));
    assert.deepEqual(plain(await again.searchCache.read('../other\0space', ['00ff'])), { '00ff': [...encode('else')] });
    assert.equal((await again.searchCache.read('minilm', ['00ff'])).size, 0);
    assert.equal((await again.searchCache.read('minilm 384 v1', [])).size, 0);
  });

  test('the last of several writes counts', async ({ searchCache }) => {
    for (const value of ['one', 'two', 'three']) await searchCache.write('s', new Map([['ab', encode(value)]]));
    assert.deepEqual(plain(await searchCache.read('s', ['ab'])), { ab: [...encode('three')] });
  });

  test('reads 10,000 entries at once, written by several', async (stores, access) => {
    await using again = await underTest.open(access);
    const keys = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(64, '0'));
    const entryOf = (key: string): [string, Uint8Array] => [key, new Uint8Array(300).fill(Number.parseInt(key, 16))];
    const parts = Array.from({ length: 10 }, (_, part) => keys.slice(part * 1_000, (part + 1) * 1_000));
    await Promise.all(
      parts.map((part, index) =>
        (index % 2 === 0 ? stores : again).searchCache.write('space', new Map(part.map(entryOf))),
      ),
    );
    const found = await again.searchCache.read('space', keys);
    assert.equal(found.size, keys.length);
    for (const key of keys) assert.ok(Buffer.from(entryOf(key)[1]).equals(found.get(key) ?? new Uint8Array()));
  });

  test('leaves out what is too large', async ({ searchCache }) => {
    const large = new Uint8Array(2 * 1024 * 1024);
    await searchCache.write(
      's',
      new Map([
        ['aa', large],
        ['bb', encode('b')],
      ]),
    );
    assert.deepEqual(plain(await searchCache.read('s', ['aa', 'bb'])), { bb: [...encode('b')] });
  });
}

function plain(entries: ReadonlyMap<string, Uint8Array>): Record<string, readonly number[]> {
  return Object.fromEntries([...entries].map(([key, data]) => [key, [...data]]));
}

/** Changes entries through one opening, and looks through another after each change. */
async function expectFreshListings(
  store: Pick<ToolStore, 'list' | 'delete'>,
  names: readonly string[],
  write: (name: string, text: string) => Promise<void>,
): Promise<void> {
  const versions = new Map<string, string>();
  for (const [round, name] of [...names, ...names].entries()) {
    await write(name, `# ${round}`);
    const listed = await store.list();
    assert.deepEqual(
      listed.map((entry) => entry.name),
      [...new Set([...versions.keys(), name])].toSorted(),
    );
    for (const entry of listed) {
      const isSame = versions.get(entry.name) === entry.version;
      assert.equal(isSame, entry.name !== name, `${entry.name} in round ${round}`);
      versions.set(entry.name, entry.version);
    }
  }
  for (const name of names) {
    assert.equal(await store.delete(name), true);
    assert.ok(!(await store.list()).some((entry) => entry.name === name));
  }
  assert.deepEqual(await store.list(), []);
}

/** Each must be refused, and nothing may be written for it. */
const HOSTILE_NAMES: readonly string[] = [
  ['', '.', '..', '../x', 'a/../b', 'a/..', './a', '/etc/passwd', '//x', 'a//b', 'a/', 'C:\\x', 'C:/x', 'c:x'],
  ['a\\b', '..\\x', 'a\0b', 'a\nb', '\u001b[31m', 'a\u007f', 'a\u0085b', 'a.', 'a ', 'a./b', 'a /b'],
  ['.records/x', '.artifacts.json', '.hidden', 'a/.b', 'nul', 'CON', 'a/aux.txt', 'com1', 'LPT9.log', 'prn .x'],
  ['\ud800', 'a\udc00', 'e\u0301', 'x'.repeat(256), 'é'.repeat(128), `${'y/'.repeat(500)}y`],
].flat();

function describeHostileArtifacts(test: StoresTest, underTest: StorageUnderTest): void {
  test('refuses names that lead elsewhere or can’t be kept everywhere', async ({ artifacts }) => {
    for (const name of HOSTILE_NAMES) {
      await assertRejects(artifacts.save(name, text('x')), 'INVALID_NAME');
      await assertRejects(artifacts.load(name), 'INVALID_NAME');
      await assertRejects(artifacts.stream(name), 'INVALID_NAME');
      await assertRejects(artifacts.info(name), 'INVALID_NAME');
      await assertRejects(artifacts.delete(name), 'INVALID_NAME');
    }
    assert.deepEqual(await artifacts.list(), { artifacts: [], damaged: [] });
  });

  test('takes names that only look odd', async ({ artifacts }) => {
    const names = [
      ['__proto__', 'constructor', '__index__', 'a b', '-rf', '~', '$HOME', '*', "it's", 'é', '日本語.txt', '👩‍👧'],
      ['a..b', 'x.json.json', '%2e%2e', 'nullable', 'x'.repeat(255), `${`${'z'.repeat(99)}/`.repeat(9)}z`],
    ].flat();
    for (const name of names) await artifacts.save(name, text(name), { description: name });
    for (const name of names) {
      assert.equal(await loadText(artifacts, name), name);
      assert.equal((await artifacts.info(name))?.description, name);
    }
    assert.deepEqual(await namesOf(artifacts), names.toSorted());
  });

  test('a name is an artifact or a folder, not both', async ({ artifacts }) => {
    await artifacts.save('a', text('file'));
    await assertRejects(artifacts.save('a/b', text('below a file')), 'INVALID_NAME');
    await artifacts.save('f/x', text('in a folder'));
    await assertRejects(artifacts.save('f', text('over a folder')), 'INVALID_NAME');
    await assertRejects(artifacts.load('f'), 'UNKNOWN_ARTIFACT');
    assert.deepEqual(await namesOf(artifacts), ['a', 'f/x']);
  });

  test('refuses data that is not what it is said to be', async ({ artifacts }) => {
    const data = new Uint8Array([0xff, 0xfe]);
    const types: readonly ArtifactType[] = ['text', 'json'];
    for (const type of types) await assertRejects(artifacts.save('x', { type, data }), 'INVALID_DATA');
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    await assertRejects(artifacts.save('x', text('x'), { metadata: cyclic }), 'INVALID_DATA');
    assert.equal(await artifacts.info('x'), undefined);
  });

  test('what is damaged is named and hurts nothing else', async (stores, access) => {
    await stores.artifacts.save('broken', text('x'), { description: 'b' });
    await stores.artifacts.save('whole', text('y'), { description: 'w' });
    await underTest.damageArtifact(access, 'broken');
    await using again = await underTest.open(access);
    const { artifacts, damaged } = await again.artifacts.list();
    assert.deepEqual(
      artifacts.map(({ name }) => name),
      ['whole'],
    );
    assert.deepEqual(
      damaged.map(({ name }) => name),
      ['broken'],
    );
    assert.notEqual(damaged[0]?.reason, '');
    await assertRejects(again.artifacts.load('broken'), 'DAMAGED');
    assert.equal(await loadText(again.artifacts, 'whole'), 'y');
    await again.artifacts.save('broken', text('new'));
    assert.equal(await loadText(again.artifacts, 'broken'), 'new');
    assert.deepEqual((await again.artifacts.list()).damaged, []);
  });
}

function text(value: string): ArtifactContent {
  return { type: 'text', data: encode(value) };
}

function encode(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function decode(data: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
}

async function loadText(artifacts: ArtifactStore, name: string): Promise<string> {
  const { content } = await artifacts.load(name);
  assert.equal(content.type, 'text');
  return decode(content.data);
}

async function namesOf(artifacts: ArtifactStore): Promise<readonly string[]> {
  return (await artifacts.list()).artifacts.map(({ name }) => name);
}

async function assertRejects(work: Promise<unknown>, code: ErrorCode): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isCodeModeError(error, code)) return error;
  throw new assert.AssertionError({ message: `Expected ${code}, got ${String(error)}`, actual: error });
}
