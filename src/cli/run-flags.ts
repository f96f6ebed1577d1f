import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { RunOptions } from '../session.ts';

/** The limits of a run that the command line sets. */
export interface RunFlags {
  readonly timeout?: number;
  readonly cpu?: number;
  readonly memory?: number;
}

const MIB = 1024 * 1024;

export function addRunFlags(command: Command): Command {
  return command
    .option('--timeout <seconds>', 'how long it may take (default: 60)', positiveNumber)
    .option('--cpu <seconds>', 'how much computing time it may use (default: 5)', positiveNumber)
    .option('--memory <mib>', 'how much memory it may use (default: 64)', positiveNumber);
}

export function limitsOf({ timeout, cpu, memory }: RunFlags): RunOptions {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: Math.ceil(timeout * 1000) }),
    ...(cpu === undefined ? {} : { cpuTimeMs: Math.ceil(cpu * 1000) }),
    ...(memory === undefined ? {} : { memoryBytes: Math.ceil(memory * MIB) }),
  };
}

export function positiveNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

export function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}
