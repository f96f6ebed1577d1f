import { tokenizer, tokTypes } from 'acorn';
import type { TokenType } from 'acorn';

const OPENING: ReadonlySet<TokenType> = new Set([
  tokTypes.braceL,
  tokTypes.bracketL,
  tokTypes.parenL,
  tokTypes.dollarBraceL,
]);
const CLOSING: ReadonlySet<TokenType> = new Set([tokTypes.braceR, tokTypes.bracketR, tokTypes.parenR]);

/** Tokens that need something after them. Not `>`, which may end a type, nor `!`, which may follow a value. */
const EXPECTING_MORE: ReadonlySet<TokenType> = new Set(
  [
    [tokTypes.comma, tokTypes.dot, tokTypes.questionDot, tokTypes.arrow, tokTypes.eq, tokTypes.assign],
    [tokTypes.question, tokTypes.colon, tokTypes.ellipsis, tokTypes.coalesce],
    [tokTypes.logicalOR, tokTypes.logicalAND, tokTypes.bitwiseOR, tokTypes.bitwiseAND, tokTypes.bitwiseXOR],
    [tokTypes.equality, tokTypes.plusMin, tokTypes.modulo, tokTypes.star, tokTypes.slash, tokTypes.starstar],
  ].flat(),
);

/**
 * True for code that more lines may complete: an open bracket, template or comment, an operator at the end.
 *
 * Told from the tokens, so that it holds for TypeScript too. In doubt the answer is false: running the code says
 * what is wrong.
 */
export function isIncomplete(code: string): boolean {
  let depth = 0;
  let last: TokenType | undefined;
  try {
    for (const { type } of tokenizer(code, { ecmaVersion: 'latest', sourceType: 'module' })) {
      if (OPENING.has(type)) depth += 1;
      else if (CLOSING.has(type)) depth -= 1;
      last = type;
    }
  } catch (error) {
    return error instanceof SyntaxError && /^Unterminated (?:template|comment)/.test(error.message);
  }
  return depth > 0 || (last !== undefined && EXPECTING_MORE.has(last));
}
