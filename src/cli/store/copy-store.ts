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
  /** False when something that was skipped was to be there: it can't be read. */
  readonly isComplete: boolean;
}

export interface CopyOptions {
  /** What it is about, for messages: `bootstrap from ./skills`. */
  readonly action: string;
  readonly kinds: readonly Kind[];
  /** Refuse what can't be read, and tools and skills that would not load. */
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
 * Makes a store have what another has. Everything that is to be written is read and checked before the first write, each
 * thing is written whole or not at all, and what goes is removed last: whenever it ends, nothing is lost that was to stay.
 * Without `check`, what can't be read is left out, and the report says so.
 *
 * @throws {CodeModeError} `INVALID_DATA` with all problems in `details.problems`, or when there is nothing to copy: then
 * nothing was written. `STORAGE` at any time.
 */
export async function copyStore(route: Route, options: CopyOptions, context: CopyContext): Promise<CopyReport> {
  const { action, clear, dryRun } = options;
  const parts = options.kinds.map((kind) => partOf(kind, route, context));
  const { problems, differences } = await examine(parts, options, context);
  if (problems.length > 0) throw refusal(action, problems);
  if (parts.every(({ size, unreadable }) => size + unreadable.length === 0)) {
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
  return reportOf(parts, route, kinds);
}

/** Says how two stores differ. What can't be read in the source is in `skipped`. @throws {CodeModeError} `STORAGE` */
export async function compareStores(route: Route, kinds: readonly Kind[], context: CopyContext): Promise<CopyReport> {
  const parts = kinds.map((kind) => partOf(kind, route, context));
  const differences: Partial<Record<Kind, Difference>> = {};
  for (const part of parts) {
    await part.load();
    differences[part.kind] = await part.compare({ toCopy: false });
  }
  return reportOf(parts, route, differences);
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
    const difference = await part.compare({ toCopy: true });
    if (check && part instanceof TextPart) found.push(...(await textProblems(part, difference, context)));
    differences[part.kind] = difference;
  }
  const unreadable = check ? parts.flatMap((part) => part.unreadable.map(({ problem }) => problem)) : [];
  return { problems: [...unreadable, ...parts.flatMap((part) => part.problems), ...found], differences };
}

/** Of what is to be written: what the target has as it is stays as it is. */
async function textProblems(
  { kind, texts }: TextPart,
  { added, changed }: Difference,
  context: CopyContext,
): Promise<readonly CopyProblem[]> {
  const names = new Set([...added, ...changed]);
  if (names.size === 0) return [];
  // All tools together: one that is new may have the name of one that is not.
  if (kind === 'tools') return toolProblems(texts, context);
  return skillProblems(new Map([...texts].filter(([name]) => names.has(name))), context);
}

function reportOf(
  parts: readonly (TextPart | ArtifactPart)[],
  { source }: Route,
  differences: CopyReport['kinds'],
): CopyReport {
  const hasSkills = parts.some(({ kind }) => kind === 'skills');
  const strays = hasSkills ? source.pythonFiles : [];
  const unreadable = parts.flatMap((part) => part.unreadable);
  const kinds: Partial<Record<Kind, Difference>> = {};
  for (const { kind, unreadable: left } of parts) {
    const difference = differences[kind];
    if (difference !== undefined) kinds[kind] = without(difference, new Set(left.map(({ name }) => name)));
  }
  const skipped = [
    ...parts.flatMap((part) => part.skipped),
    ...unreadable.map(({ kind, name, reason }) => ({ kind, name, reason })),
    ...strays.map((name): Skipped => ({ kind: 'skills', name, reason: 'it is written in Python' })),
  ];
  return { kinds, skipped, isComplete: unreadable.length === 0 };
}

/** What turned out to be unreadable only when its data was read is not among what was done. */
function without({ added, changed, unchanged, removed }: Difference, left: ReadonlySet<string>): Difference {
  const kept = (names: readonly string[]): readonly string[] => names.filter((name) => !left.has(name));
  return { added: kept(added), changed: kept(changed), unchanged: kept(unchanged), removed };
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
