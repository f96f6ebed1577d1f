import { newList } from '../../protocol/codec/intrinsics.ts';
import { weakMapGet, weakMapSet } from './captured.ts';

/** What an AbortSignal is. Apart from the class, since EventTarget asks for it too. */
export interface AbortState {
  aborted: boolean;
  reason: unknown;
  /** Run once, before the event is sent. */
  readonly algorithms: (() => void)[];
  /** Signals of `AbortSignal.any` that follow this one. */
  readonly followers: object[];
}

const states = new WeakMap<object, AbortState>();

export function newAbortState(signal: object): AbortState {
  const state: AbortState = { aborted: false, reason: undefined, algorithms: newList(), followers: newList() };
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

/**
 * Marks the signal and those that follow it as aborted.
 *
 * @returns the signals that were not aborted before, to be told of it once all are marked.
 */
export function markAborted(signal: object, reason: unknown, marked: object[] = newList()): readonly object[] {
  const state = abortState(signal);
  if (state === undefined || state.aborted) return marked;
  state.aborted = true;
  state.reason = reason;
  marked[marked.length] = signal;
  for (let i = 0; i < state.followers.length; i++) markAborted(state.followers[i] ?? {}, reason, marked);
  return marked;
}
