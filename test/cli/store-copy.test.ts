import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyStore } from '../../src/cli/store/copy-store.ts';
import type { CopyReport } from '../../src/cli/store/copy-store.ts';
import { KINDS } from '../../src/cli/store/kinds.ts';
import type { Kind } from '../../src/cli/store/kinds.ts';
import { openTarget } from '../../src/cli/store/open-store.ts';
import type { OpenStore } from '../../src/cli/store/open-store.ts';
import { parseAddress } from '../../src/cli/store/store-address.ts';
import { RedisServer } from '../support/redis-server.ts';
import { TempFolder } from '../support/temp-session.ts';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** What a store holds: texts by name, for each kind. */
type Content = Record<Kind, Record<string, string>>;

const names: Record<Kind, readonly string[]> = {
  tools: ['a.yaml', 'b.yml', 'c.yaml'],
  skills: ['a', 'b', 'toStringy'],
  artifacts: ['a', 'dir/b', 'dir/c.json', '__index__'],
};

const content = fc.record({
  tools: itemsOf('tools'),
  skills: itemsOf('skills'),
  artifacts: itemsOf('artifacts'),
});

function itemsOf(kind: Kind): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(fc.constantFrom(...names[kind]), fc.constantFrom('1', '[2, "é"]', 'three: 3'));
}

/** An empty source is refused. */
function isFilled(items: Content): boolean {
  return KINDS.some((kind) => Object.keys(items[kind]).length > 0);
}

let stores = 0;

/** The same content in a new folder, or below a new prefix. */
async function fill(type: 'file' | 'redis', folder: TempFolder, { tools, skills, artifacts }: Content) {
  stores += 1;
  const text = type === 'file' ? join(folder.path, `store${stores}`) : `${server.url}?prefix=store${stores}`;
  const store = await openTarget(parseAddress('--to', text, undefined));
  await store.tools.writeAll(new Map(Object.entries(tools)));
  await store.skills.writeAll(new Map(Object.entries(skills)));
  for (const [name, value] of Object.entries(artifacts)) {
    const data = new Uint8Array(Buffer.from(value));
    await store.artifacts.save(name, { type: 'text', data }, { description: value, metadata: { value } });
  }
  return store;
}

async function contentOf({ tools, skills, artifacts }: OpenStore): Promise<Content> {
  const found: Content = { tools: {}, skills: {}, artifacts: {} };
  for (const { name } of await tools.list()) found.tools[name] = (await tools.read(name))?.text ?? '';
  for (const { name } of await skills.list()) found.skills[name] = (await skills.read(name))?.source ?? '';
  for (const { name, description, metadata } of (await artifacts.list()).artifacts) {
    found.artifacts[name] = Buffer.from((await artifacts.load(name)).content.data).toString();
    expect({ description, metadata }).toEqual({
      description: found.artifacts[name],
      metadata: { value: found.artifacts[name] },
    });
  }
  return found;
}

async function copy(source: OpenStore, target: OpenStore, clear: boolean, dryRun = false): Promise<CopyReport> {
  const options = { action: 'copy', kinds: KINDS, check: false, clear, dryRun };
  const steps = { begin: () => {}, advance: () => {} };
  return copyStore({ source, target }, options, { signal: new AbortController().signal, steps, foldsCase: false });
}

function expectedAfter(ours: Content, theirs: Content, clear: boolean): Content {
  const of = (kind: Kind): Record<string, string> => {
    const replaces = clear && Object.keys(ours[kind]).length > 0;
    return { ...(replaces ? {} : theirs[kind]), ...ours[kind] };
  };
  return { tools: of('tools'), skills: of('skills'), artifacts: of('artifacts') };
}

describe('copyStore', () => {
  it.each([
    ['file', 'redis'],
    ['redis', 'file'],
  ] as const)('from %s to %s makes what was asked, and then finds nothing to do', async (from, to) => {
    using folder = new TempFolder();
    await fc.assert(
      fc.asyncProperty(content.filter(isFilled), content, fc.boolean(), async (ours, theirs, clear) => {
        await using source = await fill(from, folder, ours);
        await using target = await fill(to, folder, theirs);
        const announced = await copy(source, target, clear, true);
        expect(await contentOf(target)).toEqual(theirs);
        expect(await copy(source, target, clear)).toEqual(announced);
        expect(await contentOf(target)).toEqual(expectedAfter(ours, theirs, clear));
        expect(await contentOf(source)).toEqual(ours);
        const { kinds } = await copy(source, target, clear);
        for (const kind of KINDS) {
          if (kinds[kind] === undefined) continue;
          const unchanged = Object.keys(ours[kind]).toSorted();
          expect(kinds[kind]).toEqual({ added: [], changed: [], removed: [], unchanged });
        }
      }),
      { numRuns: 20 },
    );
  });
});
