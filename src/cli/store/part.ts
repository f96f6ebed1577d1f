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

/** Left out, which hurts nothing. */
export interface Skipped {
  readonly kind: Kind;
  readonly name: string;
  readonly reason: string;
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

/** One kind of things on its way from one store to another. Its steps are taken in this order. */
export interface Part {
  readonly kind: Kind;
  /** Reads the source. */
  load(): Promise<void>;
  /** What keeps it from being copied. Grows with each step until the first write. */
  readonly problems: readonly CopyProblem[];
  readonly skipped: readonly Skipped[];
  /** How many there are to copy. */
  readonly size: number;
  compare(): Promise<Difference>;
  /** Each is written whole or not at all. */
  write(names: readonly string[]): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
}

/** @param isSame asked of names that both have */
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
