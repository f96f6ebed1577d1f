import { CodeModeError } from '../../errors/code-mode-error.ts';
import { ArtifactPart } from './artifact-part.ts';
import { skillProblems, toolProblems } from './copy-problems.ts';
import type { Kind } from './kinds.ts';
import type { OpenStore } from './open-store.ts';
import type { CopyContext, CopyProblem, Difference, Skipped } from './part.ts';
import { TextPart } from './text-part.ts';

/** What a copy does, or would do. */
export interface CopyReport {
  /** Of each kind that takes part. */
  readonly kinds: Partial<Record<Kind, Difference>>;
  readonly skipped: readonly Skipped[];
}

export interface CopyOptions {
  /** What it is about, for messages: `bootstrap from ./skills`. */
  readonly action: string;
  readonly kinds: readonly Kind[];
  /** Refuse tools and skills that would not load. */
  readonly check: boolean;
  /** Remove what is only in the target, at the end. A kind that the source has nothing of is left alone. */
  readonly clear: boolean;
  /** Nothing is changed. */
  readonly dryRun: boolean;
}

/** One store and another. */
export interface Route {
  readonly source: OpenStore;
  readonly target: OpenStore;
}

/**
 * Makes a store have what another has. Everything is read and checked before the first write, each thing is written
 * whole or not at all, and what goes is removed last: whenever it ends, nothing is lost that was to stay.
 *
 * @throws {CodeModeError} `INVALID_DATA` with all problems in `details.problems`, or when there is nothing to copy: then
 * nothing was written. `STORAGE` at any time.
 */
export async function copyStore(route: Route, options: CopyOptions, context: CopyContext): Promise<CopyReport> {
  const { action, clear, dryRun } = options;
  const parts = options.kinds.map((kind) => partOf(kind, route, context));
  const { problems, differences } = await examine(parts, options, context);
  if (problems.length > 0) throw refusal(action, problems);
  if (parts.every(({ size }) => size === 0)) {
    throw new CodeModeError('INVALID_DATA', `Cannot ${action}: there is nothing in it; nothing was changed`);
  }
  const changes = parts.flatMap((part) => {
    const difference = differences[part.kind];
    return part.size === 0 || difference === undefined ? [] : [{ part, difference }];
  });
  if (!dryRun) {
    for (const { part, difference } of changes) await part.write([...difference.added, ...difference.changed]);
    if (clear) for (const { part, difference } of changes) await part.remove(difference.removed);
  }
  const kinds: Partial<Record<Kind, Difference>> = {};
  for (const { part, difference } of changes) kinds[part.kind] = clear ? difference : { ...difference, removed: [] };
  return { kinds, skipped: skippedOf(parts, route) };
}

/**
 * Says how two stores differ.
 *
 * @throws {CodeModeError} `INVALID_DATA` for what can't be read
 */
export async function compareStores(
  route: Route,
  options: Pick<CopyOptions, 'action' | 'kinds'>,
  context: CopyContext,
): Promise<CopyReport> {
  const parts = options.kinds.map((kind) => partOf(kind, route, context));
  const { problems, differences } = await examine(parts, { check: false }, context);
  if (problems.length > 0) throw refusal(options.action, problems);
  return { kinds: differences, skipped: skippedOf(parts, route) };
}

async function examine(
  parts: readonly (TextPart | ArtifactPart)[],
  { check }: Pick<CopyOptions, 'check'>,
  context: CopyContext,
): Promise<{ readonly problems: readonly CopyProblem[]; readonly differences: CopyReport['kinds'] }> {
  const found: CopyProblem[] = [];
  const differences: Partial<Record<Kind, Difference>> = {};
  for (const part of parts) {
    await part.load();
    if (check && part instanceof TextPart) {
      const problems = part.kind === 'tools' ? toolProblems : skillProblems;
      found.push(...(await problems(part.texts, context)));
    }
    differences[part.kind] = await part.compare();
  }
  return { problems: [...parts.flatMap((part) => part.problems), ...found], differences };
}

function skippedOf(parts: readonly (TextPart | ArtifactPart)[], { source }: Route): readonly Skipped[] {
  const hasSkills = parts.some(({ kind }) => kind === 'skills');
  const strays = hasSkills ? source.pythonFiles : [];
  return [
    ...parts.flatMap(({ skipped }) => skipped),
    ...strays.map((name): Skipped => ({ kind: 'skills', name, reason: 'it is written in Python' })),
  ];
}

function partOf(kind: Kind, { source, target }: Route, context: CopyContext): TextPart | ArtifactPart {
  if (kind === 'artifacts') return new ArtifactPart(source.artifacts, target.artifacts, context);
  return new TextPart(kind, source, target, context);
}

function refusal(action: string, problems: readonly CopyProblem[]): CodeModeError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(({ message }) => message).join('\n');
  return new CodeModeError('INVALID_DATA', `Cannot ${action}: ${count}; nothing was changed\n${lines}`, {
    details: { problems },
  });
}
