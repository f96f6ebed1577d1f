import type { Kind } from './kinds.ts';

/** What becomes of the names of one kind. Sorted. */
export interface Difference {
  /** Only in the source. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  /** Only in the target. */
  readonly removed: readonly string[];
}

/** Why something can't be copied. */
export interface CopyProblem {
  /** `skills/report.ts` */
  readonly file: string;
  /** Says the file too; several lines where it shows the place in it. */
  readonly message: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Left out, and why. */
export interface Skipped {
  readonly kind: Kind;
  readonly name: string;
  readonly reason: string;
}

/** In the source, and can't be read from it: a damaged record. */
export interface Unreadable extends Skipped {
  /** As it is listed where all must be readable. */
  readonly problem: CopyProblem;
}

/** How far a step is. */
export interface Steps {
  begin(what: string, total: number): void;
  advance(count: number): void;
}

export interface CopyContext {
  readonly signal: AbortSignal;
  readonly steps: Steps;
  /** Upper and lower case are one in the target. */
  readonly foldsCase: boolean;
}

export interface CompareOptions {
  /** What can only be looked at does not count. */
  readonly toCopy: boolean;
}

/** One kind of things on its way from one store to another. Its steps are taken in this order. */
export interface Part {
  readonly kind: Kind;
  /** Reads the source. */
  load(): Promise<void>;
  /** What keeps all from being copied. Grows with each step until the first write. */
  readonly problems: readonly CopyProblem[];
  /** Left out, which hurts nothing. */
  readonly skipped: readonly Skipped[];
  /** What can't be copied itself, and is no reason not to copy the others. Grows with each step. */
  readonly unreadable: readonly Unreadable[];
  /** How many there are to copy. */
  readonly size: number;
  compare(options: CompareOptions): Promise<Difference>;
  /** Each is written whole or not at all. */
  write(names: readonly string[]): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
}

/**
 * @param isSame asked of names that both have
 * @param keep not taken for removed
 */
export async function differenceOf(
  source: readonly string[],
  target: ReadonlySet<string>,
  isSame: (names: readonly string[]) => Promise<ReadonlySet<string>>,
  keep: ReadonlySet<string> = new Set(),
): Promise<Difference> {
  const names = source.toSorted();
  const common = names.filter((name) => target.has(name));
  const same = await isSame(common);
  const own = new Set([...names, ...keep]);
  return {
    added: names.filter((name) => !target.has(name)),
    changed: common.filter((name) => !same.has(name)),
    unchanged: common.filter((name) => same.has(name)),
    removed: [...target].filter((name) => !own.has(name)).toSorted(),
  };
}
