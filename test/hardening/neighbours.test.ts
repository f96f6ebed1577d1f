import { describe, expect, it } from 'vitest';

import { InProcessExecutor } from '../../src/executors/in-process/in-process-executor.ts';
import { openTempSession } from '../support/temp-session.ts';

const NAP = {
  'tools/nap.yaml':
    'name: nap\ncommand: sleep\nschema:\n  positional:\n    - {name: seconds, type: number, required: true}\n',
};

const STUCK = 'new Array(1e9).join("x")';

describe('a thread that has to be ended', () => {
  it('costs the guilty run alone: seven neighbours in it keep their state, and go on with their calls', async () => {
    await using executor = new InProcessExecutor({ workers: 1 });
    const options = { executor };
    await using guilty = await openTempSession(NAP, options);
    const neighbours = await Promise.all(Array.from({ length: 7 }, () => openTempSession(NAP, options)));
    await guilty.run('let mine = "kept"');
    await Promise.all(neighbours.map((session, index) => session.run(`let count = ${index}`)));
    const suspended = neighbours.map((session) =>
      session.run('count += 100; await tools.nap({ seconds: 2 }); count += 1000; count'),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));

    const stuck = guilty.run(`mine = "lost"; ${STUCK}`, { cpuTimeMs: 300 });
    expect(await stuck).toMatchObject({ ok: false, error: { code: 'CPU_LIMIT' } });

    const results = await Promise.all(suspended);
    expect(results.map((result) => (result.ok ? result.value : result.error))).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((index) => index + 1100),
    );
    expect(results.every(({ toolCalls }) => toolCalls.length === 1)).toBe(true);
    expect(await guilty.run('mine')).toMatchObject({ ok: true, value: 'kept' });
    for (const [index, session] of neighbours.entries()) {
      expect(await session.run('count')).toMatchObject({ ok: true, value: index + 1100 });
      await session[Symbol.asyncDispose]();
    }
  });

  it('is ended for a session that is closed in a native loop', async () => {
    await using executor = new InProcessExecutor({ workers: 1 });
    const session = await openTempSession({}, { executor });
    const run = session.run(STUCK, { cpuTimeMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await session[Symbol.asyncDispose]();
    expect(await run).toMatchObject({ ok: false, error: { code: 'SESSION_CLOSED' } });
    await using next = await openTempSession({}, { executor });
    expect(await next.run('1')).toMatchObject({ ok: true, value: 1 });
  });
});

describe('spinning sessions', () => {
  it('leave the host free, and others get their turn', async () => {
    await using executor = new InProcessExecutor({ workers: 2 });
    const spinners = await Promise.all(Array.from({ length: 8 }, () => openTempSession({}, { executor })));
    await using patient = await openTempSession({}, { executor });
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    const spinning = spinners.map((session) => session.run('while (true) {}', { cpuTimeMs: 400 }));
    // It waits for a thread longer than its own time-out: waiting costs it nothing.
    expect(await patient.run('1 + 1', { timeoutMs: 300 })).toMatchObject({ ok: true, value: 2 });
    for (const result of await Promise.all(spinning))
      expect(result).toMatchObject({ ok: false, error: { code: 'CPU_LIMIT' } });
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(20);
    await Promise.all(spinners.map((session) => session[Symbol.asyncDispose]()));
  });

  it('keep their state apart over many sessions, more than threads keep warm', async () => {
    await using executor = new InProcessExecutor({ workers: 2 });
    const sessions = await Promise.all(Array.from({ length: 40 }, () => openTempSession({}, { executor })));
    for (let round = 0; round < 3; round += 1) {
      const results = await Promise.all(
        sessions.map((session, index) => session.run(`globalThis.mine = (globalThis.mine ?? ${index * 10}) + 1; mine`)),
      );
      expect(results.map((result) => (result.ok ? result.value : result.error))).toEqual(
        sessions.map((_, index) => index * 10 + round + 1),
      );
    }
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  });
});
