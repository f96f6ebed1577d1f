import './errors/require-node.ts';

export { Session } from './session.ts';
export type { HostedSessionOptions, RunOptions, SessionOptions } from './session.ts';
export { FileStorage } from './storage/file/file-storage.ts';
export type { FileStorageOptions } from './storage/file/file-storage.ts';
export { InProcessExecutor } from './executors/in-process/in-process-executor.ts';
export type { InProcessExecutorOptions } from './executors/in-process/in-process-executor.ts';
export { RemoteExecutor } from './executors/remote/remote-executor.ts';
export type { RemoteExecutorOptions } from './executors/remote/remote-executor.ts';
export { SubprocessExecutor } from './executors/subprocess/subprocess-executor.ts';
export type { SubprocessExecutorOptions } from './executors/subprocess/subprocess-executor.ts';
export type { Isolation } from './executors/subprocess/child-starter.ts';
export type { IsolationLayer } from './executors/subprocess/confinement.ts';
export type { EngineName } from './executors/subprocess/messages.ts';
export { CodeModeError, ERROR_CODES, isCodeModeError } from './errors/code-mode-error.ts';
export type { CodeModeErrorOptions, ErrorCode } from './errors/code-mode-error.ts';
export type { ErrorData, SourceLocation } from './errors/error-data.ts';
export { DEFAULT_LIMITS } from './contracts/limits.ts';
export type { Limits } from './contracts/limits.ts';
export type {
  EventListener,
  ExecutionFailure,
  ExecutionResult,
  ExecutionSuccess,
  SessionEvent,
  ToolCallRecord,
} from './contracts/execution.ts';
export type {
  Capability,
  Executor,
  HostedExecutor,
  HostedSandbox,
  Sandbox,
  SandboxRunOptions,
  StartRequest,
} from './contracts/executor.ts';
export type {
  CallToolOptions,
  CreateSkillOptions,
  Facade,
  LoadedArtifact,
  SaveArtifactOptions,
  SkillHit,
  SkillWithSource,
  ToolHit,
} from './contracts/facade.ts';
export type { FileStorageAccess, Storage, StorageAccess, StoredEntry, Stores } from './contracts/storage.ts';
export type {
  ArtifactContent,
  ArtifactInfo,
  ArtifactListing,
  ArtifactOptions,
  ArtifactStore,
  ArtifactType,
} from './contracts/artifact-store.ts';
export type { SearchCache } from './contracts/search-cache.ts';
export type { SkillSource, SkillStore } from './contracts/skill-store.ts';
export type { ToolSource, ToolStore } from './contracts/tool-store.ts';
export type { CallContext, Tool, ToolAdapter, ToolCallable } from './contracts/tool.ts';
export type { JsonSchema, JsonSchemaObject } from './contracts/json-schema.ts';
export type { Skill, SkillParameter } from './contracts/skill.ts';
export type { SearchHit } from './contracts/search.ts';
