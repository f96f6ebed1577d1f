import { stripTypes } from '../typescript/strip-types.ts';
import { depthChange, isToken } from './tokens.ts';
import type { CodeToken } from './tokens.ts';

/** Words that reach for values or other files, which a declaration of the type alone does not have. */
const NOT_PORTABLE: ReadonlySet<string> = new Set(['typeof', 'import', 'this', 'unique']);

/** Where a text must fit to be what it is meant to be. */
const FRAMES = {
  type: (text: string) => `type T = (${text}\n)`,
  parameters: (text: string) => `type T<${text}\n> = 0`,
  declaration: (text: string) => text,
} as const;

/**
 * The text that these tokens span, when it can stand in a declaration on its own.
 *
 * Whatever a file says, what comes out is one type, one list of type parameters, or declarations of types alone:
 * it closes no bracket that it did not open, and it parses.
 */
export function typeText(
  source: string,
  tokens: readonly CodeToken[],
  frame: keyof typeof FRAMES = 'type',
): string | undefined {
  const first = tokens[0];
  const last = tokens.at(-1);
  if (first === undefined || last === undefined || !isSelfContained(tokens)) return undefined;
  const text = source.slice(first.start, last.end);
  const stripped = stripTypes(FRAMES[frame](text));
  return stripped.type === 'stripped' && stripped.code.trim() === '' ? text : undefined;
}

function isSelfContained(tokens: readonly CodeToken[]): boolean {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += depthChange(token);
    if (depth < 0) return false;
    const isMember = isToken(tokens[index - 1], '.');
    if (token.kind !== 'literal' && NOT_PORTABLE.has(token.text) && !isMember) return false;
    // A slash outside a comment is code, in a computed key: where it is, tokens can't be told apart for sure.
    if (token.text.startsWith('/')) return false;
  }
  return depth === 0;
}
