import { tokenizer } from 'acorn';

/** One token of TypeScript. JavaScript's tokens are TypeScript's too, as far as types and declarations go. */
export interface CodeToken {
  readonly text: string;
  /** `keyword`: what JavaScript never takes for a name. `literal`: strings, numbers, pieces of templates, regular expressions. */
  readonly kind: 'word' | 'keyword' | 'punctuation' | 'literal';
  readonly start: number;
  readonly end: number;
}

const LITERALS: ReadonlySet<string> = new Set(['string', 'num', 'regexp', 'template', 'invalidTemplate']);
const OPENING: ReadonlySet<string> = new Set(['(', '[', '{', '${']);
const CLOSING: ReadonlySet<string> = new Set([')', ']', '}']);

/** The tokens from one offset on, one at a time, up to what is no token; comments are skipped. */
export function* scan(text: string, from: number, to = text.length): Generator<CodeToken, void, undefined> {
  try {
    yield* scanStrictly(text, from, to);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

/** All tokens of a stretch of text, or none when it has something that is no token. */
export function tokensOf(text: string, from = 0, to = text.length): readonly CodeToken[] {
  try {
    return [...scanStrictly(text, from, to)];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

function* scanStrictly(text: string, from: number, to: number): Generator<CodeToken, void, undefined> {
  const part = text.slice(from, to);
  for (const { type, start, end } of tokenizer(part, { ecmaVersion: 'latest', sourceType: 'module' })) {
    if (type.label === 'eof') return;
    yield { text: part.slice(start, end), kind: kindOf(type), start: from + start, end: from + end };
  }
}

/** How a token changes the depth of round, square and curly brackets. */
export function depthChange({ kind, text }: CodeToken): number {
  if (kind !== 'punctuation') return 0;
  if (OPENING.has(text)) return 1;
  return CLOSING.has(text) ? -1 : 0;
}

/** How a token changes the depth of angle brackets. `=>` is a token of its own. */
export function angleChange({ kind, text }: CodeToken): number {
  if (kind !== 'punctuation') return 0;
  if (text === '<') return 1;
  return text.startsWith('>') ? -text.replaceAll('=', '').length : 0;
}

/** True for the punctuation or word `text`. */
export function isToken(token: CodeToken | undefined, text: string): boolean {
  return token !== undefined && token.kind !== 'literal' && token.text === text;
}

function kindOf({
  label,
  keyword,
}: {
  readonly label: string;
  readonly keyword?: string | undefined;
}): CodeToken['kind'] {
  if (keyword !== undefined) return 'keyword';
  if (label === 'name') return 'word';
  return LITERALS.has(label) ? 'literal' : 'punctuation';
}
