import assert from 'node:assert/strict';

import type { SessionEvent } from '../contracts/execution.ts';
import type { Executor, HostedExecutor } from '../contracts/executor.ts';
import type { Storage } from '../contracts/storage.ts';
import { Session } from '../session.ts';
import type { SessionOptions } from '../session.ts';
import type { TestKit } from './storage-conformance.ts';

export interface ExecutorUnderTest {
  /** One with a storage of its own has that of the last call of `storage`. */
  readonly create: () => Executor;
  /** An empty storage of its own for each call; `files` by path: `tools/x.yaml`, `skills/y.ts`. */
  readonly storage: (files: Readonly<Record<string, string>>) => Promise<Storage & AsyncDisposable>;
}

const FILES = {
  'tools/echo.yaml':
    'name: echo\ncommand: echo\ndescription: Prints its text\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'tools/sleep.yaml':
    'name: sleep\ncommand: sleep\nschema:\n  positional:\n    - {name: seconds, type: number, required: true}\n',
  'skills/shout.ts':
    '/** Prints loudly. */\nexport async function run(text: string): Promise<string> {\n  return (await tools.echo({ text })).trim().toUpperCase()\n}\n',
};

function open(
  storage: Storage,
  executor: Executor,
  options: Omit<SessionOptions, 'storage' | 'executor'> = {},
): Promise<Session> {
  return Session.open(hasOwnStorage(executor) ? { ...options, executor } : { ...options, storage, executor });
}

function hasOwnStorage(executor: Executor): executor is Executor & HostedExecutor {
  return executor.capabilities.has('own-storage');
}

/**
 * The tests that every executor passes, over a storage of the caller's choice.
 *
 * @example
 * import { describe, it } from 'vitest';
 * describeExecutor('MyExecutor', { create, storage }, { describe, it });
 */
export function describeExecutor(title: string, subject: ExecutorUnderTest, { describe, it }: TestKit): void {
  async function using(
    body: (session: Session) => Promise<void>,
    options: Omit<SessionOptions, 'storage' | 'executor'> = {},
  ): Promise<void> {
    await using storage = await subject.storage(FILES);
    await using executor = subject.create();
    await using session = await open(storage, executor, options);
    await body(session);
  }

  describe(`${title}: executor`, () => {
    it('answers with the value of the last expression', () =>
      using(async (session) => {
        assert.partialDeepStrictEqual(await session.run('const n: number = 20; n + 22'), {
          ok: true,
          value: 42,
          stdout: '',
          stderr: '',
          toolCalls: [],
        });
      }));

    it('keeps variables from run to run, and forgets them on reset', () =>
      using(async (session) => {
        await session.run('let count = 1; function next() { return ++count }');
        assert.partialDeepStrictEqual(await session.run('next(); count'), { ok: true, value: 2 });
        await session.reset();
        assert.partialDeepStrictEqual(await session.run('typeof count'), { ok: true, value: 'undefined' });
        assert.partialDeepStrictEqual(await session.run('typeof tools.echo'), { ok: true, value: 'function' });
      }));

    it('keeps the types of values', () =>
      using(async (session) => {
        const result = await session.run(
          `({ u: undefined, n: NaN, i: -Infinity, z: -0, b: 12345678901234567890n, d: new Date(0), r: /a+/gi, m: new Map([[1, new Set(['x'])]]), t: new Float64Array([1.5]), bytes: new Uint8Array([1, 2]) })`,
        );
        assert.deepStrictEqual(result.ok ? result.value : result.error, {
          u: undefined,
          n: Number.NaN,
          i: -Infinity,
          z: -0,
          b: 12_345_678_901_234_567_890n,
          d: new Date(0),
          r: /a+/gi,
          m: new Map([[1, new Set(['x'])]]),
          t: new Float64Array([1.5]),
          bytes: new Uint8Array([1, 2]),
        });
      }));

    it('says where the code failed, and goes on', () =>
      using(async (session) => {
        await session.run('let kept = 1');
        const failed = await session.run('kept = 2\nconst box = null as unknown as { a: number }\nbox.a');
        assert.partialDeepStrictEqual(failed, {
          ok: false,
          error: { name: 'TypeError', code: 'GUEST_ERROR', location: { file: 'run-2.ts', line: 3 } },
        });
        assert.partialDeepStrictEqual(await session.run('kept'), { ok: true, value: 2 });
      }));

    it('reports a syntax error with its place', () =>
      using(async (session) => {
        assert.partialDeepStrictEqual(await session.run('1 +\n+ * 2'), {
          ok: false,
          error: { code: 'SYNTAX_ERROR', location: { line: 2 } },
        });
      }));

    it('calls tools, one by one and at once, and records them', () =>
      using(async (session) => {
        const result = await session.run(
          `const texts = await Promise.all(['a', 'b', 'c'].map((text) => tools.echo({ text }))); texts.join('')`,
        );
        assert.partialDeepStrictEqual(result, { ok: true, value: 'a\nb\nc\n' });
        assert.deepStrictEqual(
          result.toolCalls.map(({ name, outcome }) => [name, outcome]),
          [
            ['tools.echo', 'ok'],
            ['tools.echo', 'ok'],
            ['tools.echo', 'ok'],
          ],
        );
      }));

    it('lets the code catch what a tool failed with', () =>
      using(async (session) => {
        const result = await session.run(
          `try { await tools.ekho({ text: 'x' }) } catch (error) { [error.code, error.message.includes('echo')] }`,
        );
        assert.partialDeepStrictEqual(result, { ok: true, value: ['UNKNOWN_TOOL', true] });
      }));

    it('runs skills, which call tools', () =>
      using(async (session) => {
        assert.partialDeepStrictEqual(
          await session.run(`[await skills.shout('hey'), await skills.invoke('shout', 'you')]`),
          { ok: true, value: ['HEY', 'YOU'] },
        );
      }));

    it('saves a skill that the next run of another session calls', () =>
      using(async (session) => {
        assert.partialDeepStrictEqual(
          await session.run(
            `await skills.create('twice', 'export function run(n: number) { return n * 2 }'); await skills.twice(4)`,
          ),
          { ok: true, value: 8 },
        );
      }));

    it('keeps artifacts', () =>
      using(async (session) => {
        await session.run(`await artifacts.save('report.json', { rows: [1, 2] }, 'the rows')`);
        assert.partialDeepStrictEqual(
          await session.run(
            `const all = await artifacts.list(); [all.map((a) => a.name), await artifacts.load('report.json')]`,
          ),
          {
            ok: true,
            value: [['report.json'], { rows: [1, 2] }],
          },
        );
      }));

    it('streams events in order', () =>
      using(async (session) => {
        const events: SessionEvent[] = [];
        await session.run(`console.log('one'); await tools.echo({ text: 'x' }); console.error('two')`, {
          onEvent: (event) => events.push(event),
        });
        assert.deepStrictEqual(
          events.map(({ type }) => type),
          ['run-start', 'log', 'call-start', 'call-end', 'log', 'run-end'],
        );
      }));

    it('ends a run that takes too long, with what it started', () =>
      using(async (session) => {
        await session.run('let kept = 1');
        assert.partialDeepStrictEqual(await session.run('await tools.sleep({ seconds: 30 })', { timeoutMs: 300 }), {
          ok: false,
          error: { code: 'TIMEOUT' },
          toolCalls: [{ outcome: 'cancelled' }],
        });
        assert.partialDeepStrictEqual(await session.run('for (;;);', { cpuTimeMs: 200 }), {
          ok: false,
          error: { code: 'CPU_LIMIT' },
        });
        assert.partialDeepStrictEqual(await session.run('kept'), { ok: true, value: 1 });
      }));

    it('ends a run when its caller gives up', () =>
      using(async (session) => {
        const controller = new AbortController();
        const run = session.run('await tools.sleep({ seconds: 30 })', { signal: controller.signal });
        setTimeout(() => controller.abort(), 200);
        assert.partialDeepStrictEqual(await run, { ok: false, error: { code: 'ABORTED' } });
        assert.partialDeepStrictEqual(await session.run('1', { signal: AbortSignal.abort() }), {
          ok: false,
          error: { code: 'ABORTED' },
        });
        assert.partialDeepStrictEqual(await session.run('1'), { ok: true, value: 1 });
      }));

    it('warns of a call that nobody awaited', () =>
      using(async (session) => {
        const result = await session.run(`tools.sleep({ seconds: 30 }); 'done'`);
        assert.partialDeepStrictEqual(result, {
          ok: true,
          value: 'done',
          toolCalls: [{ name: 'tools.sleep', outcome: 'cancelled' }],
        });
        assert.match(result.warnings.join('\n'), /tools\.sleep/u);
      }));

    it('answers with an error once it is closed', async () => {
      await using storage = await subject.storage(FILES);
      await using executor = subject.create();
      const session = await open(storage, executor);
      const running = session.run('await tools.sleep({ seconds: 30 })');
      await new Promise((resolve) => setTimeout(resolve, 200));
      await session.close();
      assert.partialDeepStrictEqual(await running, { ok: false, error: { code: 'SESSION_CLOSED' } });
      assert.partialDeepStrictEqual(await session.run('1'), { ok: false, error: { code: 'SESSION_CLOSED' } });
    });
  });
}
