/** Named data that outlives a run. */
export interface ArtifactStore {
  /**
   * Saves whole or not at all; replaces an artifact of the same name, its record included.
   *
   * @throws {CodeModeError} `INVALID_NAME`, `QUOTA`, `STORAGE`.
   */
  save(name: string, content: ArtifactContent, options?: ArtifactOptions): Promise<ArtifactInfo>;
  /** @throws {CodeModeError} `UNKNOWN_ARTIFACT` (with near names), `DAMAGED`, `INVALID_NAME`. */
  load(name: string): Promise<{ readonly content: ArtifactContent; readonly info: ArtifactInfo }>;
  /** The data as a stream, for large ones. @throws as `load`. */
  stream(name: string): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly info: ArtifactInfo }>;
  /** What is known of it, without the data; `undefined` when there is none. */
  info(name: string): Promise<ArtifactInfo | undefined>;
  /** All, sorted by name. What is damaged is listed in `damaged` and hurts nothing else. */
  list(): Promise<ArtifactListing>;
  /** True when there was one. */
  delete(name: string): Promise<boolean>;
}

/** `json` data is the JSON text, encoded as UTF-8; `text` data is UTF-8. */
export interface ArtifactContent {
  readonly type: ArtifactType;
  readonly data: Uint8Array;
}

export type ArtifactType = 'bytes' | 'text' | 'json';

export interface ArtifactOptions {
  readonly description?: string;
  /** Plain JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** ISO 8601; for one that moves here from another storage. Default: now. */
  readonly createdAt?: string;
}

export interface ArtifactInfo {
  readonly name: string;
  readonly type: ArtifactType;
  readonly sizeBytes: number;
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface ArtifactListing {
  readonly artifacts: readonly ArtifactInfo[];
  readonly damaged: readonly { readonly name: string; readonly reason: string }[];
}
