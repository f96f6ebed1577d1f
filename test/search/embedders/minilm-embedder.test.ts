import { describe, expect, it } from 'vitest';

import { miniLmEmbedder } from '../../../src/embedders.ts';

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined) return NaN;
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));
}

describe('miniLmEmbedder', () => {
  it('knows what texts mean', async () => {
    const [kids, children, weather] = await miniLmEmbedder().embed([
      'games for kids',
      'activities that children enjoy',
      'the wind speed tomorrow',
    ]);
    expect(kids).toHaveLength(miniLmEmbedder().dimensions);
    expect(cosine(kids, children)).toBeGreaterThan(0.5);
    expect(cosine(kids, weather)).toBeLessThan(0.25);
  });

  it('answers requests at once in their order, and after one that was given up', async () => {
    const embedder = miniLmEmbedder();
    await expect(embedder.embed(['x'], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    const [[first], [second]] = await Promise.all([embedder.embed(['one cat']), embedder.embed(['two dogs'])]);
    const [again] = await embedder.embed(['one cat']);
    expect(cosine(first, again)).toBeCloseTo(1);
    expect(cosine(second, again)).toBeLessThan(0.9);
  });
});
