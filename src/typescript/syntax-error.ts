import { CodeModeError } from '../errors/code-mode-error.ts';
import type { ErrorCode } from '../errors/code-mode-error.ts';
import { LINE_BREAK, positionAt } from './position.ts';
import type { Position } from './position.ts';

export interface SourceProblem {
  /** Default `SYNTAX_ERROR`. */
  readonly code?: Extract<ErrorCode, 'SYNTAX_ERROR' | 'UNSUPPORTED_SYNTAX' | 'INVALID_SKILL'>;
  readonly file: string;
  readonly source: string;
  /** An offset in the source, or a position. */
  readonly at: number | Position;
  readonly reason: string;
  /** What to write instead. */
  readonly advice?: string;
  /** Whether the message ends with the code frame: for who is shown messages alone. Default false. */
  readonly frameInMessage?: boolean;
}

/** An error in a source, with `details: { file, line, column, frame }`. */
export function syntaxError(problem: SourceProblem): CodeModeError {
  const { code = 'SYNTAX_ERROR', file, source, at, reason, advice, frameInMessage = false } = problem;
  const { line, column } = typeof at === 'number' ? positionAt(source, at) : at;
  const frame = codeFrame(source, { line, column });
  const message = `Cannot parse ${file}: ${printable(reason)} (${line}:${column})${advice === undefined ? '' : `; ${advice}`}`;
  return new CodeModeError(code, frameInMessage ? `${message}\n${frame}` : message, {
    details: { file, line, column, frame },
  });
}

const LINES_AROUND = 1;
const MAX_WIDTH = 100;
/** How much of a long line is shown before the position. */
const LEAD = 60;

/** The lines around a position with their numbers, and a caret under it. Long lines are clipped. */
export function codeFrame(source: string, { line, column }: Position): string {
  const lines = source.split(LINE_BREAK);
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(lines.length, line + LINES_AROUND);
  const cut = Math.max(0, column - 1 - LEAD);
  const gutter = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const mark = number === line ? '>' : ' ';
    frame.push(`${mark} ${String(number).padStart(gutter)} | ${clip(lines[number - 1] ?? '', cut)}`.trimEnd());
    const indent = column - 1 - cut + (cut > 0 ? 1 : 0);
    if (number === line) frame.push(`  ${' '.repeat(gutter)} | ${' '.repeat(indent)}^`);
  }
  return frame.join('\n');
}

function clip(line: string, cut: number): string {
  const end = cut + MAX_WIDTH;
  return printable(`${cut > 0 ? '…' : ''}${line.slice(cut, end)}${line.length > end ? '…' : ''}`);
}

/** Control characters as spaces: they would move the caret, and a terminal would obey them. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
