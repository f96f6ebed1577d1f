import { createContext, Script } from 'node:vm';
import type { Context } from 'node:vm';

/**
 * Regular expressions and schemas of tool files meet hostile values: a match that backtracks for hours must not
 * hold up the host's thread. `vm` is the one way to interrupt synchronous code on it (V8 polls in regular
 * expressions too); it is no boundary here, the code is our own. About 0.1 ms a call.
 *
 * @returns what `job` returns, or undefined when it did not end within `timeoutMs`
 */
export function runTimeBound<Result>(job: () => Result, timeoutMs: number): Result | undefined {
  let result: Result | undefined;
  watchdog ??= startWatchdog();
  watchdog.pending = () => {
    result = job();
  };
  try {
    watchdog.script.runInContext(watchdog.context, { timeout: timeoutMs });
    return result;
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  } finally {
    watchdog.pending = undefined;
  }
}

/** The error comes from the context's own realm: `instanceof Error` does not know it. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

interface Watchdog {
  readonly script: Script;
  readonly context: Context;
  pending: (() => void) | undefined;
}

let watchdog: Watchdog | undefined;

function startWatchdog(): Watchdog {
  const started: Watchdog = {
    script: new Script('run()'),
    context: createContext({ run: () => started.pending?.() }),
    pending: undefined,
  };
  return started;
}
