import { stripTypeScriptTypes } from 'node:module';

import type { Position } from './position.ts';

/** What became of a source: its types are blanked out, or it was refused, or it broke the stripper. */
export type StripOutcome =
  | { readonly type: 'stripped'; readonly code: string }
  /** `unsupported`: TypeScript that is more than types. */
  | { readonly type: 'refused'; readonly unsupported: boolean; readonly reason: string; readonly at: Position }
  /** The stripper is WebAssembly whose stack does not recover: this thread's goes on to fail on good code. */
  | { readonly type: 'broken' };

/** Blanks out types on this thread: each character stays where it was. */
export function stripSource(source: string): StripOutcome {
  const outcome = strip(source);
  if (outcome.type !== 'refused') return outcome;
  // The stripper shows its caret in columns of a terminal, where tabs and wide characters count more than one.
  const narrow = source.replaceAll('\t', ' ').replaceAll(/[^\n\r\x20-\x7e]/g, 'x');
  if (narrow === source) return outcome;
  const again = strip(narrow);
  return again.type === 'refused' && again.at.line === outcome.at.line ? { ...outcome, at: again.at } : outcome;
}

function strip(source: string): StripOutcome {
  try {
    return { type: 'stripped', code: withoutExperimentalWarning(() => stripTypeScriptTypes(source)) };
  } catch (error) {
    const code = error instanceof SyntaxError && 'code' in error ? error.code : undefined;
    const unsupported = code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
    if (!(error instanceof SyntaxError) || (!unsupported && code !== 'ERR_INVALID_TYPESCRIPT_SYNTAX'))
      return { type: 'broken' };
    return { type: 'refused', unsupported, reason: error.message, at: positionIn(error, source) };
  }
}

/** For one call alone: other experimental features go on to warn. */
function withoutExperimentalWarning<Result>(action: () => Result): Result {
  const own = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return action();
  } finally {
    if (own !== undefined) Object.defineProperty(process, 'emitWarning', own);
  }
}

/**
 * Node tells the position only in the head of the stack: `:LINE`, the line before, the line, a row of carets. What
 * spans several lines is marked by `>` instead, and the end of the source by nothing.
 */
function positionIn(error: SyntaxError, source: string): Position {
  const [head = '', ...shown] = (error.stack ?? '').split('\n');
  const line = Math.max(1, Number.parseInt(head.slice(head.lastIndexOf(':') + 1), 10) || 1);
  const carets = shown[line > 1 ? 2 : 1] ?? '';
  if (/^ *\^+$/.test(carets)) return { line, column: carets.indexOf('^') + 1 };
  if (error.message.endsWith("got '<eof>'")) return endOf(source);
  const text = source.split('\n', line).at(-1) ?? '';
  if (!shown.some((row) => row.startsWith('  > '))) return { line, column: text.trimEnd().length + 1 };
  const named = ['enum', 'namespace', 'return'].find(
    (word) => error.message.toLowerCase().includes(word) && text.includes(word),
  );
  const column = named === undefined ? text.length - text.trimStart().length : text.indexOf(named);
  return { line, column: column + 1 };
}

function endOf(source: string): Position {
  const lines = source.trimEnd().split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
