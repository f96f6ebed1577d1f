import { weakMapGet, weakMapSet } from './captured.ts';

/** What an Intl object is: its class and the arguments it was made of. The host makes the real one from them, at each call anew or from its cache. */
export interface IntlState {
  readonly type: string;
  /** The start of every `intl.call` of this object: `["<key>",`. */
  readonly head: string;
  /** A Locale's tag, a Segmenter's granularity. */
  readonly detail: string;
  /** `format` or `compare`, once it was read. */
  bound: unknown;
}

const states = new WeakMap<object, IntlState>();

export function keepState(value: object, state: IntlState): void {
  weakMapSet(states, value, state);
}

export function intlState(value: object): IntlState | undefined {
  return weakMapGet(states, value);
}

/** The tag of an `Intl.Locale`; undefined for anything else. */
export function localeTag(value: object): string | undefined {
  const state = intlState(value);
  return state?.type === 'Locale' ? state.detail : undefined;
}
