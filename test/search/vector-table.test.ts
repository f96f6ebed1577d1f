import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeVector, encodeVector } from '../../src/search/vector-record.ts';
import { toByteVector, VectorTable } from '../../src/search/vector-table.ts';

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));
}

const anyVector = (dimensions: number): fc.Arbitrary<Float32Array> =>
  fc
    .float32Array({ minLength: dimensions, maxLength: dimensions, min: -100, max: 100, noNaN: true })
    // One that points nowhere has no cosine.
    .map((vector) => (Math.hypot(...vector) > 1e-3 ? vector : vector.with(0, 1)));

describe('VectorTable', () => {
  it.each([1, 15, 16, 17, 128, 384])('has the cosines of vectors of %i dimensions', async (dimensions) => {
    await fc.assert(
      fc.asyncProperty(
        anyVector(dimensions),
        fc.array(anyVector(dimensions), { minLength: 1, maxLength: 20 }),
        async (query, vectors) => {
          const table = await VectorTable.create(dimensions);
          table.reserve(vectors.length);
          for (const [slot, vector] of vectors.entries()) table.set(slot, toByteVector(vector));
          const cosines = table.cosines(toByteVector(query));
          expect(cosines).toHaveLength(vectors.length);
          // Each number is off by at most 1/254 of the largest.
          for (const [slot, vector] of vectors.entries()) {
            expect(Math.abs((cosines[slot] ?? NaN) - cosine(query, vector))).toBeLessThan(0.02 * Math.sqrt(dimensions));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps vectors when it grows, and forgets what is cleared', async () => {
    const table = await VectorTable.create(3);
    const east = toByteVector(Float32Array.of(1, 0, 0));
    table.reserve(1);
    table.set(0, east);
    table.reserve(50_000);
    table.set(49_999, east);
    expect(table.cosines(east)[0]).toBeCloseTo(1);
    expect(table.cosines(east)[49_999]).toBeCloseTo(1);
    expect(table.cosines(east)[1]).toBe(0);
    table.clear(0);
    expect(table.cosines(east)[0]).toBe(0);
  });
});

describe('toByteVector', () => {
  it('makes vectors that are none point nowhere', () => {
    for (const values of [[0, 0], [NaN, 1], [Infinity, 1], []]) {
      expect(toByteVector(Float32Array.from(values)).scale).toBe(0);
    }
  });
});

describe('the record of a vector', () => {
  it('reads back as it was', () => {
    fc.assert(
      fc.property(anyVector(5), (vector) => {
        const bytes = toByteVector(vector);
        expect(decodeVector(encodeVector(bytes), 5)).toEqual({ ...bytes, scale: Math.fround(bytes.scale) });
      }),
    );
  });

  it('is refused when it is of another length', () => {
    const record = encodeVector(toByteVector(Float32Array.of(1, 2, 3)));
    for (const dimensions of [0, 2, 4]) expect(decodeVector(record, dimensions)).toBeUndefined();
  });
});
