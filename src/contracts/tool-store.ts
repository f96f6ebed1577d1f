import type { StoredEntry } from './storage.ts';

/** Tool files, as text. Nothing here knows what a tool file means. */
export interface ToolStore {
  /** Every tool file, sorted by name. Cheap: called on the way into a run. An absent folder is an empty one. */
  list(): Promise<readonly StoredEntry[]>;
  /** `undefined` when it is not there (any more). */
  read(name: string): Promise<ToolSource | undefined>;
  /** Writes atomically. */
  write(name: string, text: string): Promise<void>;
  /**
   * Writes many: each whole or not at all. Much quicker than one by one.
   *
   * @param texts by file name
   * @throws {CodeModeError} as `write`; some may be written by then
   */
  writeAll(texts: ReadonlyMap<string, string>): Promise<void>;
  /** True when there was one. */
  delete(name: string): Promise<boolean>;
}

export interface ToolSource extends StoredEntry {
  /** How messages name it: `tools/curl.yaml`. */
  readonly origin: string;
  /** YAML; JSON is YAML too. */
  readonly text: string;
}
