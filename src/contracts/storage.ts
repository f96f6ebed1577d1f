import type { ArtifactStore } from './artifact-store.ts';
import type { SearchCache } from './search-cache.ts';
import type { SkillStore } from './skill-store.ts';
import type { ToolStore } from './tool-store.ts';

/** Where tools, skills and artifacts live. */
export interface Storage {
  /** A description that another process can open the same data from: plain, serialisable data. */
  access(): StorageAccess;
}

/**
 * How to reach a storage: plain data, which travels to workers, subprocesses and containers. As text it goes through
 * `encodeAccess` and `decodeAccess`: one that holds secrets shows them masked to whoever prints it, also as JSON.
 */
export type StorageAccess = FileStorageAccess | RedisStorageAccess;

export interface FileStorageAccess {
  readonly kind: 'file';
  /** Absolute path. Relative `cwd`s in tool files start here. */
  readonly basePath: string;
  readonly toolsPath: string;
  readonly skillsPath: string;
  readonly artifactsPath: string;
  /** Sum of the sizes of all artifacts and what is known of them, in bytes; absent: no quota. */
  readonly artifactQuotaBytes?: number;
}

export interface RedisStorageAccess {
  readonly kind: 'redis';
  /** Where to connect; absent when only the user's own client knows. */
  readonly server?: RedisServer;
  /** The user's own client, by a name that means something in the process alone that made it. */
  readonly client?: string;
  /** What the keys of each store begin with: `myapp:tools`. */
  readonly prefixes: RedisPrefixes;
  /** Sum of the sizes of all artifacts and what is known of them, in bytes; absent: no quota. */
  readonly artifactQuotaBytes?: number;
}

export interface RedisPrefixes {
  readonly tools: string;
  readonly skills: string;
  readonly artifacts: string;
}

export interface RedisServer {
  readonly topology: 'single' | 'cluster' | 'sentinel';
  /** The server; some nodes of the cluster; the sentinels. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  /** Present: every connection is encrypted. */
  readonly tls?: RedisTls;
  readonly sentinel?: RedisSentinel;
}

export interface RedisSentinel {
  /** What the sentinels call the master. */
  readonly name: string;
  /** For the sentinels themselves. */
  readonly username?: string;
  readonly password?: string;
}

/** As `tls.connect` of Node takes them; certificates and keys in PEM form. */
export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  /** `false` accepts any certificate. Default: true. */
  readonly rejectUnauthorized?: boolean;
}

/** The three stores of an opened storage, and the cache that lies with them. */
export interface Stores extends AsyncDisposable {
  readonly tools: ToolStore;
  readonly skills: SkillStore;
  readonly artifacts: ArtifactStore;
  readonly searchCache: SearchCache;
}

/** One stored document and the version of its content: another version means it changed. */
export interface StoredEntry {
  /** Tools: the file's name (`curl.yaml`). Skills: the skill's name (`report`). */
  readonly name: string;
  /** Opaque, compared for equality alone. */
  readonly version: string;
}
