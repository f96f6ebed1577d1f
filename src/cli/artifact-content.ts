import type { ArtifactContent, ArtifactType } from '../contracts/artifact-store.ts';
import { holds, inferType } from '../storage/infer-type.ts';
import { usageError } from './usage-error.ts';

/**
 * A file's bytes as an artifact, unchanged.
 *
 * @throws {CodeModeError} `INVALID_OPTION` when they are not what `type` says
 */
export function artifactContent(name: string, data: Uint8Array, type?: ArtifactType): ArtifactContent {
  if (type === undefined) return { type: inferType(name, data), data };
  if (holds(type, data)) return { type, data };
  const expected = type === 'json' ? 'JSON' : 'UTF-8 text';
  throw usageError(`Cannot save ${name}: the data is no ${expected}; leave out --type, or say --type bytes`);
}
