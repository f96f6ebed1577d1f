import { parse } from 'acorn';
import type { Comment, Options, Program } from 'acorn';

import { CodeModeError } from '../errors/code-mode-error.ts';
import { withoutModuleSyntax } from './module-syntax.ts';
import { LINE_BREAK } from './position.ts';
import type { Position } from './position.ts';
import type { StripOutcome } from './strip-source.ts';
import { stripTypes } from './strip-types.ts';
import { syntaxError } from './syntax-error.ts';
import type { SourceProblem } from './syntax-error.ts';

export interface ParsedSource {
  /** JavaScript: the source with its types blanked out, each character where it was. */
  readonly code: string;
  readonly program: Program;
}

export interface SourceText {
  readonly source: string;
  /** How messages name it: `run-3.ts`. */
  readonly file: string;
  /** Whether `return` may stand outside of functions. Default false. */
  readonly topLevelReturn?: boolean;
  /** Whether messages end with a code frame. Default false. */
  readonly frameInMessage?: boolean;
}

/** Parenthesised expressions stay nodes, so that what stands around a node can be told. */
export const ACORN_OPTIONS = {
  ecmaVersion: 'latest',
  sourceType: 'module',
  allowAwaitOutsideFunction: true,
  preserveParens: true,
} as const satisfies Options;

const NOTHING_TO_IMPORT =
  'nothing can be imported: use tools.*, skills.* and the global functions; `import type` is allowed';

/**
 * Parses TypeScript that is JavaScript with types.
 *
 * @param comments takes the source's comments
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX`.
 */
export function parseTypeScript(text: SourceText, comments?: Comment[]): ParsedSource {
  const { source } = text;
  const readable = readableSource(source);
  const outcome = text.topLevelReturn === true ? stripWithReturns(readable) : stripTypes(readable);
  if (outcome.type === 'broken')
    throw syntaxError({ ...text, ...(hasLongLine(readable) ? TOO_LONG : TOO_DEEP), at: 0 });
  if (outcome.type === 'refused') throw refusal(text, outcome);
  const { code } = outcome;
  if (code.length !== source.length) {
    throw new CodeModeError(
      'INTERNAL',
      `Cannot parse ${text.file}: ${source.length} characters became ${code.length} without types`,
    );
  }
  try {
    const options: Options = { ...ACORN_OPTIONS, allowReturnOutsideFunction: text.topLevelReturn === true };
    if (comments !== undefined) options.onComment = comments;
    // The source is parsed on its own, never inside a wrapper that it could close.
    return { code, program: parse(code, options) };
  } catch (error) {
    throw parserError(text, code, error);
  }
}

/** Runs what walks over a parsed program: nesting that the parser could take may still be too deep for it. */
export function guardDepth<Result>(text: SourceText, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw syntaxError({ ...text, ...TOO_DEEP, at: 0 });
    throw error;
  }
}

/** The stripper counts columns in 16 bits, and breaks when it has to report an error beyond them. */
const MAX_COLUMN = 65_535;

function hasLongLine(source: string): boolean {
  return source.split('\n').some((line) => line.length >= MAX_COLUMN);
}

const TOO_LONG = {
  reason: `There is an error in a line of more than ${MAX_COLUMN} characters, or the code is nested too deeply`,
  advice: 'split long lines',
};
const TOO_DEEP = { reason: 'The code is nested too deeply', advice: 'split it into smaller statements' };

/** What stripper, parser and engine read differently, as text of the same length. */
export function readableSource(source: string): string {
  const withoutMark = source.startsWith('\uFEFF') ? ` ${source.slice(1)}` : source;
  const withoutHashbang = withoutMark.startsWith('#!') ? `//${withoutMark.slice(2)}` : withoutMark;
  return withoutHashbang.replaceAll(/\r(?!\n)/g, '\n');
}

const RETURN_REFUSED = 'Return statement is not allowed here';
const MODULE_REFUSED = "'import', and 'export' cannot be used outside of module code";

/**
 * The stripper takes `return` only inside functions, `import` and `export` only outside. A source with both is
 * stripped without its module syntax.
 */
function stripWithReturns(source: string): StripOutcome {
  const mayBeModule = source.includes('import') || source.includes('export');
  const inFunction = mayBeModule ? undefined : stripInFunction(source);
  if (inFunction !== undefined && inFunction.type !== 'refused') return inFunction;
  const asModule = stripTypes(source);
  if (asModule.type !== 'refused' || asModule.reason !== RETURN_REFUSED) return asModule;
  const wrapped = inFunction ?? stripInFunction(source);
  if (wrapped.type !== 'refused' || wrapped.reason !== MODULE_REFUSED) return wrapped;
  const plain = withoutModuleSyntax(source);
  return plain === undefined ? wrapped : stripInFunction(plain);
}

function stripInFunction(source: string): StripOutcome {
  const opening = 'async()=>{\n';
  const outcome = stripTypes(`${opening}${source}\n}`);
  if (outcome.type === 'stripped') return { type: 'stripped', code: outcome.code.slice(opening.length, -2) };
  if (outcome.type === 'broken') return outcome;
  return { ...outcome, at: { line: Math.max(1, outcome.at.line - 1), column: outcome.at.column } };
}

/** What to write instead of TypeScript that is more than types, by words of the stripper's message. */
const INSTEAD: readonly (readonly [part: string, advice: string])[] = [
  ['enum', "write an object: const Color = { Red: 'red', Blue: 'blue' } as const"],
  ['namespace', 'write plain functions and constants, or an object that holds them'],
  ['parameter property', 'declare the field in the class and assign it in the constructor: this.x = x'],
  ['import equals', NOTHING_TO_IMPORT],
  ['export assignment', 'write the value as the last expression'],
  ['angle-bracket', 'write `value as Type`'],
];

function refusal(
  text: SourceText,
  { unsupported, reason, at }: Extract<StripOutcome, { type: 'refused' }>,
): CodeModeError {
  if (looksLikeJsx(text.source, reason, at)) {
    return syntaxError({
      ...text,
      at,
      code: 'UNSUPPORTED_SYNTAX',
      reason: `JSX is not supported (${reason})`,
      advice: 'build the text with a template literal',
    });
  }
  if (reason === MODULE_REFUSED) return importError(text, at);
  if (!unsupported) return syntaxError({ ...text, at, reason });
  const advice = INSTEAD.find(([part]) => reason.includes(part))?.[1];
  return syntaxError({
    ...text,
    at,
    code: 'UNSUPPORTED_SYNTAX',
    reason: withoutMode(reason),
    ...(advice === undefined ? {} : { advice }),
  });
}

/** The stripper reads a tag as a cast, and fails at what follows. */
function looksLikeJsx(source: string, reason: string, { line, column }: Position): boolean {
  const text = source.split(LINE_BREAK)[line - 1] ?? '';
  const isTagEnd = text.startsWith('</', column - 2) || text.startsWith('/>', column - 2);
  const isAttribute = reason === "Expected '>', got 'ident'" || reason === "Expected '>', got 'class'";
  return isTagEnd || isAttribute;
}

/** The stripper explains itself by a mode that the agent knows nothing of. */
function withoutMode(reason: string): string {
  const end = ['. Instead', ' in strip-only mode', ' in type strip mode']
    .map((part) => reason.indexOf(part))
    .filter((index) => index > 0);
  return reason.slice(0, Math.min(reason.length, ...end));
}

export function importError(text: SourceText, at: SourceProblem['at'], what = 'import'): CodeModeError {
  return syntaxError({
    ...text,
    at,
    code: 'UNSUPPORTED_SYNTAX',
    reason: `${what} is not supported`,
    advice: NOTHING_TO_IMPORT,
  });
}

/** Acorn's errors carry an offset, and repeat it as `(line:column)` in their message. */
function parserError(text: SourceText, code: string, error: unknown): CodeModeError {
  if (error instanceof RangeError) return syntaxError({ ...text, ...TOO_DEEP, at: 0 });
  if (!(error instanceof SyntaxError))
    return new CodeModeError('INTERNAL', `Cannot parse ${text.file}: the parser failed`, { cause: error });
  const at = 'pos' in error && typeof error.pos === 'number' ? error.pos : 0;
  const position = error.message.lastIndexOf(' (');
  const reason = position === -1 ? error.message : error.message.slice(0, position);
  if (reason.startsWith('Not enough stack space')) return syntaxError({ ...text, ...TOO_DEEP, at });
  if (code[at] === '@') {
    return syntaxError({
      ...text,
      at,
      code: 'UNSUPPORTED_SYNTAX',
      reason: 'Decorators are not supported',
      advice: 'call the function on the class or the method yourself',
    });
  }
  return syntaxError({ ...text, at, reason });
}
