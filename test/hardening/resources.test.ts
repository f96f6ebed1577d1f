import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';
import { withstand } from './attack.ts';
import { CPU, ENCODING, MEMORY, NATIVE } from './resource-attacks.ts';

describe.each([
  ['CPU', CPU],
  ['encoding', ENCODING],
  ['memory and stack', MEMORY],
  ['native loops', NATIVE],
] as const)('the sandbox stops: %s', (_class, attacks) => {
  let session: Awaited<ReturnType<typeof openTempSession>>;
  let neighbour: Awaited<ReturnType<typeof openTempSession>>;
  beforeAll(async () => {
    session = await openTempSession();
    neighbour = await openTempSession();
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await neighbour[Symbol.asyncDispose]();
  });

  it.each(attacks)('$name', { timeout: 60_000 }, async (attack) => {
    await withstand(attack, session, neighbour);
  });
});

describe('errors that leave a timer or a microtask', () => {
  it.each(['setTimeout', 'queueMicrotask'])('by %s are freed with their run', async (callLater) => {
    await using session = await openTempSession();
    const code = `${callLater}(() => { throw Object.assign(new Error('x'), { big: new Uint8Array(4e6) }) }); await new Promise((resolve) => setTimeout(resolve, 5))`;
    for (let run = 0; run < 25; run += 1)
      expect(await session.run(code)).toMatchObject({ ok: false, error: { code: 'GUEST_ERROR' } });
  });
});

describe('errors that say they are a limit', () => {
  it.each(['MEMORY_LIMIT', 'TIMEOUT', 'CPU_LIMIT', 'SANDBOX_CRASHED', 'ABORTED'])(
    "%s: are the code's own, and undo nothing",
    async (code) => {
      await using session = await openTempSession();
      const result = await session.run(
        `var kept = 1; throw Object.assign(new Error('x'), { name: 'CodeModeError', code: '${code}' })`,
      );
      expect(result).toMatchObject({ ok: false, error: { code: 'GUEST_ERROR' } });
      expect(await session.run('kept')).toMatchObject({ ok: true, value: 1 });
    },
  );
});
