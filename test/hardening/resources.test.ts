import { afterAll, beforeAll, describe, it } from 'vitest';

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
