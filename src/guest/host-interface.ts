import type { GuestPlatform } from './platform.ts';

/**
 * What the guest's runtime may ask of its host, as functions captured when the runtime boots. None of them is
 * reachable from the agent's code. None may throw an Error: an engine would copy the host's stack into the guest.
 */
export interface GuestHost extends GuestPlatform {
  /**
   * Issues a host call: the inside of a JSON array, `id,1,"tools","curl"`, where the second is 1 when the arguments
   * are plain JSON, else 0; a line feed; the text of the encoded arguments. Then its parts. Answers nothing, or the
   * JSON of an {@link ErrorData} why the call is refused at once.
   */
  readonly issueCall: (text: string, ...parts: (ArrayBuffer | string)[]) => string | undefined;
  /** Console output. */
  readonly log: (stream: 'stdout' | 'stderr', text: string) => void;
  /** The run's value, encoded. */
  readonly result: (text: string, plain: boolean, ...parts: (ArrayBuffer | string)[]) => void;
  /** The run's error, as JSON: name, message, stack, code, cause. */
  readonly failure: (json: string) => void;
  /** Compiles a skill. Answers a function that evaluates it, or the JSON of an {@link ErrorData}. */
  readonly compileSkill: (file: string, source: string) => SkillFactory | string;
}

/** The limits that the guest's runtime holds itself. */
export interface GuestLimits {
  readonly resultBytes: number;
  readonly callArgumentBytes: number;
  readonly skillDepth: number;
}

/** Evaluates the skill's module in a scope of its own, where `skills` is the namespace it is given; answers its `run`. */
export type SkillFactory = (skills: unknown) => (...args: unknown[]) => unknown;

/** What the host drives the guest's runtime by. */
export interface GuestRuntime {
  /** Starts a cell under the run's limits: calls its function and keeps its promise. */
  readonly start: (
    cell: () => Promise<unknown>,
    resultBytes: number,
    callArgumentBytes: number,
    skillDepth: number,
  ) => void;
  /** The promise of the run under way. */
  readonly current: () => Promise<unknown> | undefined;
  /** Settles a host call; false when nobody waits for it any more. */
  readonly settle: (
    id: number,
    ok: boolean,
    text: string,
    plain: boolean,
    ...parts: (ArrayBuffer | string)[]
  ) => boolean;
  /** Runs the timers that are due. */
  readonly fireTimers: () => void;
  /** What the run waits for: milliseconds until the next timer, {@link WAITS_FOR_CALLS}, or {@link WAITS_FOR_NOTHING}. */
  readonly waitsFor: () => number;
  /** Hands the value to `host.result`. Throws what can't cross. */
  readonly emitResult: (value: unknown) => void;
  readonly emitFailure: (thrown: unknown) => void;
  /** Ends the run: timers and calls are forgotten. Answers the ids of the calls that had no answer, as JSON. */
  readonly end: () => string;
  /** Forgets random numbers drawn in advance: two copies of one memory must not draw the same. */
  readonly reseed: () => void;
}

/** Host calls, and no timer. */
export const WAITS_FOR_CALLS = -1;
export const WAITS_FOR_NOTHING = -2;

/** In the order in which the base image exports them. */
export const RUNTIME_FUNCTIONS = [
  'start',
  'current',
  'settle',
  'fireTimers',
  'waitsFor',
  'emitResult',
  'emitFailure',
  'end',
  'reseed',
] as const satisfies readonly (keyof GuestRuntime)[];
