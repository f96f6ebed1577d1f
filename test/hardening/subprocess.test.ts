import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SubprocessExecutor } from '../../src/executors/subprocess/subprocess-executor.ts';
import { openTempSession } from '../support/temp-session.ts';
import { withstand } from './attack.ts';
import type { Attack } from './attack.ts';
import { POISONING, REACHING_OUT } from './isolation-attacks.ts';
import { CPU, ENCODING, MEMORY, NATIVE } from './resource-attacks.ts';

const TOOLS = {
  'tools/echo.yaml': 'name: echo\ncommand: echo\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'skills/double.ts': '/** Doubles. */\nexport function run(n: number) { return n * 2 }\n',
};

/** V8 does them well within the limits. */
const HARMLESS = ['many short native operations', 'a chain of a million promises'];
/** Here the code meets another limit first. */
const ENDS = new Map<string, Attack['ends']>([['endless microtasks', ['CPU_LIMIT', 'MEMORY_LIMIT']]]);

function forV8(attacks: readonly Attack[]): readonly Attack[] {
  return attacks
    .filter(({ name }) => !HARMLESS.includes(name))
    .map((attack) => {
      const ends = ENDS.get(attack.name) ?? attack.ends;
      return ends === undefined ? attack : { ...attack, ends };
    });
}

describe('V8 in a process', () => {
  const executor = new SubprocessExecutor();
  let session: Awaited<ReturnType<typeof openTempSession>>;
  let neighbour: Awaited<ReturnType<typeof openTempSession>>;
  beforeAll(async () => {
    session = await openTempSession(TOOLS, { executor });
    neighbour = await openTempSession(TOOLS, { executor });
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await neighbour[Symbol.asyncDispose]();
    await executor.close();
  });

  describe.each([
    ['reaching out', REACHING_OUT],
    ['CPU', CPU],
    ['encoding', ENCODING],
    ['memory and stack', MEMORY],
    ['native loops', NATIVE],
  ] as const)('withstands: %s', (_class, attacks) => {
    it.each(forV8(attacks))('$name', { timeout: 60_000 }, async (attack) => {
      await withstand(attack, session, neighbour);
    });
  });

  it.each(POISONING)('is not poisoned for later runs: $name', async (attack) => {
    await using poisonedSession = await openTempSession(TOOLS, { executor });
    const poisoned = await poisonedSession.run(attack.code);
    expect(poisoned.ok ? poisoned.value : poisoned.error).toEqual(attack.value);
    expect(
      await poisonedSession.run(
        `const answer = { list: [1, { two: 2 }], text: await tools.echo({ text: 'still' }), skill: await skills.double(21) }; console.log('seen'); answer`,
      ),
    ).toMatchObject({ ok: true, stdout: 'seen\n', value: { list: [1, { two: 2 }], text: 'still\n', skill: 42 } });
  });
});
