import { describe, expect, it } from 'vitest';

import { FileStorage } from '../../src/storage/file/file-storage.ts';
import type { Embedder } from '../../src/contracts/embedder.ts';
import { Session } from '../../src/session.ts';
import { openTempSession, TempFolder } from '../support/temp-session.ts';

const ECHO =
  'name: echo\ncommand: echo\ndescription: Prints its text\nschema:\n  positional:\n    - {name: text, required: true}\n';

/** Calls `run` as JavaScript may: with anything. */
async function runAny(session: Session, ...args: readonly unknown[]): Promise<unknown> {
  return Reflect.apply(Session.prototype.run.bind(session), undefined, args);
}

function containing(text: string): unknown {
  return expect.stringContaining(text);
}

describe('options', () => {
  it.each([
    [{}, 'storage'],
    [{ storage: 'folder' }, 'storage'],
    [{ storage: { access: 1 } }, 'storage'],
    [{ executor: 'container' }, 'executor'],
    [{ id: '' }, 'id'],
    [{ limits: { timeoutMs: -1 } }, 'timeoutMs'],
    [{ limits: { memoryBytes: 'much' } }, 'memoryBytes'],
    [{ limits: { memoryBytes: 2 ** 32 } }, 'memoryBytes'],
    [{ limits: { stackBytes: 1 } }, 'stackBytes'],
    [{ limits: { timeout: 5 } }, 'timeout'],
    [{ limits: null }, 'limits'],
    [{ embedder: { id: '', dimensions: 2, embed: async () => [] } }, 'embedder'],
    [{ embedder: 'minilm' }, 'embedder'],
    [{ limits: { cpuTimeMs: Number.NaN } }, 'cpuTimeMs: got NaN'],
    [{ storge: 1 }, 'did you mean storage'],
  ])('%j is refused, naming %s', (given, named) => {
    using folder = new TempFolder();
    const storage = new FileStorage({ basePath: folder.path });
    const options = Object.keys(given).length === 0 ? given : { storage, ...given };
    expect(() => {
      Reflect.construct(Session, [options]);
    }).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: containing(named) }));
  });

  it('of a run are refused before anything starts', async () => {
    await using session = await openTempSession();
    await expect(session.run('1', { timeoutMs: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(runAny(session, 42)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(runAny(session, '1', { timeout: 1 })).rejects.toThrow('did you mean timeoutMs');
  });

  it.each([
    ['memoryBytes', 1_048_576, 2_147_483_648],
    ['stackBytes', 16_384, 524_288],
  ])('%s is from %i to %i, and code runs with the least', async (name, least, most) => {
    using folder = new TempFolder();
    const storage = new FileStorage({ basePath: folder.path });
    for (const value of [least - 1, most + 1]) {
      expect(() => new Session({ storage, limits: { [name]: value } })).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: containing(`${name}: got ${value}; expected an integer from ${least} to ${most}`),
        }),
      );
    }
    expect(() => new Session({ storage, limits: { [name]: most } })).not.toThrow();
    await using session = await Session.open({ storage, limits: { [name]: least } });
    expect(await session.run('const numbers = [1, 2]; await null; numbers.map((n) => n + 1)')).toMatchObject({
      ok: true,
      value: [2, 3],
    });
  });

  it('of time may be longer than a timer of the host can be', async () => {
    await using session = await openTempSession({}, { limits: { timeoutMs: 2 ** 31, personTimeoutMs: 2 ** 31 } });
    expect(await session.run('await new Promise((resolve) => setTimeout(resolve, 20)); 1')).toMatchObject({
      ok: true,
      value: 1,
    });
  });

  it('of a session hold for its runs, and a run can override them', async () => {
    await using session = await openTempSession({}, { limits: { cpuTimeMs: 100 } });
    expect(await session.run('for (;;);')).toMatchObject({ ok: false, error: { code: 'CPU_LIMIT' } });
    expect(await session.run('"x".repeat(5e7).length', { memoryBytes: 200_000_000, cpuTimeMs: 5_000 })).toMatchObject({
      ok: true,
      value: 5e7,
    });
    expect(await session.run('"x".repeat(5e7).length', { memoryBytes: 8_000_000, cpuTimeMs: 5_000 })).toMatchObject({
      ok: false,
      error: { code: 'MEMORY_LIMIT' },
    });
  });
});

describe('life cycle', () => {
  it('starts on first use', async () => {
    using folder = new TempFolder();
    await using session = new Session({ storage: new FileStorage({ basePath: folder.path }) });
    expect(await session.run('1')).toMatchObject({ ok: true, value: 1 });
  });

  it('answers with an error once closed, and throws from the facade', async () => {
    using folder = new TempFolder();
    const session = await Session.open({ storage: new FileStorage({ basePath: folder.path }) });
    await session.close();
    await session.close();
    expect(await session.run('1')).toMatchObject({ ok: false, error: { code: 'SESSION_CLOSED' } });
    await expect(session.listTools()).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });

  it('queues runs in order', async () => {
    await using session = await openTempSession();
    const results = await Promise.all(
      [1, 2, 3].map((n) =>
        session.run(
          `await new Promise((r) => setTimeout(r, ${40 - n * 10})); globalThis.order = [...(globalThis.order ?? []), ${n}]; order`,
        ),
      ),
    );
    expect(results.map((result) => result.ok && result.value)).toEqual([[1], [1, 2], [1, 2, 3]]);
  });

  it('survives a listener that throws, and says so', async () => {
    await using session = await openTempSession();
    const result = await session.run('console.log(1); 2', {
      onEvent: () => {
        throw new Error('listener');
      },
    });
    expect(result).toMatchObject({ ok: true, value: 2 });
    expect(result.warnings).toEqual(['onEvent threw: listener']);
  });
});

describe('errors outside of the cell itself', () => {
  it('of a timer are errors of the code: they name its line, and the variables stay', async () => {
    await using session = await openTempSession();
    await session.run('let kept = 1');
    const result = await session.run(
      'kept = 2\nsetTimeout(() => {\n  throw new TypeError("late")\n}, 1)\nawait new Promise((r) => setTimeout(r, 500))',
    );
    expect(result).toMatchObject({
      ok: false,
      error: { name: 'TypeError', code: 'GUEST_ERROR', location: { line: 3 } },
    });
    expect(await session.run('kept')).toMatchObject({ ok: true, value: 2 });
  });
});

describe('changes in the folder', () => {
  it('take effect in the next run: tools added, changed, removed', async () => {
    await using session = await openTempSession();
    expect(await session.run('(await tools.list()).length')).toMatchObject({ ok: true, value: 0 });
    await session.folder.write({ 'tools/echo.yaml': ECHO });
    expect(await session.run(`await tools.echo({ text: 'one' })`)).toMatchObject({ ok: true, value: 'one\n' });
    await session.folder.write({ 'tools/echo.yaml': ECHO.replace('command: echo', 'command: printf') });
    expect(await session.run(`await tools.echo({ text: 'two' })`)).toMatchObject({ ok: true, value: 'two' });
  });

  it('report a bad file as a warning, and keep the others', async () => {
    await using session = await openTempSession({
      'tools/echo.yaml': ECHO,
      'tools/bad.yaml': 'name: [',
      'skills/bad.ts': 'export function run( {',
    });
    const result = await session.run(`await skills.list(); await tools.echo({ text: 'fine' })`);
    expect(result).toMatchObject({ ok: true, value: 'fine\n' });
    expect(result.warnings.join('\n')).toMatch(/tools\/bad\.yaml:1:\d+[^]*skills\/bad\.ts/u);
  });

  it('a skill saved by one session is called by the next run of another', async () => {
    await using session = await openTempSession();
    await using other = await Session.open({ storage: new FileStorage({ basePath: session.folder.path }) });
    await session.run(`await skills.create('answer', '/** The answer. */ export const run = () => 42')`);
    expect(await other.run('await skills.answer()')).toMatchObject({ ok: true, value: 42 });
    await session.run(`await skills.create('answer', 'export const run = () => 43', { overwrite: true })`);
    expect(await other.run('await skills.answer()')).toMatchObject({ ok: true, value: 43 });
  });
});

describe('facade', () => {
  it('lists, finds, calls, saves and removes', async () => {
    await using session = await openTempSession({ 'tools/echo.yaml': ECHO });
    expect((await session.listTools()).map(({ name }) => name)).toEqual(['echo']);
    expect((await session.searchTools('print text'))[0]).toMatchObject({ id: 'echo' });
    expect(await session.callTool('echo', { text: 'hi' })).toBe('hi\n');
    await session.addSkill(
      'shout',
      '/** Makes text loud. */\nexport function run(text: string): string { return text.toUpperCase() }',
    );
    expect((await session.searchSkills('loud'))[0]).toMatchObject({ id: 'shout' });
    expect(await session.getSkill('shout')).toMatchObject({ name: 'shout', description: 'Makes text loud.' });
    expect(await session.types()).toMatch(/echo[^]*shout\(text: string\): Promise<string>/u);
    expect(await session.removeSkill('shout')).toBe(true);
    await session.saveArtifact('data/a.bin', new Uint8Array([1, 2, 3]), { description: 'bytes' });
    expect(await session.run(`const it = await artifacts.get('data/a.bin'); [it.data, it.description]`)).toMatchObject({
      ok: true,
      value: [new Uint8Array([1, 2, 3]), 'bytes'],
    });
    expect((await session.loadArtifact('data/a.bin')).data).toEqual(new Uint8Array([1, 2, 3]));
    expect(await session.deleteArtifact('data/a.bin')).toBe(true);
    expect(await session.listArtifacts()).toEqual([]);
    expect(await session.problems()).toEqual([]);
  });
});

describe('skills', () => {
  it('have scopes of their own, compose, and show their own lines in errors', async () => {
    await using session = await openTempSession({
      'skills/fails.ts': '/** Fails. */\nexport function run(): never {\n  throw new TypeError("inside")\n}\n',
      'skills/outer.ts':
        'let calls = 0\nexport async function run(n: number): Promise<number[]> {\n  calls += 1\n  const inner = await Promise.all([skills.inner(n), skills.inner(n + 1)])\n  return [calls, ...inner]\n}\n',
      'skills/inner.ts': 'let calls = 0\nexport const run = async (n: number) => n * 2 + calls++\n',
      'skills/forever.ts': 'export async function run(): Promise<void> { await skills.forever() }\n',
    });
    expect(await session.run('[await skills.outer(1), await skills.outer(2), typeof calls]')).toMatchObject({
      ok: true,
      value: [[1, 2, 4], [1, 4, 6], 'undefined'],
    });
    expect(await session.run('await skills.fails()')).toMatchObject({
      ok: false,
      error: { name: 'TypeError', location: { file: 'skills/fails.ts', line: 3 } },
    });
    expect(await session.run('await skills.forever()')).toMatchObject({ ok: false, error: { code: 'SKILL_DEPTH' } });
    expect(await session.run('await skills.outre(1)')).toMatchObject({
      ok: false,
      error: { code: 'UNKNOWN_SKILL', message: containing('outer') },
    });
  });
});

describe('reset', () => {
  it('is not undone by a late copy of what was there before', async () => {
    await using session = await openTempSession();
    for (let round = 0; round < 5; round += 1) {
      await session.run('let kept = "x".repeat(3e6)');
      await session.reset();
      expect(await session.run('for (;;);', { cpuTimeMs: 50 })).toMatchObject({ ok: false });
      expect(await session.run('typeof kept')).toMatchObject({ ok: true, value: 'undefined' });
    }
  });
});

describe('embedder', () => {
  const SKILLS = {
    'skills/kitten.ts': '/** Feeds the animal. */\nexport const run = () => 1\n',
    'skills/invoice.ts': '/** Bills a customer. */\nexport const run = () => 2\n',
  };
  /** Knows cats from everything else, in any word. */
  const cats: Embedder = {
    id: 'cats',
    dimensions: 2,
    embed: async (texts) =>
      texts.map((text) => (/kitten|tomcat/u.test(text) ? Float32Array.of(1, 0) : Float32Array.of(0, 1))),
  };

  it('of a session is what its searches go by, in the sandbox and on the host', async () => {
    await using session = await openTempSession(SKILLS, { embedder: cats });
    expect(await session.run('(await skills.search("tomcat")).map(({ id }) => id)')).toMatchObject({
      ok: true,
      value: ['kitten'],
    });
    expect(await session.searchSkills('tomcat')).toMatchObject([{ id: 'kitten', matched: [], similarity: 1 }]);
  });

  it('is the own one of each session over the same storage', async () => {
    await using session = await openTempSession(SKILLS, { embedder: cats });
    const storage = new FileStorage({ basePath: session.folder.path });
    await using byWords = await Session.open({ storage, embedder: null });
    expect(await byWords.searchSkills('tomcat')).toEqual([]);
    expect(await byWords.searchSkills('bills')).toMatchObject([{ id: 'invoice' }]);
    expect(await session.searchSkills('tomcat')).toMatchObject([{ id: 'kitten' }]);
  });

  it('that fails leaves searches to the words', async () => {
    const broken: Embedder = { ...cats, id: 'broken', embed: () => Promise.reject(new Error('no such model')) };
    await using session = await openTempSession(SKILLS, { embedder: broken });
    const result = await session.run('(await skills.search("bills")).map(({ id }) => id)');
    expect(result).toMatchObject({ ok: true, value: ['invoice'] });
    expect(result.warnings.join()).toContain('no such model');
  });
});
