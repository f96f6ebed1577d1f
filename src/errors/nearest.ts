/** Names longer than this are never suggested: the cost of comparing grows with the square. */
const MAX_COMPARED_LENGTH = 120;
/** More edits than this make another name, and let comparing give up early. */
const MAX_EDITS = 4;
const TOO_MANY = 1_000;
/** As many are compared letter by letter; of more, those that begin and end most like the name. */
const MAX_CANDIDATES = 1_000;

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
  for (const candidate of likeliest(wanted, [...new Set(candidates)])) {
    const score = scoreOf(wanted, candidate.toLowerCase());
    if (score !== undefined) scored.push({ candidate, score });
  }
  return scored
    .toSorted((a, b) => a.score - b.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** At most `MAX_CANDIDATES`, by what costs little to see. */
function likeliest(wanted: string, candidates: readonly string[]): readonly string[] {
  if (candidates.length <= MAX_CANDIDATES) return candidates;
  const comparable = candidates.filter(({ length }) => length <= MAX_COMPARED_LENGTH);
  const byLikeness = Map.groupBy(comparable, (candidate) => sharedEnds(wanted, candidate.toLowerCase()));
  const likest = [...byLikeness].toSorted(([a], [b]) => b - a);
  return likest.flatMap(([, alike]) => alike).slice(0, MAX_CANDIDATES);
}

/** How many characters two texts share at their beginning and at their end. */
function sharedEnds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let start = 0;
  while (start < length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return start + end;
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
 * `TOO_MANY` as soon as it must exceed `allowed`.
 */
function editDistance(a: string, b: string, allowed: number): number {
  let beforeLast = new Uint16Array(b.length + 1);
  let last = Uint16Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = new Uint16Array(b.length + 1).fill(TOO_MANY);
    row[0] = i;
    let least = i;
    // What is further from the diagonal takes more edits.
    for (let j = Math.max(1, i - allowed); j <= Math.min(b.length, i + allowed); j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(beforeLast, j - 2) + 1 : TOO_MANY;
      const edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped);
      row[j] = edits;
      least = Math.min(least, edits);
    }
    if (least > allowed) return TOO_MANY;
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: Uint16Array, index: number): number {
  return row[index] ?? TOO_MANY;
}
