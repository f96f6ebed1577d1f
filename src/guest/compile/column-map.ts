import type { Position } from '../../typescript/position.ts';

/**
 * How the columns of generated code lead back to the agent's columns. Lines are the same in both.
 *
 * Plain JSON: groups of four numbers, sorted: a line; the column from which the group holds, in the generated code; the
 * agent's column there; how many of the engine's columns one of the agent's takes, 0 for text that was inserted. Lines
 * without a group are unchanged. Lines and columns start at 1. The engine counts columns in bytes of UTF-8, the agent
 * in UTF-16 units.
 */
export type ColumnMap = readonly number[];

export interface Insertion {
  /** Offset in the code before any insertion. */
  readonly at: number;
  /** ASCII, without line breaks. */
  readonly text: string;
}

const GROUP = 4;

/** The agent's position for one of the engine's. */
export function mapLocation(map: ColumnMap, { line, column }: Position): Position {
  let low = 0;
  let high = map.length / GROUP;
  while (low < high) {
    const middle = (low + high) >> 1;
    const startsLater = at(map, middle, 0) > line || (at(map, middle, 0) === line && at(map, middle, 1) > column);
    if (startsLater) high = middle;
    else low = middle + 1;
  }
  const group = low - 1;
  if (group < 0 || at(map, group, 0) !== line) return { line, column };
  const stride = at(map, group, 3);
  const advance = stride === 0 ? 0 : Math.floor((column - at(map, group, 1)) / stride);
  return { line, column: at(map, group, 2) + advance };
}

function at(map: ColumnMap, group: number, field: number): number {
  return map[group * GROUP + field] ?? 0;
}

/** The map for `code` with `insertions`, which are sorted by where they go. */
export function buildColumnMap(code: string, insertions: readonly Insertion[]): ColumnMap {
  const map: number[] = [];
  const isAscii = Buffer.byteLength(code) === code.length;
  let done = 0;
  for (let line = 1, start = 0; start <= code.length; line++) {
    const newline = code.indexOf('\n', start);
    const end = newline === -1 ? code.length : newline;
    const first = done;
    while (done < insertions.length && (insertions[done]?.at ?? 0) <= end) done++;
    const text = code.slice(start, end);
    if (done > first || (!isAscii && Buffer.byteLength(text) !== text.length)) {
      addLine(map, { line, start, text }, insertions.slice(first, done));
    }
    if (isAscii && done === insertions.length) break;
    start = end + 1;
  }
  return map;
}

function addLine(
  map: number[],
  line: { line: number; start: number; text: string },
  insertions: readonly Insertion[],
): void {
  let column = 1;
  let stride = 1;
  let next = 0;
  for (let index = 0; index <= line.text.length; index++) {
    for (; insertions[next]?.at === line.start + index; next++) {
      map.push(line.line, column, index + 1, 0);
      column += insertions[next]?.text.length ?? 0;
      stride = 0;
    }
    const bytes = bytesOfUnit(line.text.charCodeAt(index));
    if (bytes !== stride) map.push(line.line, column, index + 1, bytes);
    stride = bytes;
    column += bytes;
  }
}

/** Of a UTF-16 unit in UTF-8. A surrogate is half of four bytes. At the end of a line the unit is NaN: one column. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80 || Number.isNaN(unit)) return 1;
  if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) return 2;
  return 3;
}
