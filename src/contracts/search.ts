/** Something to be found: a tool, a callable, a skill. */
export interface SearchDocument {
  /** `curl`, `curl.get`, `report`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly description?: string }[];
}

export interface SearchHit {
  readonly id: string;
  /** From 0 to 1, higher is better; comparable within one answer alone. */
  readonly score: number;
  /** The query's words that matched, as they stand in the document. None: it was found by its meaning alone. */
  readonly matched: readonly string[];
  /** How alike the query and the document are in meaning: the cosine of their vectors. Missing without an embedder. */
  readonly similarity?: number;
}
