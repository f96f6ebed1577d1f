import { newList } from '../protocol/codec/intrinsics.ts';
import { contains, join, padEnd, padStart, repeat } from './text.ts';

// How Node lays out what `util.inspect` shows, with its default options.
export const LINE_WIDTH = 80;
/** Objects nested less deep than this share a line. */
const COMPACT_LEVELS = 3;
const { sqrt, max, min, round, floor } = Math;

export interface Layout {
  /** What stands in front of the opening brace, or nothing. */
  readonly base: string;
  readonly open: string;
  readonly close: string;
  /** Columns by which the object is indented. */
  readonly indentation: number;
  /** Levels of objects inside of this one. */
  readonly levels: number;
  /** For arrays: entries may share columns. */
  readonly columns: 'none' | 'left' | 'right';
  /** The last entry says how many are left out. */
  readonly hasRemainder: boolean;
}

/** Puts entries between braces: on one line where they fit, else a line each, or in columns. */
export function layOut(entries: readonly string[], layout: Layout): string {
  const { base, open, close, indentation, columns } = layout;
  const rows = columns !== 'none' && entries.length > 6 ? inColumns(entries, layout) : entries;
  const front = base === '' ? '' : base + ' ';
  if (layout.levels < COMPACT_LEVELS && rows === entries) {
    const start = rows.length + indentation + open.length + base.length + 10;
    const line = fitsLine(rows, start) && !contains(base, '\n') ? join(rows, ', ') : '\n';
    if (!contains(line, '\n')) return front + open + ' ' + line + ' ' + close;
  }
  const lineBreak = '\n' + repeat(' ', indentation);
  return front + open + lineBreak + '  ' + join(rows, ',' + lineBreak + '  ') + lineBreak + close;
}

function fitsLine(entries: readonly string[], start: number): boolean {
  let length = entries.length + start;
  if (length + entries.length > LINE_WIDTH) return false;
  for (let i = 0; i < entries.length; i++) {
    length += entries[i]?.length ?? 0;
    if (length > LINE_WIDTH) return false;
  }
  return true;
}

function inColumns(entries: readonly string[], layout: Layout): readonly string[] {
  const count = entries.length - (layout.hasRemainder ? 1 : 0);
  let total = 0;
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const length = entries[i]?.length ?? 0;
    total += length + 2;
    longest = max(longest, length);
  }
  const width = longest + 2;
  const isWorthIt = width * 3 + layout.indentation < LINE_WIDTH && (total / width > 5 || longest <= 6);
  if (!isWorthIt) return entries;
  const bias = max(width - 3 - sqrt(width - total / entries.length), 1);
  const square = round(sqrt(2.5 * bias * count) / bias);
  const columns = min(square, floor((LINE_WIDTH - layout.indentation) / width), COMPACT_LEVELS * 4, 15);
  if (columns <= 1) return entries;
  const rows: string[] = newList();
  const widths = columnWidths(entries, count, columns);
  for (let i = 0; i < count; i += columns) rows[rows.length] = row(entries, i, min(i + columns, count), widths, layout);
  if (layout.hasRemainder) rows[rows.length] = entries[count] ?? '';
  return rows;
}

function columnWidths(entries: readonly string[], count: number, columns: number): readonly number[] {
  const widths: number[] = newList();
  for (let i = 0; i < columns; i++) {
    let width = 0;
    for (let j = i; j < count; j += columns) width = max(width, entries[j]?.length ?? 0);
    widths[i] = width + 2;
  }
  return widths;
}

function row(
  entries: readonly string[],
  start: number,
  end: number,
  widths: readonly number[],
  layout: Layout,
): string {
  const isRight = layout.columns === 'right';
  let text = '';
  for (let i = start; i < end; i++) {
    const entry = entries[i] ?? '';
    const width = widths[i - start] ?? 0;
    if (i < end - 1) text += isRight ? padStart(entry + ', ', width) : padEnd(entry + ', ', width);
    else text += isRight ? padStart(entry, width - 2) : entry;
  }
  return text;
}
