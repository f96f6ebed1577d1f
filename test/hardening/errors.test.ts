import { describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';
import { matching } from '../tools/matchers.ts';

const MIB = 1024 * 1024;

describe('the error of a run is small, however large what was thrown', () => {
  it.each([
    ['a message', `throw new Error('x'.repeat(8e6))`, /^x{1000}[^]* more characters$/u],
    ['text', `throw 'x'.repeat(8e6)`, /^Uncaught 'x{1000}[^]* more characters$/u],
    ['a name', `throw Object.assign(new Error('m'), { name: 'x'.repeat(8e6) })`, /^m$/u],
    ['a stack', `throw Object.assign(new Error('m'), { stack: '    at x (run-1.ts:1:1)\\n'.repeat(3e5) })`, /^m$/u],
    ['a code', `throw Object.assign(new Error('m'), { code: 'x'.repeat(8e6) })`, /^m$/u],
    ['details', `throw Object.assign(new Error('m'), { details: { x: 'x'.repeat(8e6) } })`, /^m$/u],
    ['control characters', `throw new Error('\\u0001'.repeat(4e6))`, /more characters$/u],
    [
      'causes',
      `let error: Error | undefined; for (let i = 0; i < 100; i++) error = Object.assign(new Error('x'.repeat(1e5)), { cause: error, details: { x: 'x'.repeat(1e5) } }); throw error`,
      /more characters$/u,
    ],
  ])('%s', async (_what, code, message) => {
    await using session = await openTempSession();
    await session.run('let kept = 1');
    const result = await session.run(code);
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'GUEST_ERROR', message: matching(message) },
    });
    expect(JSON.stringify(result).length).toBeLessThan(MIB);
    expect(await session.run('kept')).toMatchObject({ ok: true, value: 1 });
  });
});

describe('what a microtask throws ends the run as what a timer throws', () => {
  it.each([
    ['at once', 'kept = 2\nqueueMicrotask(() => {\n  throw new TypeError("late")\n})\n1'],
    [
      'after an answer',
      'kept = 2; await artifacts.list()\nqueueMicrotask(() => {\n  throw new TypeError("late")\n})\n1',
    ],
    [
      'after it was awaited',
      'kept = 2\nawait new Promise<void>((resolve) => queueMicrotask(() => { resolve();\n  throw new TypeError("late") }))',
    ],
  ])('%s', async (_when, code) => {
    await using session = await openTempSession();
    await session.run('let kept = 1');
    expect(await session.run(code)).toMatchObject({
      ok: false,
      error: { name: 'TypeError', code: 'GUEST_ERROR', message: 'late', location: { line: 3 } },
    });
    expect(await session.run('kept')).toMatchObject({ ok: true, value: 2 });
  });

  it.each([
    ['a finalizer', 'globalThis.registry = new FinalizationRegistry(() => { throw 5 }); registry.register({}, 1); 1'],
    ['many microtasks', 'for (let i = 0; i < 1_000; i++) queueMicrotask(() => { throw 5 }); 1'],
    ['null', 'queueMicrotask(() => { throw null }); queueMicrotask(() => { throw 5 }); 1'],
  ])('%s', async (_what, code) => {
    await using session = await openTempSession();
    expect(await session.run(code)).toMatchObject({ ok: false, error: { code: 'GUEST_ERROR' } });
    expect(await session.run('1 + 1')).toMatchObject({ ok: true, value: 2 });
  });

  it('leaves nothing behind that a later run would throw', async () => {
    await using session = await openTempSession();
    await session.run(`for (let i = 0; i < 3; i++) queueMicrotask(() => { throw new Error('old') })`);
    expect(await session.run('await null; "new"')).toMatchObject({ ok: true, value: 'new' });
  });

  it('is stopped where it never ends', async () => {
    await using session = await openTempSession();
    const code = 'const again = () => { queueMicrotask(again); throw 5 }; again()';
    expect(await session.run(`queueMicrotask(() => { ${code} }); 1`, { cpuTimeMs: 200 })).toMatchObject({
      ok: false,
      error: { code: 'CPU_LIMIT' },
    });
    expect(await session.run('1 + 1')).toMatchObject({ ok: true, value: 2 });
  });
});
