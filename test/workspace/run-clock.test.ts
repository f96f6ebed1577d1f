import { expect, it } from 'vitest';

import type { CodeModeError } from '../../src/errors/code-mode-error.ts';
import { RunClock } from '../../src/workspace/run-clock.ts';
import { containing } from '../tools/matchers.ts';

const LONG = 2 ** 40;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A clock of a run that a worker has, and the first expiry. */
function startClock(limits: { timeoutMs: number; personTimeoutMs: number }): {
  readonly clock: RunClock;
  readonly expired: Promise<CodeModeError>;
  readonly expiries: readonly CodeModeError[];
} {
  const expiries: CodeModeError[] = [];
  const { promise, resolve } = Promise.withResolvers<CodeModeError>();
  const clock = new RunClock(limits, (error) => {
    expiries.push(error);
    resolve(error);
  });
  clock.setQueued(false);
  return { clock, expired: promise, expiries };
}

it('ends a run that takes too long', async () => {
  const { expired } = startClock({ timeoutMs: 5, personTimeoutMs: LONG });
  expect(await expired).toMatchObject({ code: 'TIMEOUT', message: containing('5 ms (timeoutMs)') });
});

it('ends a run that waits for a person too long, though its own time has hardly begun', async () => {
  const { clock, expired } = startClock({ timeoutMs: LONG, personTimeoutMs: 5 });
  void clock.waitForPerson(() => expired);
  expect(await expired).toMatchObject({ code: 'TIMEOUT', message: containing('5 ms (personTimeoutMs)') });
});

it('adds up the waits for persons', async () => {
  const { clock, expired, expiries } = startClock({ timeoutMs: LONG, personTimeoutMs: 60 });
  for (let wait = 0; wait < 10 && expiries.length === 0; wait += 1) await clock.waitForPerson(() => sleep(20));
  expect(await expired).toMatchObject({ message: containing('personTimeoutMs') });
});

it('does not count a wait for a person as time of the run', async () => {
  const { clock, expiries } = startClock({ timeoutMs: 2_000, personTimeoutMs: LONG });
  await clock.waitForPerson(async () => {
    const { usedMs } = clock;
    await sleep(20);
    expect(clock.usedMs).toBe(usedMs);
  });
  clock.stop();
  expect(expiries).toEqual([]);
});

it('counts the time of the run again after a person has answered', async () => {
  const { clock, expired } = startClock({ timeoutMs: 30, personTimeoutMs: LONG });
  // The timer of the run fires meanwhile, and finds nothing to do.
  await clock.waitForPerson(() => sleep(60));
  expect(await expired).toMatchObject({ message: containing('timeoutMs') });
});

it('stands still while the run is queued, and once it is stopped', async () => {
  const { clock, expiries } = startClock({ timeoutMs: 20, personTimeoutMs: 20 });
  clock.setQueued(true);
  await sleep(60);
  expect(expiries).toEqual([]);
  clock.stop();
  clock.setQueued(false);
  await clock.waitForPerson(() => sleep(60));
  expect(expiries).toEqual([]);
});

it('waits as long as it is told, though timers of Node do not', async () => {
  const { clock, expiries } = startClock({ timeoutMs: 2 ** 31, personTimeoutMs: 2 ** 31 });
  await sleep(20);
  await clock.waitForPerson(() => sleep(20));
  clock.stop();
  expect(expiries).toEqual([]);
});
