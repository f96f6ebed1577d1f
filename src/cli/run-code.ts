import type { ErrorData } from '../errors/error-data.ts';
import type { SessionEvent } from '../contracts/execution.ts';
import type { Session } from '../session.ts';
import { exitCodeOf } from './exit-code.ts';
import type { GlobalOptions, Invocation } from './invocation.ts';
import { printError, printJson, printLog, printNote, printValue, printWarning, styled } from './output.ts';
import { limitsOf } from './run-flags.ts';
import type { RunFlags } from './run-flags.ts';

/** Runs code and prints what comes of it: the value on stdout; logs, warnings and errors on stderr. */
export async function runCode(
  session: Session,
  code: string,
  flags: RunFlags & GlobalOptions,
  invocation: Invocation,
): Promise<void> {
  const { signal } = invocation.interrupts;
  const result = await session.run(code, { ...limitsOf(flags), signal, onEvent: printEvent });
  if (!result.ok) invocation.exitCode = exitCodeOf(result.error.code);
  if (flags.json === true) return printJson(result);
  for (const warning of result.warnings) printWarning(warning);
  if (result.ok) await printValue(result.value);
  else printRunError(result.error, invocation);
}

/** What the code and its tools print, as it comes; to who watches also which calls were made. */
export function printEvent(event: SessionEvent): void {
  if (event.type === 'log') printLog(event.text);
  if (event.type !== 'call-end' || !process.stderr.isTTY) return;
  const outcome = event.outcome === 'ok' ? '' : ` ${styled('red', event.outcome)}`;
  printNote(`${styled('dim', `→ ${event.name} ${Math.round(event.durationMs)} ms`)}${outcome}`);
}

function printRunError(error: ErrorData, { interrupts }: Invocation): void {
  if (interrupts.exitCode === undefined) printError(error);
  else printNote('interrupted');
}
