import { expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../src/contracts/limits.ts';
import { encodeValue } from '../../src/protocol/codec/encode.ts';
import { RunCalls } from '../../src/workspace/run-calls.ts';
import { RunClock } from '../../src/workspace/run-clock.ts';
import { containing } from '../tools/matchers.ts';

function makeCalls(limits: { readonly cpuTimeMs: number }): (argument: unknown) => Promise<unknown> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const calls = new RunCalls({
    runId: 'run',
    limits: all,
    clock: new RunClock(all, () => undefined),
    dispatcher: { dispatch: async () => 'served' },
    emit: () => undefined,
  });
  let id = 0;
  return async (argument) => {
    const encoded = encodeValue([argument], { maxBytes: all.callArgumentBytes });
    const answer = await calls.perform({ id: ++id, namespace: 'tools', path: ['echo'], encoded });
    const decoded: unknown = JSON.parse(answer?.encoded.text ?? '');
    return decoded;
  };
}

/** Whoever makes a Set of these compares each with all before it. */
function colliding(count: number): Set<bigint> {
  return new Set(Array.from({ length: count }, (_, index) => BigInt(index + 1) << 64n));
}

it('decodes arguments only as long as the code of the run may take, in all', async () => {
  const call = makeCalls({ cpuTimeMs: 1 });
  expect(await call({ nothing: undefined })).toBe('served');
  expect(await call(colliding(3_000))).toMatchObject({ code: 'INVALID_DATA' });
  expect(await call(Array.from({ length: 1_000 }, () => undefined))).toMatchObject({
    code: 'INVALID_DATA',
    message: containing('it takes too long'),
  });
  expect(await call(/a/)).toMatchObject({ code: 'INVALID_DATA' });
  expect(await call(['plain', 1])).toBe('served');
});
