import type { SearchDocument } from '../../src/contracts/search.ts';

/** What is used of MiniSearch, which `benchmarks/package.json` has: the project type-checks without it. */
type MiniSearch = new (options: { readonly fields: readonly string[] }) => {
  addAll(documents: readonly object[]): void;
  search(query: string): readonly { readonly id: number }[];
};

/** MiniSearch by its defaults, over the same texts. */
export async function openMiniSearch(
  documents: readonly SearchDocument[],
): Promise<(query: string, limit: number) => string[]> {
  const index = new (await importMiniSearch())({ fields: ['name', 'description', 'parameters'] });
  index.addAll(
    documents.map(({ name, description, parameters }, id) => ({
      id,
      name,
      description,
      parameters: parameters.map((parameter) => `${parameter.name} ${parameter.description ?? ''}`).join(' '),
    })),
  );
  return (query, limit) => {
    const hits = index.search(query).slice(0, limit);
    return hits.map(({ id }) => documents[id]?.id ?? '');
  };
}

async function importMiniSearch(): Promise<MiniSearch> {
  const name: string = 'minisearch';
  const library: unknown = await import(name).catch((error: unknown) => {
    throw new Error('Cannot compare with MiniSearch: it is not installed; run npm ci in benchmarks/', { cause: error });
  });
  if (hasMiniSearch(library)) return library.default;
  throw new Error('Cannot compare with MiniSearch: what is installed is another package; run npm ci in benchmarks/');
}

function hasMiniSearch(library: unknown): library is { readonly default: MiniSearch } {
  return (
    typeof library === 'object' && library !== null && 'default' in library && typeof library.default === 'function'
  );
}
