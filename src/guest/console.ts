import { IntrinsicMap, isRecord, mapDelete, mapGet, mapSet } from '../protocol/codec/intrinsics.ts';
import { formatTable } from './console-table.ts';
import { format } from './format.ts';
import { inspect } from './inspect.ts';
import { indentLines, indexOf, repeat, slice, toFixed } from './text.ts';

export interface ConsoleOptions {
  /** Takes whole lines, each with its line break. */
  readonly write: (stream: 'stdout' | 'stderr', text: string) => void;
  /** Milliseconds with fractions, from any start. */
  readonly now: () => number;
}

type Stream = 'stdout' | 'stderr';
type Method = (...values: unknown[]) => void;

const IntrinsicError = Error;
const { floor } = Math;
/** Columns by which each group indents what is in it, and groups that do so. */
const GROUP_INDENTATION = 2;
const MAX_INDENTED_GROUPS = 40;
/** `callerFrames` and `trace`. */
const CONSOLE_FRAMES = 2;

/** The guest's `console`. It writes what Node's would; `inspect` and `format` say what is cut. */
export function makeConsole({ write, now }: ConsoleOptions): Readonly<Record<string, Method>> {
  let groups = 0;
  const print = (stream: Stream, text: string): void => {
    const indentation = repeat(' ', GROUP_INDENTATION * (groups < MAX_INDENTED_GROUPS ? groups : MAX_INDENTED_GROUPS));
    write(stream, indentation + indentLines(text, indentation) + '\n');
  };
  const toStdout = (...values: unknown[]): void => print('stdout', format(values));
  const toStderr = (...values: unknown[]): void => print('stderr', format(values));
  const group = (...values: unknown[]): void => {
    if (values.length > 0) print('stdout', format(values));
    groups++;
  };
  return {
    log: toStdout,
    info: toStdout,
    debug: toStdout,
    warn: toStderr,
    error: toStderr,
    trace: (...values) =>
      print('stderr', 'Trace' + (values.length === 0 ? '' : ': ' + format(values)) + '\n' + callerFrames()),
    assert(condition, ...values) {
      if (condition) return;
      if (values.length === 0) return print('stderr', 'Assertion failed');
      print('stderr', 'Assertion failed' + (typeof values[0] === 'string' ? ': ' : ' ') + format(values));
    },
    dir: (value, options) => print('stdout', inspect(value, dirOptions(options))),
    table: (data, properties) =>
      print('stdout', typeof data === 'object' && data !== null ? formatTable(data, properties) : format([data])),
    group,
    groupCollapsed: group,
    groupEnd() {
      if (groups > 0) groups--;
    },
    ...counters(print),
    ...timers(print, now),
  };
}

type Print = (stream: Stream, text: string) => void;

function counters(print: Print): Record<string, Method> {
  const counts = new IntrinsicMap<string, number>();
  return {
    count(label = 'default') {
      const name = '' + label;
      const count = (mapGet(counts, name) ?? 0) + 1;
      mapSet(counts, name, count);
      print('stdout', name + ': ' + count);
    },
    countReset(label = 'default') {
      const name = '' + label;
      if (mapGet(counts, name) === undefined) print('stderr', "Warning: Count for '" + name + "' does not exist");
      mapSet(counts, name, 0);
    },
  };
}

function timers(print: Print, now: () => number): Record<string, Method> {
  const starts = new IntrinsicMap<string, number>();
  const printTime = (name: string, values: readonly unknown[]): void => {
    const start = mapGet(starts, name);
    if (start === undefined) print('stderr', "Warning: No such label '" + name + "' for console.time()");
    else
      print('stdout', name + ': ' + formatDuration(now() - start) + (values.length === 0 ? '' : ' ' + format(values)));
  };
  return {
    time(label = 'default') {
      const name = '' + label;
      if (mapGet(starts, name) !== undefined)
        print('stderr', "Warning: Label '" + name + "' already exists for console.time()");
      else mapSet(starts, name, now());
    },
    timeLog: (label = 'default', ...values) => printTime('' + label, values),
    timeEnd(label = 'default') {
      const name = '' + label;
      printTime(name, []);
      mapDelete(starts, name);
    },
  };
}

/** `12.345ms`, `1.234s`, `2:03.456 (m:ss.mmm)`, `1:02:03 (h:mm:ss)`. */
function formatDuration(ms: number): string {
  if (ms < 1_000) return +toFixed(ms, 3) + 'ms';
  const seconds = ms / 1_000;
  if (seconds < 60) return toFixed(seconds, 3) + 's';
  const minutes = floor(seconds / 60);
  if (minutes < 60) return minutes + ':' + zeroPadded(toFixed(seconds % 60, 3), 6) + ' (m:ss.mmm)';
  return (
    floor(minutes / 60) +
    ':' +
    zeroPadded('' + (minutes % 60), 2) +
    ':' +
    zeroPadded('' + floor(seconds % 60), 2) +
    ' (h:mm:ss)'
  );
}

function zeroPadded(digits: string, length: number): string {
  return repeat('0', digits.length < length ? length - digits.length : 0) + digits;
}

function dirOptions(options: unknown): { depth?: number } {
  const depth = isRecord(options) ? options['depth'] : undefined;
  if (depth === null) return { depth: Infinity };
  return typeof depth === 'number' ? { depth } : {};
}

/** Where the agent's code called: the stack below the console's own frames. */
function callerFrames(): string {
  const stack = new IntrinsicError().stack ?? '';
  let start = indexOf(stack, '    at ');
  for (let own = 0; own < CONSOLE_FRAMES && start !== -1; own++) start = indexOf(stack, '    at ', start + 1);
  if (start === -1) return '    at <top>';
  const frames = slice(stack, start);
  return frames[frames.length - 1] === '\n' ? slice(frames, 0, frames.length - 1) : frames;
}
