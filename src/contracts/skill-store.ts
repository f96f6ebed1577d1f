import type { StoredEntry } from './storage.ts';

/** Skill sources, as text, by skill name. Nothing here parses or runs them. */
export interface SkillStore {
  /** Every skill, sorted by name. Cheap: called on the way into a run. Files that start with `_` are left out. */
  list(): Promise<readonly StoredEntry[]>;
  read(name: string): Promise<SkillSource | undefined>;
  /**
   * Writes atomically.
   *
   * @throws {CodeModeError} `SKILL_EXISTS` when there is one and `overwrite` is not set; exactly one of two
   * concurrent writers without `overwrite` succeeds. `INVALID_NAME` for a name that is no identifier.
   */
  write(name: string, source: string, options?: { readonly overwrite?: boolean }): Promise<void>;
  /**
   * Writes many, replacing those of the same names: each whole or not at all. Much quicker than one by one.
   *
   * @param sources by skill name
   * @throws {CodeModeError} as `write`; some may be written by then
   */
  writeAll(sources: ReadonlyMap<string, string>): Promise<void>;
  /** True when there was one. */
  delete(name: string): Promise<boolean>;
}

export interface SkillSource extends StoredEntry {
  /** How messages and stack traces name it: `skills/report.ts`. */
  readonly origin: string;
  /** TypeScript, unless `python` says otherwise. */
  readonly source: string;
  /** Present for a skill that py-code-mode wrote: it is kept and shown, and can't run here. */
  readonly python?: PythonSkill;
}

/** What py-code-mode recorded of a skill. */
export interface PythonSkill {
  readonly description: string;
  readonly parameters: readonly { readonly name: string; readonly description: string; readonly required: boolean }[];
}
