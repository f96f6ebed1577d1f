import { newList } from '../../protocol/codec/intrinsics.ts';
import { abortState, whenAborted } from './abort-state.ts';
import { reflectGet } from './captured.ts';
import { nameClass, showMembers } from './define.ts';
import { flag, isObject } from './encode.ts';
import { requireArguments, typeError } from './errors.ts';
import { isEvent, sendEvent } from './event.ts';
import type { Listener } from './event.ts';

/** The DOM standard's class. Targets stand alone: there is no tree that an event could bubble through. */
export class EventTarget {
  #listeners: Listener[] = newList();

  addEventListener(type: unknown, callback: unknown, options?: unknown): void {
    requireArguments(arguments.length, ['type', 'listener']);
    if (!checkCallback(callback)) return;
    const listener = {
      type: `${type}`,
      callback,
      capture: captures(options),
      once: flag(options, 'once'),
      passive: flag(options, 'passive'),
      removed: false,
    };
    const signal = isObject(options) ? reflectGet(options, 'signal') : undefined;
    const state = isObject(signal) ? abortState(signal) : undefined;
    if (signal !== undefined && state === undefined)
      throw typeError('The "options.signal" property must be an instance of AbortSignal', 'ERR_INVALID_ARG_TYPE');
    if (state?.aborted === true || this.#find(listener) !== undefined) return;
    this.#prune();
    this.#listeners[this.#listeners.length] = listener;
    if (state !== undefined) whenAborted(state, () => (listener.removed = true));
  }

  removeEventListener(type: unknown, callback: unknown, options?: unknown): void {
    requireArguments(arguments.length, ['type', 'listener']);
    if (!checkCallback(callback)) return;
    const listener = this.#find({ type: `${type}`, callback, capture: captures(options) });
    if (listener !== undefined) listener.removed = true;
    this.#prune();
  }

  dispatchEvent(event: unknown): boolean {
    requireArguments(arguments.length, ['event']);
    if (!isEvent(event)) throw typeError('The "event" argument must be an instance of Event', 'ERR_INVALID_ARG_TYPE');
    // A listener that is added meanwhile goes into another list, and waits for the next event.
    this.#prune();
    const notCanceled = sendEvent(event, this, this.#listeners);
    this.#prune();
    return notCanceled;
  }

  #find(wanted: Pick<Listener, 'type' | 'callback' | 'capture'>): Listener | undefined {
    for (let i = 0; i < this.#listeners.length; i++) {
      const listener = this.#listeners[i];
      if (listener === undefined || listener.removed) continue;
      if (listener.type === wanted.type && listener.callback === wanted.callback && listener.capture === wanted.capture)
        return listener;
    }
    return undefined;
  }

  /** Starts a new list without those that were removed: one that is being walked must not change. */
  #prune(): void {
    const kept: Listener[] = newList();
    for (let i = 0; i < this.#listeners.length; i++) {
      const listener = this.#listeners[i];
      if (listener?.removed === false) kept[kept.length] = listener;
    }
    this.#listeners = kept;
  }

  static {
    nameClass(EventTarget, 'EventTarget', 0);
    showMembers(EventTarget.prototype, { addEventListener: 2, removeEventListener: 2 });
  }
}

/** False for null and undefined, which are no listeners but no error either. */
function checkCallback(callback: unknown): boolean {
  if (callback === null || callback === undefined) return false;
  if (!isObject(callback))
    throw typeError('The "listener" argument must be an instance of EventListener', 'ERR_INVALID_ARG_TYPE');
  return true;
}

function captures(options: unknown): boolean {
  return options === true || flag(options, 'capture');
}
