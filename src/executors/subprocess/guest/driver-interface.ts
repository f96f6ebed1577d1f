import type { GuestRuntime } from '../../../guest/host-interface.ts';

/** The one function of the child that reaches into an isolate. It never throws. */
export type CallHost = (name: string, ...args: unknown[]) => unknown;

/**
 * What the child drives an isolate by: functions that it holds from outside. None throws, and each answers by a call of
 * the host, because what they return is lost where the isolate reports a rejected promise instead.
 */
export interface Driver {
  readonly start: GuestRuntime['start'];
  readonly settle: GuestRuntime['settle'];
  readonly fireTimers: GuestRuntime['fireTimers'];
  /** When the run is over, hands over its value or error; else `waitsFor`. */
  readonly conclude: () => void;
  /** Hands over `unanswered`. */
  readonly end: () => void;
}

export const DRIVER_FUNCTIONS = [
  'start',
  'settle',
  'fireTimers',
  'conclude',
  'end',
] as const satisfies readonly (keyof Driver)[];
