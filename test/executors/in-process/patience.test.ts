import { expect, it } from 'vitest';

import { Patience } from '../../../src/executors/in-process/patience.ts';

it('looks less and less often while that is in vain, and at once again when it is not', () => {
  const patience = new Patience();
  const skipped = (): number => {
    let count = 0;
    while (!patience.isWorthIt) count += 1;
    return count;
  };
  const counts = Array.from({ length: 8 }, () => {
    const count = skipped();
    patience.end(false);
    return count;
  });
  expect(counts).toEqual([0, 2, 4, 8, 16, 32, 64, 64]);
  skipped();
  patience.end(true);
  expect(skipped()).toBe(0);
});
