/** One side of a comparison: does the work once. */
export type Work = () => unknown;

export interface Comparison {
  readonly name: string;
  readonly ours: Work;
  /** What it is measured against, by name. */
  readonly against: Readonly<Record<string, Work>>;
  /** Rounds; in each, every side works once, in turn. Default: 30. */
  readonly rounds?: number;
  /** Pieces of work in one call: times are divided by it. Default: 1. */
  readonly units?: number;
  /** Targets: the most that our median may be of theirs. */
  readonly targets?: Readonly<Record<string, number>>;
}

/**
 * Prints the median times of both sides and their ratio. The sides take turns in one process, so that whatever else
 * the machine does falls on both.
 */
export async function compare({
  name,
  ours,
  against,
  rounds = 30,
  units = 1,
  targets = {},
}: Comparison): Promise<void> {
  const sides = Object.entries({ ours, ...against }).map(([side, work]) => ({ side, work, timesMs: [] as number[] }));
  for (let round = -3; round < rounds; round += 1) {
    for (const { work, timesMs } of sides) {
      const startedAt = performance.now();
      await work();
      if (round >= 0) timesMs.push((performance.now() - startedAt) / units);
    }
  }
  const [mine, ...others] = sides.map(({ side, timesMs }) => ({ side, ms: median(timesMs) }));
  if (mine === undefined) return;
  console.log(`\n${name}: ${format(mine.ms)}`);
  for (const { side, ms } of others) {
    const target = targets[side];
    const verdict =
      target === undefined ? '' : ` (target: at most ${target}) ${mine.ms / ms <= target ? 'met' : 'MISSED'}`;
    console.log(`  ratio to ${side} (${format(ms)}): ${(mine.ms / ms).toFixed(2)}${verdict}`);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function format(ms: number): string {
  return ms < 1 ? `${(ms * 1000).toFixed(0)} us` : `${ms.toFixed(2)} ms`;
}
