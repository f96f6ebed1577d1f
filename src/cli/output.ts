import { writeSync } from 'node:fs';
import { inspect, styleText } from 'node:util';
import type { ErrorData } from '../errors/error-data.ts';
import { toJsonForm } from '../protocol/json-form.ts';
import { showable } from './terminal.ts';

type Style = Parameters<typeof styleText>[0];

/** A reader that has seen enough (`| head`) is no failure: end without a word. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    writeSync(2, `error: Cannot write to stdout: ${error.code ?? error.message}\n`);
    process.exit(1);
  });
  process.stderr.on('error', () => {});
}

/** Data, on stdout, as it is; on a terminal with control characters made visible. */
export function printData(text: string): void {
  process.stdout.write(process.stdout.isTTY ? showable(text) : text);
}

/** Text on stdout that ends its line. */
export function printLine(text: string): void {
  printData(text.endsWith('\n') ? text : `${text}\n`);
}

/** What `--json` prints: one JSON document. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(toJsonForm(value), undefined, 2));
}

/** Everything that is not data goes to stderr. */
export function printLog(text: string): void {
  process.stderr.write(process.stderr.isTTY ? showable(text) : text);
}

export function printNote(text: string): void {
  printLog(`${text}\n`);
}

export function printWarning(text: string): void {
  printLog(`${styled('yellow', 'warning:')} ${text}\n`);
}

/** Colour for stderr: none where NO_COLOR is set or nobody watches. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** `error: ...`, the lines of code around it, what caused it. */
export function printError(error: ErrorData): void {
  const lines = [`${styled('red', 'error:')} ${headline(error)}`];
  const frame = error.frame ?? error.details?.['frame'];
  if (typeof frame === 'string' && !error.message.includes(frame)) lines.push(frame.trimEnd());
  if (error.stack.trim() !== '') lines.push(styled('dim', error.stack.trimEnd()));
  // What the host says of itself is in its message; an agent's error may say more by what caused it.
  for (let { cause } = error; error.code === 'GUEST_ERROR' && cause !== undefined; cause = cause.cause) {
    lines.push(`${styled('dim', 'caused by:')} ${headline(cause)}`);
  }
  printNote(lines.join('\n'));
}

const PLAIN_NAMES: ReadonlySet<string> = new Set(['CodeModeError', 'UsageError', 'Error', '']);

function headline({ name, message }: ErrorData): string {
  return PLAIN_NAMES.has(name) ? message : `${name}: ${message}`;
}

/**
 * A value that code returned or a tool answered: text and bytes as they are, JSON as JSON, undefined not at all,
 * anything else as Node's inspector shows it.
 */
export async function printValue(value: unknown): Promise<void> {
  if (value === undefined) return;
  if (typeof value === 'string') return printLine(value);
  if (value instanceof Uint8Array && !process.stdout.isTTY) {
    process.stdout.write(value);
    return;
  }
  // Loaded here: most commands print no values.
  const { jsonProblem } = await import('../workspace/json-problem.ts');
  if (jsonProblem(value, 'value') === undefined) printLine(JSON.stringify(value, undefined, 2));
  else printLine(inspectValue(value));
}

export function inspectValue(value: unknown): string {
  const colors = process.stdout.isTTY && styleText('red', 'x') !== 'x';
  return inspect(value, { colors, depth: 8, maxArrayLength: null, maxStringLength: null });
}

/** Rows as aligned columns, on stdout; the last column takes what is left. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    printLine(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}
