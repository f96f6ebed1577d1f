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
  /** Higher is better; comparable within one answer alone. */
  readonly score: number;
  /** The query's words that matched, as they stand in the document. */
  readonly matched: readonly string[];
}
