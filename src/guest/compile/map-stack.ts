import { LINE_BREAK } from '../../typescript/position.ts';
import { mapLocation } from './column-map.ts';
import type { ColumnMap } from './column-map.ts';
import type { SourceLocation } from '../../errors/error-data.ts';

/** A source that was compiled. */
export interface SourceRecord {
  readonly source: string;
  readonly map: ColumnMap;
}

export interface MappedStack {
  /** Lines like `    at name (run-3.ts:2:10)`: the frames of the agent's own code. */
  readonly text: string;
  /** The first of them. */
  readonly location: SourceLocation | undefined;
}

/** The guest can make a stack say anything, of any length. */
const MAX_LENGTH = 65_536;
const MAX_FRAMES = 50;

/** Rewrites the engine's stack to the agent's positions, without the frames of code that is not the agent's. */
export function mapStack(stack: string, lookup: (file: string) => SourceRecord | undefined): MappedStack {
  const frames: string[] = [];
  let location: SourceLocation | undefined;
  for (const line of stack.slice(0, MAX_LENGTH).split('\n')) {
    const frame = readFrame(line);
    const record = frame === undefined ? undefined : lookup(frame.location.file);
    // What lies behind the source's last line is the compiler's.
    if (frame === undefined || record === undefined || frame.location.line > lineCount(record.source)) continue;
    const { file } = frame.location;
    const mapped = { file, ...mapLocation(record.map, frame.location) };
    location ??= mapped;
    const where = `${file}:${mapped.line}:${mapped.column}`;
    frames.push(frame.name === '' ? `    at ${where}` : `    at ${frame.name} (${where})`);
    if (frames.length === MAX_FRAMES) break;
  }
  return { text: frames.join('\n'), location };
}

function lineCount(source: string): number {
  return source.split(LINE_BREAK).length;
}

const INTRODUCTION = '    at ';

/** V8 says of a caller that it awaits what was called. */
const AWAITING = `${INTRODUCTION}async `;

/** Reads `    at name (file:line:column)` or `    at file:line:column`. */
function readFrame(text: string): { readonly name: string; readonly location: SourceLocation } | undefined {
  if (!text.startsWith(INTRODUCTION)) return undefined;
  const line = text.startsWith(AWAITING) ? INTRODUCTION + text.slice(AWAITING.length) : text;
  const opening = line.endsWith(')') ? line.lastIndexOf(' (') : -1;
  const name = opening === -1 ? '' : line.slice(INTRODUCTION.length, opening);
  const where = opening === -1 ? line.slice(INTRODUCTION.length) : line.slice(opening + 2, -1);
  const parts = where.split(':');
  const column = Number(parts.pop());
  const lineNumber = Number(parts.pop());
  if (!(lineNumber >= 1) || !(column >= 1) || parts.length === 0) return undefined;
  // The cell itself, and functions without a name.
  const isAnonymous = name === '<anonymous>' || name === '<eval>';
  return { name: isAnonymous ? '' : name, location: { file: parts.join(':'), line: lineNumber, column } };
}
