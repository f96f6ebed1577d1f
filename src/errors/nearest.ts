/** Names longer than this are never suggested: the cost of comparing grows with the square. */
const MAX_COMPARED_LENGTH = 120;
/** More edits than this make another name, and let comparing give up early: there may be 10,000 candidates. */
const MAX_EDITS = 4;

/**
 * The candidates that look most like `name`, the nearest first: for "did you mean" in error messages.
 *
 * A candidate counts as near when a few edits turn one into the other, ignoring case, or when one
 * name contains the other.
 *
 * @param limit how many names to return at most; default 3
 */
export function nearestNames(name: string, candidates: readonly string[], limit = 3): string[] {
  const wanted = name.toLowerCase();
  if (wanted === '' || wanted.length > MAX_COMPARED_LENGTH) return [];
  const scored: { candidate: string; score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const score = scoreOf(wanted, candidate.toLowerCase());
    if (score !== undefined) scored.push({ candidate, score });
  }
  return scored
    .toSorted((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** Lower is nearer; undefined when the two are not alike. */
function scoreOf(wanted: string, candidate: string): number | undefined {
  if (candidate === '' || candidate.length > MAX_COMPARED_LENGTH) return undefined;
  const allowed = Math.min(MAX_EDITS, Math.ceil(0.4 * Math.max(wanted.length, candidate.length)));
  const lengthGap = Math.abs(wanted.length - candidate.length);
  if (lengthGap <= allowed) {
    const distance = editDistance(wanted, candidate, allowed);
    if (distance <= allowed) return distance;
  }
  const contained =
    Math.min(wanted.length, candidate.length) >= 3 && (wanted.includes(candidate) || candidate.includes(wanted));
  return contained ? lengthGap : undefined;
}

/**
 * Edits (insert, delete, replace, swap of neighbours) that turn one text into the other, over UTF-16 units;
 * `Infinity` as soon as it must exceed `allowed`.
 */
function editDistance(a: string, b: string, allowed: number): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped));
    }
    if (Math.min(...row) > allowed) return Infinity;
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
