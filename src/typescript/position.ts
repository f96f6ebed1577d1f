/** A place in a source. */
export interface Position {
  /** Starts at 1. */
  readonly line: number;
  /** Starts at 1, in UTF-16 units. */
  readonly column: number;
}

/** A line ends with a line feed, a carriage return, or both. */
export const LINE_BREAK = /\r\n|\r|\n/;

/** The position of an offset. */
export function positionAt(source: string, offset: number): Position {
  const lines = source.slice(0, offset).split(LINE_BREAK);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
