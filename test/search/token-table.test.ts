import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SearchEngine } from '../../src/search/search-engine.ts';
import { readTokenTable, writeTokenTable } from '../../src/search/token-table.ts';
import { tokenTableEmbedder } from '../../src/search/token-table-embedder.ts';

const SMALL = {
  pieces: ['cat', 'dog', '##s'],
  dimensions: 2,
  scales: Float32Array.of(1, 0.5, 1, 0.25),
  rows: Int8Array.of(4, 0, 0, 4, 2, 2, 0, 8),
};

describe('a token table', () => {
  it('adds up the rows of the pieces and the last row', () => {
    const table = readTokenTable(writeTokenTable(SMALL));
    expect(table.dimensions).toBe(2);
    expect(table.embed('cat')).toEqual(Float32Array.of(4, 2));
    const root = Math.sqrt(2);
    expect(table.embed('dogs')[0]).toBeCloseTo(2 / root);
    expect(table.embed('dogs')[1]).toBeCloseTo(2 + (2 + 2) / root);
    expect(table.embed('mice')).toEqual(Float32Array.of(0, 0));
  });

  it('is refused when it is damaged', () => {
    const file = writeTokenTable(SMALL);
    const damages = fc.oneof(
      fc.nat(file.length - 1).map((length) => file.slice(0, length)),
      fc.tuple(fc.nat(19), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
        const copy = Uint8Array.from(file);
        copy[at] = ((copy[at] ?? 0) + by) % 256;
        return copy;
      }),
    );
    fc.assert(
      fc.property(damages, (damaged) => {
        expect(() => readTokenTable(damaged)).toThrow(/Cannot read the token table/);
      }),
    );
  });
});

describe('the table that comes with the package', () => {
  it('has the dimensions that the embedder says', () => {
    const file = readFileSync(new URL('../../assets/token-table.bin', import.meta.url));
    expect(readTokenTable(file).dimensions).toBe(tokenTableEmbedder.dimensions);
    expect(file.length).toBeLessThan(8_000_000);
  });

  it.each([
    ['games that children like', 'playKids'],
    ['will it rain tomorrow', 'forecast'],
    ['what is a share worth', 'stockPrice'],
    ['make this picture smaller', 'resizeImage'],
    ['send a letter to my boss', 'emailMessage'],
  ])('finds what is meant by "%s"', async (query, expected) => {
    const engine = new SearchEngine();
    engine.update(
      Object.entries({
        playKids: 'Fun activities for kids',
        forecast: 'Weather of the coming days',
        stockPrice: 'The current quote of a stock',
        resizeImage: 'Change the width and height of an image',
        emailMessage: 'Deliver mail to an address',
      }).map(([name, description]) => ({ id: name, name, description, tags: [], parameters: [] })),
    );
    expect((await engine.search(query))[0]?.id).toBe(expected);
  });

  it('finds nothing for what is no language', async () => {
    const engine = new SearchEngine();
    engine.update([{ id: 'sort', name: 'sort', description: 'Sort lines', tags: [], parameters: [] }]);
    for (const query of ['123 456', '!!!', '天気']) expect(await engine.search(query)).toEqual([]);
  });
});
