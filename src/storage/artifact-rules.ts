import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { ArtifactContent, ArtifactInfo, ArtifactOptions } from '../contracts/artifact-store.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { nearestNames } from '../errors/nearest.ts';
import { checkArtifactName, quoted } from './names.ts';

/** The rules for artifacts, the same for every storage, so that data moves from one to another. */

/** As JSON; a description as much, and the metadata as much. All artifacts' are read to list them. */
const MAX_PART_BYTES = 64 * 1024;

/**
 * What will be known of an artifact that is about to be saved.
 *
 * @throws {CodeModeError} `INVALID_NAME`, `INVALID_DATA`
 */
export function describeArtifact(name: string, content: ArtifactContent, options: ArtifactOptions = {}): ArtifactInfo {
  checkArtifactName(name);
  const { type, data } = content;
  if (type !== 'bytes' && !isUtf8(data)) {
    throw invalidData(name, `its ${type} is not UTF-8; save it as bytes`);
  }
  const description = options.description ?? '';
  const metadata = plainJson(name, options.metadata ?? {});
  for (const [what, part] of Object.entries({ description, metadata })) {
    const bytes = Buffer.byteLength(JSON.stringify(part));
    if (bytes > MAX_PART_BYTES)
      throw invalidData(name, `its ${what} has ${bytes} bytes; at most ${MAX_PART_BYTES} are kept`);
  }
  return { name, type, sizeBytes: data.byteLength, description, metadata, createdAt: timeOf(name, options.createdAt) };
}

function timeOf(name: string, given: string | undefined): string {
  if (given === undefined) return new Date().toISOString();
  if (Number.isNaN(Date.parse(given))) throw invalidData(name, `createdAt is ${quoted(given)}; use ISO 8601`);
  return new Date(given).toISOString();
}

/** A copy that a record can hold. */
function plainJson(name: string, metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(metadata)));
  } catch {
    throw invalidData(name, 'its metadata is no plain JSON object; use one');
  }
}

function invalidData(name: string, problem: string): CodeModeError {
  return new CodeModeError('INVALID_DATA', `Cannot save artifacts/${name}: ${problem}`);
}

/** @param sizes of the artifact and of all others, what is known of them included; in bytes */
export function quotaExceeded(
  name: string,
  sizes: { readonly sizeBytes: number; readonly othersBytes: number; readonly quotaBytes: number },
): CodeModeError {
  const { sizeBytes, othersBytes, quotaBytes } = sizes;
  const facts = `it takes ${sizeBytes} bytes${othersBytes === 0 ? '' : `, the others take ${othersBytes}`}`;
  const message = `Cannot save artifacts/${name}: ${facts}; the quota is ${quotaBytes} bytes in all, delete some`;
  return new CodeModeError('QUOTA', message, { details: { ...sizes } });
}

export function nameTaken(name: string, reason: string): CodeModeError {
  return new CodeModeError('INVALID_NAME', `Cannot save artifact ${quoted(name)}: ${reason}; choose another name`);
}

export function damaged(name: string, reason: string): CodeModeError {
  const message = `Cannot load artifacts/${name}: ${reason}; save it again or delete it`;
  return new CodeModeError('DAMAGED', message, { details: { reason } });
}

/** @param names of the artifacts that may be meant */
export function unknownArtifact(name: string, names: readonly string[]): CodeModeError {
  const nearest = nearestNames(name, names);
  const advice =
    nearest.length > 0 ? `did you mean ${nearest.map(quoted).join(' or ')}?` : 'list() shows what there is';
  return new CodeModeError('UNKNOWN_ARTIFACT', `Cannot load artifact ${quoted(name)}: there is none; ${advice}`, {
    details: { nearest },
  });
}
