import { tokenizer } from 'acorn';

/** One token of TypeScript. JavaScript's tokens are TypeScript's too, as far as types and declarations go. */
export interface CodeToken {
  readonly text: string;
  /** `literal`: strings, numbers, pieces of templates, regular expressions: their text means nothing here. */
  readonly kind: 'word' | 'punctuation' | 'literal';
  readonly start: number;
  readonly end: number;
}

const LITERALS: ReadonlySet<string> = new Set(['string', 'num', 'regexp', 'template', 'invalidTemplate']);
const OPENING: ReadonlySet<string> = new Set(['(', '[', '{', '${']);
const CLOSING: ReadonlySet<string> = new Set([')', ']', '}']);

/**
 * The tokens of `text` from one offset on, one at a time; comments are skipped.
 *
 * @throws {SyntaxError} on text that has no tokens
 */
export function* scan(text: string, from: number, to = text.length): Generator<CodeToken, void, undefined> {
  const part = text.slice(from, to);
  for (const { type, start, end } of tokenizer(part, { ecmaVersion: 'latest', sourceType: 'module' })) {
    if (type.label === 'eof') return;
    yield { text: part.slice(start, end), kind: kindOf(type), start: from + start, end: from + end };
  }
}

/** All tokens of a stretch of text, or none when it has something that is no token. */
export function tokensOf(text: string, from = 0, to = text.length): readonly CodeToken[] {
  try {
    return [...scan(text, from, to)];
  } catch {
    return [];
  }
}

/** The first token from an offset on; `undefined` at the end, or when what comes is no token. */
export function firstToken(text: string, from: number): CodeToken | undefined {
  try {
    return scan(text, from).next().value ?? undefined;
  } catch {
    return undefined;
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
  if (label === 'name' || label === 'privateId' || keyword !== undefined) return 'word';
  return LITERALS.has(label) ? 'literal' : 'punctuation';
}
