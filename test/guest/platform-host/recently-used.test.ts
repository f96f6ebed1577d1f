import { expect, it } from 'vitest';

import { RecentlyUsed } from '../../../src/guest/platform-host/recently-used.ts';

it('forgets what was not used for longest', () => {
  const cache = new RecentlyUsed<string>(2);
  const made: string[] = [];
  const get = (key: string): string => cache.get(key, (missing) => (made.push(missing), missing.toUpperCase()));
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(get)).toEqual(['A', 'B', 'A', 'C', 'A', 'B']);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

it('keeps nothing of what could not be made', () => {
  const cache = new RecentlyUsed<string>(2);
  const refuse = (): string => {
    throw new RangeError('no');
  };
  expect(() => cache.get('a', refuse)).toThrow(RangeError);
  expect(cache.get('a', () => 'made')).toBe('made');
});
