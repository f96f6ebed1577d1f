import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';
import { withstand } from './attack.ts';
import { POISONING, REACHING_OUT } from './isolation-attacks.ts';

const TOOLS = {
  'tools/echo.yaml': 'name: echo\ncommand: echo\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'skills/double.ts': '/** Doubles. */\nexport function run(n: number) { return n * 2 }\n',
};

describe('the guest reaches nothing but its namespaces', () => {
  let session: Awaited<ReturnType<typeof openTempSession>>;
  let neighbour: Awaited<ReturnType<typeof openTempSession>>;
  beforeAll(async () => {
    session = await openTempSession(TOOLS);
    neighbour = await openTempSession(TOOLS);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await neighbour[Symbol.asyncDispose]();
  });

  it.each(REACHING_OUT)('reaching out: $name', async (attack) => {
    await withstand(attack, session, neighbour);
  });
});

describe('a run cannot poison later ones', () => {
  it.each(POISONING)('$name', async (attack) => {
    await using session = await openTempSession(TOOLS);
    await using neighbour = await openTempSession(TOOLS);
    const poisoned = await session.run(attack.code);
    expect(poisoned.ok ? poisoned.value : poisoned.error).toEqual(attack.value);
    const after = await session.run(
      `const answer = { list: [1, { two: 2 }], text: await tools.echo({ text: 'still' }), skill: await skills.double(21) }; console.log('seen'); answer`,
    );
    expect(after).toMatchObject({
      ok: true,
      stdout: 'seen\n',
      value: { list: [1, { two: 2 }], text: 'still\n', skill: 42 },
    });
    expect(await neighbour.run('[JSON.stringify({ a: 1 }), [3, 1, 2].sort()]')).toMatchObject({
      ok: true,
      value: ['{"a":1}', [1, 2, 3]],
    });
  });
});

describe('sessions do not see each other', () => {
  it('draws other random numbers in every session and after every restore', async () => {
    const drawn = new Set<unknown>();
    const draw = `[Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint32Array(4)).join()].join()`;
    const sessions = await Promise.all(Array.from({ length: 24 }, () => openTempSession()));
    for (const session of sessions) {
      for (let run = 0; run < 3; run += 1) {
        const result = await session.run(draw);
        expect(result.ok).toBe(true);
        if (result.ok) drawn.add(result.value);
      }
      // A run ended by a limit sends the session back to an earlier memory: it must not draw the same again.
      await session.run('Math.random(); for (;;);', { cpuTimeMs: 20 });
      const again = await session.run(draw);
      if (again.ok) drawn.add(again.value);
    }
    expect(drawn.size).toBe(24 * 4);
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  });

  it('gives no session the memory of another', async () => {
    const secret = 'S3CR3T-' + 'x'.repeat(20);
    for (let round = 0; round < 10; round += 1) {
      const owner = await openTempSession();
      await owner.run(`globalThis.secret = ${JSON.stringify(secret)}.repeat(1000)`);
      await owner[Symbol.asyncDispose]();
      await using thief = await openTempSession();
      const result = await thief.run(`
        const bytes = new Uint8Array(8_000_000); let found = false;
        for (let i = 0; i < bytes.length; i += 4096) if (bytes[i] !== 0) found = true;
        [typeof globalThis.secret, found, Object.keys(globalThis).includes('secret')]`);
      expect(result).toMatchObject({ ok: true, value: ['undefined', false, false] });
    }
  });
});
