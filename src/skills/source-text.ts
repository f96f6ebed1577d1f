import type { SourceLocation } from '../errors/error-data.ts';

const LINES_AROUND = 2;
const MAX_LINE_WIDTH = 160;
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/u;

/** Line and column of an offset; both start at 1. */
export function locationAt(file: string, text: string, offset: number): SourceLocation {
  const before = text.slice(0, offset).split(LINE_BREAK);
  return { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** The lines around a location, numbered, with a caret below its column. */
export function codeFrame(text: string, { line, column }: SourceLocation): string {
  const lines = text.split(LINE_BREAK);
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(lines.length, line + LINES_AROUND);
  // A very long line is shown from a little before the column.
  const cut = column > MAX_LINE_WIDTH ? column - MAX_LINE_WIDTH / 2 : 0;
  const width = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const shown = (lines[number - 1] ?? '').slice(cut, cut + MAX_LINE_WIDTH).replaceAll('\t', ' ');
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${shown}`.trimEnd());
    if (number === line) frame.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1 - cut)}^`);
  }
  return frame.join('\n');
}
