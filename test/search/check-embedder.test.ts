import { describe, expect, it } from 'vitest';

import type { Embedder } from '../../src/contracts/embedder.ts';
import { checkEmbedder } from '../../src/search/check-embedder.ts';

const EMBEDDER: Embedder = { id: 'mine', dimensions: 4, embed: async () => [] };

describe('checkEmbedder', () => {
  it.each([{}, { dimensions: 1 }, { dimensions: 65_536 }])('takes %o', (own) => {
    expect(() => checkEmbedder({ ...EMBEDDER, ...own })).not.toThrow();
  });

  it.each([
    [{ id: '' }, /its id is ''/],
    [{ dimensions: 0 }, /its dimensions is 0; expected how many numbers a vector has, 1 to 65536/],
    [{ dimensions: -1 }, /dimensions/],
    [{ dimensions: 1.5 }, /dimensions/],
    [{ dimensions: NaN }, /dimensions/],
    [{ dimensions: 65_537 }, /dimensions/],
  ])('refuses %o', (own, message) => {
    expect(() => checkEmbedder({ ...EMBEDDER, ...own })).toThrow(message);
    expect(() => checkEmbedder({ ...EMBEDDER, ...own })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
