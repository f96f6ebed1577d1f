import { newList } from '../../protocol/codec/intrinsics.ts';
import { weakMapGet, weakMapSet } from './captured.ts';

/** What an AbortSignal is. Apart from the class, since EventTarget asks for it too. */
export interface AbortState {
  aborted: boolean;
  reason: unknown;
  /** Run once, before the event is sent. */
  readonly algorithms: (() => void)[];
}

const states = new WeakMap<object, AbortState>();

export function newAbortState(signal: object): AbortState {
  const state: AbortState = { aborted: false, reason: undefined, algorithms: newList() };
  weakMapSet(states, signal, state);
  return state;
}

/** Undefined for anything that is no AbortSignal. */
export function abortState(signal: object): AbortState | undefined {
  return weakMapGet(states, signal);
}

/** Runs it when the signal is aborted. */
export function whenAborted(state: AbortState, algorithm: () => void): void {
  state.algorithms[state.algorithms.length] = algorithm;
}
