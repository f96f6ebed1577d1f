import type { CallContext } from '../contracts/tool.ts';
import type { HostCall } from '../protocol/host-call.ts';

/** The one point through which a guest reaches anything. */
export interface Dispatcher {
  /** Resolves with a value that can cross to the guest; rejects with what the agent's code is to catch. */
  dispatch(call: HostCall, context: DispatchContext): Promise<unknown>;
}

export interface DispatchContext extends CallContext {
  /** Does work that waits for a person: it counts against `personTimeoutMs`, not `timeoutMs`. */
  readonly waitForPerson: <Result>(work: () => Promise<Result>) => Promise<Result>;
}
