import { uncurryThis } from '../protocol/codec/intrinsics.ts';

// Methods of text, taken before the agent's code runs; see the codec's `intrinsics.ts`. Not here: `split`, `replace`
// and `replaceAll`, which look for `Symbol.split` and the like on the live `String.prototype`.
export const charCodeAt: (text: string, index: number) => number = uncurryThis(String.prototype.charCodeAt);
export const indexOf: (text: string, found: string, from?: number) => number = uncurryThis(String.prototype.indexOf);
export const padEnd: (text: string, length: number) => string = uncurryThis(String.prototype.padEnd);
export const padStart: (text: string, length: number) => string = uncurryThis(String.prototype.padStart);
export const repeat: (text: string, count: number) => string = uncurryThis(String.prototype.repeat);
export const slice: (text: string, start: number, end?: number) => string = uncurryThis(String.prototype.slice);
export const toRadix: (value: number, radix: number) => string = uncurryThis(Number.prototype.toString);
export const toFixed: (value: number, digits: number) => string = uncurryThis(Number.prototype.toFixed);

export function contains(text: string, found: string): boolean {
  return indexOf(text, found) !== -1;
}

/** Puts `indentation` after every line break. */
export function indentLines(text: string, indentation: string): string {
  if (indentation === '') return text;
  let result = '';
  let start = 0;
  for (let end = indexOf(text, '\n'); end !== -1; end = indexOf(text, '\n', start)) {
    result += slice(text, start, end + 1) + indentation;
    start = end + 1;
  }
  return result + slice(text, start);
}

/** Joins a list, which may be one without a prototype. */
export function join(list: readonly string[], separator: string): string {
  let text = '';
  for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : separator) + (list[i] ?? '');
  return text;
}

export function plural(count: number, word: string): string {
  return count + ' ' + word + (count === 1 ? '' : 's');
}
