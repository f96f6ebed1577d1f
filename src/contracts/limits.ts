/**
 * What a run may use. Every limit can be set for a session and for one run; exceeding one ends the run with
 * the error code named here, never the session. What says "refused" is an error that the code can catch.
 *
 * A run that is cut off (`CPU_LIMIT`, `TIMEOUT`, `MEMORY_LIMIT`, `OUTPUT_LIMIT`, `CALL_LIMIT`, `ABORTED`) leaves the
 * session's variables as they were before that run, if the executor has the capability `rollback`.
 */
export interface Limits {
  /** CPU time of the agent's own code, in milliseconds. Waiting for tools costs nothing. `CPU_LIMIT`. */
  readonly cpuTimeMs: number;
  /** Wall time of a run, in milliseconds, without the time spent waiting for a free worker or for a person. `TIMEOUT`. */
  readonly timeoutMs: number;
  /** How long a run may wait for a person in all, in milliseconds. `TIMEOUT`. */
  readonly personTimeoutMs: number;
  /** Memory of the session's heap, in bytes. `MEMORY_LIMIT`. */
  readonly memoryBytes: number;
  /** Stack of the agent's code, in bytes. A run sees a catchable RangeError; uncaught it is `STACK_LIMIT`. */
  readonly stackBytes: number;
  /** Bytes (UTF-8) that a run may write to stdout. `OUTPUT_LIMIT`. */
  readonly stdoutBytes: number;
  /** Bytes (UTF-8) that a run may write to stderr. `OUTPUT_LIMIT`. */
  readonly stderrBytes: number;
  /** Encoded size of the value that a run returns, in bytes. `RESULT_LIMIT`. */
  readonly resultBytes: number;
  /** Size of the source of one run, in bytes (UTF-8). `SOURCE_LIMIT`. */
  readonly sourceBytes: number;
  /** Host calls in one run. `CALL_LIMIT`. */
  readonly hostCalls: number;
  /** Host calls under way at the same time. `CALL_LIMIT`. */
  readonly hostCallsInFlight: number;
  /** Encoded size of the arguments of one host call, in bytes; more is refused. `CALL_SIZE_LIMIT`. */
  readonly callArgumentBytes: number;
  /** Encoded size of the result of one host call, in bytes; more is refused. `CALL_SIZE_LIMIT`. */
  readonly callResultBytes: number;
  /** Skills calling skills, levels deep; deeper calls are refused. `SKILL_DEPTH`. */
  readonly skillDepth: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The defaults; `docs/sandbox-and-limits.md` shows them as a table, and a test keeps the two alike. */
export const DEFAULT_LIMITS: Limits = {
  cpuTimeMs: 5_000,
  timeoutMs: 60_000,
  personTimeoutMs: 600_000,
  memoryBytes: 64 * MIB,
  stackBytes: 512 * KIB,
  stdoutBytes: 1 * MIB,
  stderrBytes: 1 * MIB,
  resultBytes: 16 * MIB,
  sourceBytes: 256 * KIB,
  hostCalls: 1_000,
  hostCallsInFlight: 100,
  callArgumentBytes: 16 * MIB,
  callResultBytes: 16 * MIB,
  skillDepth: 32,
};
