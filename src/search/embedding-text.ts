import type { SearchDocument } from '../contracts/search.ts';

/** What begins a new word inside an identifier: `getStockPrice`, `get_stock_price`. */
const SEAM = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|_+/gu;

/**
 * What of a document is embedded: `get stock price: The price of a share (symbol, currency)`. Embedders know words, not
 * identifiers; the description alone, without the name, measured far worse.
 */
export function embeddingText({ name, description, parameters }: SearchDocument): string {
  const names = parameters.map((parameter) => identifierWords(parameter.name)).join(', ');
  return `${identifierWords(name)}: ${description}${names === '' ? '' : ` (${names})`}`;
}

function identifierWords(name: string): string {
  return name.replace(SEAM, ' ').trim();
}
