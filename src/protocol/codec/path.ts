import { quote } from './intrinsics.ts';

/** One step from a container to something in it: a property, an index, or an entry of a Map or Set. */
export type Step = string | number | EntryStep;

export interface EntryStep {
  readonly entry: 'key' | 'value';
  /** The key where it is a string, else the position. */
  readonly at: string | number;
}

/** Paths are for people: of a long one the start and the end are shown. */
const SHOWN_STEPS = 12;

/** `result.items[3]["odd key"]`, from the first `count` steps of a trail. */
export function formatPath(root: string, trail: readonly Step[], count: number): string {
  let path = root;
  for (let i = 0; i < count; i++) {
    if (i === SHOWN_STEPS && count > 2 * SHOWN_STEPS) {
      path += ' ... ';
      i = count - SHOWN_STEPS;
    }
    const step = trail[i];
    if (step !== undefined) path += formatStep(step);
  }
  return path;
}

function formatStep(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'object') return typeof step.at === 'string' ? `.get(${shortQuote(step.at)})` : ` (${step.entry} ${step.at})`;
  return isIdentifier(step) ? `.${step}` : `[${shortQuote(step)}]`;
}

function shortQuote(text: string): string {
  return quote(text.length > 100 ? `${prefix(text, 100)}...` : text);
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
