import { expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../../src/contracts/limits.ts';
import type { Limits } from '../../../src/contracts/limits.ts';
import { ActiveRun } from '../../../src/executors/in-process/active-run.ts';
import { faultOfCall, faultOfLog, maxFrameBytes } from '../../../src/executors/subprocess/child-faults.ts';

function run(limits: Partial<Limits> = {}): ActiveRun {
  return new ActiveRun({
    limits: { ...DEFAULT_LIMITS, ...limits },
    number: 1,
    runId: 'run',
    source: '',
    dispatcher: { dispatch: () => new Promise(() => undefined) },
    onStop: () => undefined,
  });
}

function call(id: unknown, json = '[]', member = '"tools","x"') {
  return { text: `${String(id)},1,${member}\n${json}`, parts: [] };
}

it('lets through what an honest process sends', () => {
  expect(faultOfCall(call(3), run(), 2)).toBeUndefined();
  expect(faultOfLog(run(), 'stderr', 'text\n')).toBeUndefined();
});

it.each([
  ['without a name', { text: '1,1,"tools"', parts: [] }, {}, 'without a name'],
  ['with a name of megabytes', call(1, '[]', `"tools","${'x'.repeat(1e6)}"`), {}, 'too long'],
  ['with the number of another', call(0), {}, 'number of another'],
  ['with no number', call('x'), {}, 'number of another'],
  ['beyond hostCalls', call(1), { hostCalls: 0 }, 'more calls'],
  ['beyond hostCallsInFlight', call(1), { hostCallsInFlight: 0 }, 'more calls'],
  ['with large arguments', call(1, `["${'x'.repeat(200)}"]`), { callArgumentBytes: 100 }, 'larger arguments'],
  ['with large parts', { ...call(1), parts: [new ArrayBuffer(200)] }, { callArgumentBytes: 100 }, 'larger arguments'],
] as const)('finds a call %s', (_what, issued, limits, fault) => {
  expect(faultOfCall(issued, run(limits), 0)).toContain(fault);
});

it('counts output against what is left of it', () => {
  const printing = run({ stdoutBytes: 10 });
  expect(faultOfLog(printing, 'stdout', 'éééé\n')).toBeUndefined();
  printing.log('stdout', 'éééé\n');
  expect(faultOfLog(printing, 'stdout', 'é')).toContain('more output');
  expect(faultOfLog(printing, 'stderr', '')).toContain('more output');
});

it('bounds a message by the limits of its run', () => {
  expect(
    maxFrameBytes(run({ resultBytes: 1, callArgumentBytes: 1, stdoutBytes: 1, stderrBytes: 1 }).sliceLimits),
  ).toBeLessThan(10_000_000);
});
