/**
 * Turns texts into vectors: texts that mean alike get vectors that point alike. What search by meaning is built on.
 *
 * @example
 * const embedder: Embedder = {
 *   id: 'my-model@1',
 *   dimensions: 384,
 *   embed: async (texts) => Promise.all(texts.map((text) => model.encode(text))),
 * };
 */
export interface Embedder {
  /** Names the model and its version, not empty: vectors are kept under it, and those of another id are never mixed in. */
  readonly id: string;
  /** How many numbers a vector has: 1 to 65,536. */
  readonly dimensions: number;
  /**
   * From which cosine two texts count as related: below it, nothing is found by meaning alone. Models differ in it.
   * Default: 0.2.
   */
  readonly relatedFrom?: number;
  /** One vector a text, in their order, of any length (they are normalised). */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
}

export interface EmbedOptions {
  /** Ends the work, which took far too long; the promise rejects. */
  readonly signal?: AbortSignal;
}
