/**
 * Keeps what search has derived from documents (vectors, analysed terms), so that the next process need not derive it
 * again. A cache: losing all of it costs time alone. So neither method rejects: what can't be read is not there, and
 * what can't be written is told once, as a process warning.
 *
 * Entries may come from a damaged or hostile store: the reader checks what it gets.
 */
export interface SearchCache {
  /**
   * The entries that are there; reading 10,000 at once is cheap, one by one is not.
   *
   * @param space what made the entries: embedder and format, any text. Spaces never see each other.
   * @param keys content hashes, in hex
   */
  read(space: string, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Adds entries, of at most {@link MAX_SEARCH_ENTRY_BYTES} each. Old ones may be dropped. */
  write(space: string, entries: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** Larger entries are not kept. */
export const MAX_SEARCH_ENTRY_BYTES = 1024 * 1024;
