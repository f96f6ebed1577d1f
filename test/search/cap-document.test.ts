import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { SearchDocument } from '../../src/contracts/search.ts';
import { capDocument } from '../../src/search/cap-document.ts';
import { SearchEngine } from '../../src/search/search-engine.ts';

const SMALL: SearchDocument = { id: 'a', name: 'a', description: 'b', tags: ['c'], parameters: [{ name: 'd' }] };

function charactersOf({ name, description, tags, parameters }: SearchDocument): number {
  return [name, description, ...tags, ...parameters.flatMap((parameter) => [parameter.name, parameter.description])]
    .map((text) => text?.length ?? 0)
    .reduce((sum, length) => sum + length, 0);
}

describe('capDocument', () => {
  it('leaves a document of common size as it is', () => {
    expect(capDocument(SMALL)).toBe(SMALL);
  });

  it('leaves some 50,000 characters of any document, and its id', () => {
    const text = fc.integer({ min: 0, max: 10_000 }).map((length) => 'é𝒳'.repeat(length));
    const parameter = fc.record({ name: text, description: text }, { requiredKeys: ['name'] });
    fc.assert(
      fc.property(text, text, parameter, fc.nat({ max: 300 }), (name, description, one, count) => {
        const tags = Array.from({ length: count }, () => description);
        const given = { id: name, name, description, tags, parameters: tags.map(() => one) };
        const capped = capDocument(given);
        expect(capped.id).toBe(name);
        expect(charactersOf(capped)).toBeLessThanOrEqual(Math.min(50_000, charactersOf(given)));
        expect(JSON.stringify(capped)).not.toMatch(/\\ud/);
      }),
      { numRuns: 50 },
    );
  });

  it('says how far a document is searched', async () => {
    const engine = new SearchEngine({ embedder: null });
    engine.update([{ ...SMALL, description: `early ${'x '.repeat(2_000)} late` }]);
    expect(await engine.search('early')).toHaveLength(1);
    expect(await engine.search('late')).toEqual([]);
  });
});
