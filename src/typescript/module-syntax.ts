import { tokenizer, tokTypes } from 'acorn';
import type { Token } from 'acorn';

const OPENING = new Set([tokTypes.braceL, tokTypes.bracketL, tokTypes.parenL, tokTypes.dollarBraceL]);
const CLOSING = new Set([tokTypes.braceR, tokTypes.bracketR, tokTypes.parenR]);

/**
 * The TypeScript source with `export` and type imports blanked out, or `undefined` where the tokens can't be told.
 * Other imports stay.
 */
export function withoutModuleSyntax(source: string): string | undefined {
  const parts: string[] = [];
  let done = 0;
  const tokens = tokensOf(source);
  if (tokens === undefined) return undefined;
  let depth = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (OPENING.has(token.type)) depth++;
    if (CLOSING.has(token.type)) depth--;
    if (depth !== 0 || (token.type !== tokTypes._export && token.type !== tokTypes._import)) continue;
    const last = lastOfModuleSyntax(source, tokens, index);
    const end = tokens[last]?.end;
    if (end === undefined) continue;
    parts.push(source.slice(done, token.start), source.slice(token.start, end).replaceAll(/[^\r\n]/g, ' '));
    done = end;
    index = last;
  }
  return parts.join('') + source.slice(done);
}

/** The tokens of TypeScript, read as JavaScript's: they are alike but for rare cases, which throw. */
function tokensOf(source: string): Token[] | undefined {
  try {
    return [...tokenizer(source, { ecmaVersion: 'latest', sourceType: 'module' })];
  } catch {
    return undefined;
  }
}

/** The index of the last token to blank out, from that of `export` or `import`; -1 for none. */
function lastOfModuleSyntax(source: string, tokens: readonly Token[], index: number): number {
  const isImport = tokens[index]?.type === tokTypes._import;
  const isType = isNamed(source, tokens[index + 1], 'type');
  if (isImport && !isType) return -1;
  const next = tokens[isType ? index + 2 : index + 1];
  if (!isImport && next?.type === tokTypes._default) return index + 1;
  if (!isImport && next?.type !== tokTypes.braceL && next?.type !== tokTypes.star) return index;
  for (let last = index + 1; last < tokens.length; last++) {
    const type = tokens[last]?.type;
    if (type === tokTypes.string) return last;
    if (type === tokTypes.braceR && !isNamed(source, tokens[last + 1], 'from')) return last;
  }
  return -1;
}

function isNamed(source: string, token: Token | undefined, name: string): boolean {
  return token?.type === tokTypes.name && source.slice(token.start, token.end) === name;
}
