import { quote } from './intrinsics.ts';
import type { Kind } from './kinds.ts';

/** One step from a container to something in it: a property, an index, or an entry of a Map or Set. */
export type Step = string | number | EntryStep;

export interface EntryStep {
  readonly entry: 'key' | 'value';
  /** The key where it is a string, else the position. */
  readonly at: string | number;
}

/** An object that was met on a walk, and how: by `step` from `parent`. */
export interface Met {
  readonly value: object;
  readonly kind: Kind;
  readonly parent: Met | undefined;
  readonly step: Step;
  /** Steps from the root. */
  readonly depth: number;
}

/** Paths are for people: of a long one the start and the end are shown. */
const SHOWN_STEPS = 12;

/** `result.items[3]["odd key"]`: the way to an object, and a step further. */
export function formatPath(root: string, met: Met | undefined, step?: Step): string {
  let path = step === undefined || met === undefined ? '' : formatStep(step);
  for (let at = met; at?.parent !== undefined; at = at.parent) {
    const depth = at.depth;
    const isShown = depth <= SHOWN_STEPS || depth > (met?.depth ?? 0) - SHOWN_STEPS;
    if (isShown) path = formatStep(at.step) + path;
    else if (depth === SHOWN_STEPS + 1) path = ' ... ' + path;
  }
  return root + path;
}

function formatStep(step: Step): string {
  if (typeof step === 'number') return '[' + step + ']';
  if (typeof step === 'string') return isIdentifier(step) ? '.' + step : '[' + shortQuote(step) + ']';
  return typeof step.at === 'string' ? '.get(' + shortQuote(step.at) + ')' : ' (' + step.entry + ' ' + step.at + ')';
}

function shortQuote(text: string): string {
  return quote(text.length > 100 ? prefix(text, 100) + '...' : text);
}

function prefix(text: string, length: number): string {
  let start = '';
  for (let i = 0; i < length; i++) start += text[i];
  return start;
}

function isIdentifier(text: string): boolean {
  if (text === '' || text.length > 100) return false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    const isDigit = char >= '0' && char <= '9';
    const isLetter = (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_' || char === '$';
    if (!isLetter && !(isDigit && i > 0)) return false;
  }
  return true;
}
