import { createContext, runInContext } from 'node:vm';

import { expect, it } from 'vitest';

import { GUEST_PRELUDE } from '#guest-prelude';

it('the guest bundle is one expression, a function, and leaves nothing on the global', () => {
  // What the engine brings, and an empty realm of Node's has not.
  const context = createContext({ DOMException });
  const before: unknown = runInContext('Reflect.ownKeys(globalThis)', context);
  expect(runInContext(`typeof ${GUEST_PRELUDE}`, context)).toBe('function');
  expect(runInContext('Reflect.ownKeys(globalThis)', context)).toEqual(before);
});
