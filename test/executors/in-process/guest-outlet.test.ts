import { expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../../src/contracts/limits.ts';
import { GuestOutlet } from '../../../src/executors/in-process/guest-outlet.ts';

const answer = { id: 1, ok: true, encoded: { text: '1', plain: true, parts: [] } };

it.each([
  ['where the last slice was', undefined, 2],
  // What is left was counted when the answers had come.
  ['elsewhere, with what is left', 1, 1],
])('allows as many calls at once as the limit says: a slice that goes on %s', (_name, left, allowed) => {
  const violations: string[] = [];
  const outlet = new GuestOutlet({ session: 1, post: () => undefined, violate: ({ code }) => violations.push(code) });
  const call = (): string | undefined => outlet.issueCall('1,1,"tools","a"\n[]', []);
  outlet.enter({ limits: { ...DEFAULT_LIMITS, hostCallsInFlight: 2 }, answers: [], callBytesInFlight: 0 });
  call();
  const limits = left === undefined ? {} : { limits: { ...DEFAULT_LIMITS, hostCallsInFlight: left } };
  outlet.enter({ ...limits, answers: [answer], callBytesInFlight: 0 });
  for (let count = 0; count < allowed; count += 1) expect(call()).toBeUndefined();
  expect(call()).toContain('CALL_LIMIT');
  expect(violations).toEqual(['CALL_LIMIT']);
});
