import type { ArtifactInfo } from './artifact-store.ts';
import type { SearchHit } from './search.ts';
import type { Skill } from './skill.ts';
import type { Tool } from './tool.ts';

/**
 * Tools, skills and artifacts as a program sees them beside the agent's code: what the methods of a session of the same
 * names answer. Each question looks at the storage anew.
 */
export interface Facade {
  types(): Promise<string>;
  listTools(): Promise<readonly Tool[]>;
  searchTools(query: string, limit?: number): Promise<readonly ToolHit[]>;
  /** @throws {CodeModeError} what the call failed with. */
  callTool(name: string, args: Readonly<Record<string, unknown>>, options: CallToolOptions): Promise<unknown>;
  listSkills(): Promise<readonly Skill[]>;
  searchSkills(query: string, limit?: number): Promise<readonly SkillHit[]>;
  /** @throws {CodeModeError} `UNKNOWN_SKILL`. */
  getSkill(name: string): Promise<SkillWithSource>;
  /** @throws {CodeModeError} `INVALID_SKILL`, `INVALID_NAME`, `SYNTAX_ERROR`, `SKILL_EXISTS`. */
  addSkill(name: string, source: string, options: CreateSkillOptions): Promise<Skill>;
  removeSkill(name: string): Promise<boolean>;
  listArtifacts(): Promise<readonly ArtifactInfo[]>;
  /** @throws {CodeModeError} `INVALID_NAME`, `INVALID_DATA`, `QUOTA`, `STORAGE`. */
  saveArtifact(name: string, data: unknown, options: SaveArtifactOptions): Promise<ArtifactInfo>;
  /** @throws {CodeModeError} `UNKNOWN_ARTIFACT`, `DAMAGED`, `INVALID_NAME`. */
  loadArtifact(name: string): Promise<LoadedArtifact>;
  /** @throws as `loadArtifact`. */
  streamArtifact(name: string): Promise<ReadableStream<Uint8Array>>;
  deleteArtifact(name: string): Promise<boolean>;
  problems(): Promise<readonly string[]>;
}

/** Something that `tools.search` found: a tool, or one of its callables. */
export interface ToolHit extends SearchHit {
  readonly description: string;
}

export interface SkillHit extends SearchHit {
  readonly description: string;
}

export interface CallToolOptions {
  /** Aborting it ends the call. */
  readonly signal?: AbortSignal;
  /** What the tool writes to stderr, as it comes. */
  readonly onStderr?: (text: string) => void;
}

export interface CreateSkillOptions {
  /** Written into the source as its doc comment, when it has none. */
  readonly description?: string;
  /** Replace a skill of that name. Default: false. */
  readonly overwrite?: boolean;
}

/** A skill and its source. */
export interface SkillWithSource extends Skill {
  readonly source: string;
}

export interface SaveArtifactOptions {
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** An artifact's record and its data: bytes, text, or a JSON value. */
export interface LoadedArtifact extends ArtifactInfo {
  readonly data: unknown;
}
