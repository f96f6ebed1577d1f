import type { SlotEntry, Slots } from './document-slots.ts';
import type { WordMatch } from './word-index.ts';

/** What words and meaning say about every slot. */
export interface Evidence {
  readonly words: WordMatch;
  /** Cosines by slot; missing without vectors. */
  readonly cosines: Float32Array | undefined;
  readonly slots: Slots;
  /** From which cosine a document is found that shares no word with the query. */
  readonly relatedFrom: number | undefined;
}

export interface Ranked {
  readonly slot: number;
  readonly score: number;
  readonly entry: SlotEntry;
}

/** For embedders that name no other. */
const DEFAULT_RELATED_FROM = 0.2;

/** The weight of meaning, between these, is a rule that was fitted on the tuning splits (docs/search.md). */
const LEAST_MEANING = 0.1;
const MOST_MEANING = 0.9;
const MEANING = { always: 0.15, forUnknownWords: 1.2, forShortQueries: 0.5, shortQueryWords: 10 } as const;

/** The best documents, best first. Both scores are stretched to 0..1 over all documents, then added by weight. */
export function rank({ words, cosines, slots, relatedFrom = DEFAULT_RELATED_FROM }: Evidence, limit: number): Ranked[] {
  const { scores } = words;
  const meaning = cosines === undefined ? 0 : meaningWeight(words);
  const [, bestWords] = range(scores);
  const [lowest, highest] = cosines === undefined ? [0, 0] : range(cosines);
  const wordSpan = bestWords || 1;
  const cosineSpan = highest - lowest;
  const best: Ranked[] = [];
  let least = -1;
  // Plain loops over numbers: this is where a search in a hundred thousand documents spends its time.
  for (let slot = 0; slot < slots.length; slot++) {
    const wordScore = scores[slot] ?? 0;
    const cosine = cosines?.[slot] ?? 0;
    if (wordScore === 0 && cosine < relatedFrom) continue;
    // Where all are alike to the same degree, as one alone is, each is the best.
    const alike = cosineSpan > 0 ? Math.max(0, cosine - lowest) / cosineSpan : Number(cosine !== 0);
    const score = (1 - meaning) * (wordScore / wordSpan) + meaning * alike;
    if (score < least) continue;
    const entry = slots[slot];
    if (entry !== undefined) offer(best, limit, { slot, entry, score });
    if (best.length === limit) least = best[limit - 1]?.score ?? -1;
  }
  return best;
}

/** Words that no document has, and few words, leave more to meaning. */
function meaningWeight({ wordCount, knownCount }: WordMatch): number {
  if (wordCount === 0) return MOST_MEANING;
  const unknown = 1 - knownCount / wordCount;
  const short = Math.exp(-wordCount / MEANING.shortQueryWords);
  const weight = MEANING.always + MEANING.forUnknownWords * unknown + MEANING.forShortQueries * short;
  return Math.min(MOST_MEANING, Math.max(LEAST_MEANING, weight));
}

/** Slots with no vector, or no word, stand at exactly 0 and say nothing. */
function range(values: Float32Array): [lowest: number, highest: number] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let slot = 0; slot < values.length; slot++) {
    const value = values[slot] ?? 0;
    if (value === 0) continue;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return lowest > highest ? [0, 0] : [lowest, highest];
}

/** Puts one among the best so far, if it belongs there. */
function offer(best: Ranked[], limit: number, candidate: Ranked): void {
  const last = best.at(-1);
  if (best.length >= limit && (last === undefined || !isBefore(candidate, last))) return;
  let at = best.length;
  for (let other = best[at - 1]; other !== undefined && isBefore(candidate, other); other = best[at - 1]) at--;
  best.splice(at, 0, candidate);
  if (best.length > limit) best.pop();
}

function isBefore(a: Ranked, b: Ranked): boolean {
  return a.score === b.score ? a.entry.place < b.entry.place : a.score > b.score;
}
