import type { Interrupts } from './interrupts.ts';

/** What the commands of one invocation share. */
export interface Invocation {
  readonly interrupts: Interrupts;
  /** What the process answers. Set by commands that have told already what failed; others throw. */
  exitCode: number;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly base?: string;
  readonly store?: string;
  readonly prefix?: string;
  readonly json?: boolean;
}
