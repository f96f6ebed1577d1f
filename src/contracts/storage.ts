import type { ArtifactStore } from './artifact-store.ts';
import type { SkillStore } from './skill-store.ts';
import type { ToolStore } from './tool-store.ts';

/** Where tools, skills and artifacts live. */
export interface Storage {
  /** A description that another process can open the same data from: plain, serialisable data. */
  access(): StorageAccess;
}

/** How to reach a storage. Plain JSON: it travels to workers, subprocesses and containers. */
export type StorageAccess = FileStorageAccess;

export interface FileStorageAccess {
  readonly kind: 'file';
  /** Absolute path. Relative `cwd`s in tool files start here. */
  readonly basePath: string;
  readonly toolsPath: string;
  readonly skillsPath: string;
  readonly artifactsPath: string;
  /** Sum of the sizes of all artifacts, in bytes; absent: no quota. */
  readonly artifactQuotaBytes?: number;
}

/** The three stores of an opened storage. */
export interface Stores extends AsyncDisposable {
  readonly tools: ToolStore;
  readonly skills: SkillStore;
  readonly artifacts: ArtifactStore;
}

/** One stored document and the version of its content: another version means it changed. */
export interface StoredEntry {
  /** Tools: the file's name (`curl.yaml`). Skills: the skill's name (`report`). */
  readonly name: string;
  /** Opaque, compared for equality alone. */
  readonly version: string;
}
