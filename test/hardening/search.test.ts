import { describe, expect, it } from 'vitest';

import type { SearchDocument } from '../../src/contracts/search.ts';
import { SearchEngine } from '../../src/search/search-engine.ts';

/** Far above a slice of search, far below what reading texts as long as anybody likes took. */
const LONGEST_HOLD_MS = 2_000;

/** Documents as large as they may count, with the word that is looked for at the very end. */
const LARGE: readonly SearchDocument[] = Array.from({ length: 10 }, (_, index) => ({
  id: `n${index}`,
  name: `n${index}`,
  description: '',
  tags: [],
  parameters: Array.from({ length: 64 }, (_none, place) => ({
    name: `p${place}`,
    description: `${'a1 '.repeat(165)}${place === 63 ? 'last' : ''}`,
  })),
}));

describe('search', () => {
  it('lets others in between searches that become ready together', async () => {
    const engine = new SearchEngine({ embedder: null });
    engine.update(LARGE);
    await engine.ready();
    let done = 0;
    let doneAtTick = 0;
    let mostAtOnce = 0;
    const tick = (): void => {
      mostAtOnce = Math.max(mostAtOnce, done - doneAtTick);
      doneAtTick = done;
      if (done < 12) setImmediate(tick);
    };
    const searches = Array.from({ length: 12 }, async () => {
      const hits = await engine.search('last');
      done++;
      return hits.length;
    });
    setImmediate(tick);
    expect(await Promise.all(searches)).toEqual(searches.map(() => 10));
    await new Promise(setImmediate);
    expect(mostAtOnce).toBeLessThan(6);
  });

  it('holds nobody up for long over documents of any length', async () => {
    const engine = new SearchEngine({ embedder: null });
    const descriptions = Array.from({ length: 3 }, (_, n) =>
      Array.from({ length: 32_000 }, (_word, place) => `w${n}${((place * 7919) % 1_000_003).toString(36)}`).join(' '),
    );
    engine.update(
      descriptions.map((description, n) => ({ id: `n${n}`, name: '', description, tags: [], parameters: [] })),
    );
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await Promise.all(Array.from({ length: 50 }, (_, index) => engine.search(`w${index % 3}`)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    clearInterval(timer);
    expect(longest).toBeLessThan(LONGEST_HOLD_MS);
  });
});
