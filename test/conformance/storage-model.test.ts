import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactContent, ArtifactInfo, ArtifactListing } from '../../src/contracts/artifact-store.ts';
import type { Stores } from '../../src/contracts/storage.ts';
import { isCodeModeError } from '../../src/errors/code-mode-error.ts';
import { openFileStores } from '../../src/storage/file/file-stores.ts';
import { openStores } from '../../src/storage/open-stores.ts';
import { scratchStorage } from '../storage/file/scratch.ts';
import { redisScratch } from '../support/redis-scratch.ts';
import { RedisServer } from '../support/redis-server.ts';

interface Expected {
  readonly content: ArtifactContent;
  readonly info: ArtifactInfo;
}
type Model = Map<string, Expected>;

class Save implements fc.AsyncCommand<Model, Stores> {
  readonly name: string;
  readonly content: ArtifactContent;
  readonly description: string;

  constructor(name: string, content: ArtifactContent, description: string) {
    this.name = name;
    this.content = content;
    this.description = description;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { artifacts }: Stores): Promise<void> {
    const metadata = { of: this.description };
    const info = await artifacts.save(this.name, this.content, { description: this.description, metadata });
    const { type, data } = this.content;
    const { createdAt } = info;
    const { name: itsName, description } = this;
    assert.deepEqual(info, { name: itsName, type, sizeBytes: data.byteLength, description, metadata, createdAt });
    model.set(this.name, { content: this.content, info });
  }

  toString(): string {
    return `save(${this.name}, ${this.content.type}, ${this.content.data.byteLength} bytes)`;
  }
}

class Load implements fc.AsyncCommand<Model, Stores> {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { artifacts }: Stores): Promise<void> {
    const expected = model.get(this.name);
    assert.deepEqual(await artifacts.info(this.name), expected?.info);
    const loaded = await artifacts.load(this.name).catch((error: unknown) => {
      assert.ok(isCodeModeError(error, 'UNKNOWN_ARTIFACT'));
    });
    assert.deepEqual(loaded, expected);
  }

  toString(): string {
    return `load(${this.name})`;
  }
}

class Delete implements fc.AsyncCommand<Model, Stores> {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, { artifacts }: Stores): Promise<void> {
    assert.equal(await artifacts.delete(this.name), model.delete(this.name));
  }

  toString(): string {
    return `delete(${this.name})`;
  }
}

class List implements fc.AsyncCommand<Model, Stores> {
  check(): boolean {
    return true;
  }

  async run(model: Model, { artifacts }: Stores): Promise<void> {
    const expected = [...model.values()].map(({ info }) => info).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(await artifacts.list(), { artifacts: expected, damaged: [] });
  }

  toString(): string {
    return 'list()';
  }
}

/** No name is a folder of another. */
const name = fc.constantFrom('a', 'b.json', 'c/d', 'c/e.txt', 'c/f/g', 'é');
const content: fc.Arbitrary<ArtifactContent> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((data) => ({ type: 'bytes', data: new Uint8Array(data) }) as const),
  fc.string({ unit: 'grapheme' }).map((value) => ({ type: 'text', data: new TextEncoder().encode(value) }) as const),
  fc.jsonValue().map((value) => ({ type: 'json', data: new TextEncoder().encode(JSON.stringify(value)) }) as const),
);
const commands = fc.commands(
  [
    fc.tuple(name, content, fc.string()).map((parameters) => new Save(...parameters)),
    name.map((value) => new Load(value)),
    name.map((value) => new Delete(value)),
    fc.constant(new List()),
  ],
  { maxCommands: 30 },
);

describe('the artifact store', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('of a FileStorage behaves like a map, whichever of two openings is asked', async () => {
    await fc.assert(
      fc.asyncProperty(commands, fc.array(fc.boolean()), async (run, turns) => {
        await using scratch = await scratchStorage();
        await using other = await openFileStores(scratch.access);
        await expectLikeAMap(run, turns, [scratch.stores, other]);
      }),
      { numRuns: 40 },
    );
  });

  it('of a RedisStorage behaves like a map, whichever of two openings is asked', async () => {
    await fc.assert(
      fc.asyncProperty(commands, fc.array(fc.boolean()), async (run, turns) => {
        await using scratch = await redisScratch(server);
        await using other = await openStores(scratch.access);
        await expectLikeAMap(run, turns, [scratch.stores, other]);
      }),
      { numRuns: 100 },
    );
  });
});

async function expectLikeAMap(
  run: Iterable<fc.AsyncCommand<Model, Stores>>,
  turns: readonly boolean[],
  [first, second]: readonly [Stores, Stores],
): Promise<void> {
  let turn = 0;
  const alternating: Stores = {
    ...first,
    get artifacts() {
      turn += 1;
      return (turns[turn % turns.length] === true ? second : first).artifacts;
    },
  };
  await fc.asyncModelRun(() => ({ model: new Map(), real: alternating }), run);
  expect(await emptied(first)).toEqual({ artifacts: [], damaged: [] });
}

/** Deletes everything, so that what is left over would show. */
async function emptied({ artifacts }: Stores): Promise<ArtifactListing> {
  for (const info of (await artifacts.list()).artifacts) await artifacts.delete(info.name);
  return artifacts.list();
}
