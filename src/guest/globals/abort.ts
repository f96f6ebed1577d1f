import { apply, newList, uncurryThis } from '../../protocol/codec/intrinsics.ts';
import { abortState, markAborted, newAbortState } from './abort-state.ts';
import type { AbortState } from './abort-state.ts';
import { IntrinsicDOMException } from './captured.ts';
import { defineConstant, nameClass, showMembers } from './define.ts';
import { eachOf, isCallable, isObject } from './encode.ts';
import { rangeError, requireArguments, typeError } from './errors.ts';
import { trustedEvent } from './event.ts';
import { EventTarget } from './event-target.ts';

export type SetTimeout = (callback: () => void, delayMs: number) => unknown;

/** Only who holds it makes a signal. */
const KEY = {};
/** The longest delay that Node takes, in milliseconds. */
const MAX_DELAY_MS = 4_294_967_295;

const addEventListener: (target: object, type: string, callback: unknown) => void = uncurryThis(
  EventTarget.prototype.addEventListener,
);
const dispatchEvent: (target: object, event: unknown) => boolean = uncurryThis(EventTarget.prototype.dispatchEvent);

let setTimeout: SetTimeout | undefined;

/** Gives `AbortSignal.timeout` its timer. */
export function connectTimer(given: SetTimeout): void {
  setTimeout = given;
}

/** The DOM standard's class. */
export class AbortSignal extends EventTarget {
  readonly #state: AbortState;
  #onabort: unknown = null;
  #listens = false;

  constructor(key?: unknown) {
    if (key !== KEY) throw typeError('Illegal constructor', 'ERR_ILLEGAL_CONSTRUCTOR');
    super();
    this.#state = newAbortState(this);
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(KEY);
    abort(signal, reason);
    return signal;
  }

  static timeout(delay: unknown): AbortSignal {
    requireArguments(arguments.length, ['delay']);
    if (typeof delay !== 'number')
      throw typeError('The "delay" argument must be of type number', 'ERR_INVALID_ARG_TYPE');
    if (!(delay >= 0 && delay <= MAX_DELAY_MS)) {
      throw rangeError(
        `The value of "delay" is out of range. It must be >= 0 && <= ${MAX_DELAY_MS}. Received ${delay}`,
        'ERR_OUT_OF_RANGE',
      );
    }
    const signal = new AbortSignal(KEY);
    setTimeout?.(
      () => abort(signal, new IntrinsicDOMException('The operation was aborted due to timeout', 'TimeoutError')),
      delay,
    );
    return signal;
  }

  static any(signals: unknown): AbortSignal {
    requireArguments(arguments.length, ['signals']);
    const sources: AbortState[] = newList();
    eachOf(signals, (signal) => {
      const state = isObject(signal) ? abortState(signal) : undefined;
      if (state === undefined)
        throw typeError(`signals[${sources.length}] is not of type AbortSignal.`, 'ERR_INVALID_ARG_TYPE');
      sources[sources.length] = state;
    });
    const result = new AbortSignal(KEY);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      if (source?.aborted === true) abort(result, source.reason);
      else if (source !== undefined) source.followers[source.followers.length] = result;
    }
    return result;
  }

  get aborted(): boolean {
    return this.#state.aborted;
  }

  get reason(): unknown {
    return this.#state.reason;
  }

  throwIfAborted(): void {
    if (this.#state.aborted) throw this.#state.reason;
  }

  get onabort(): unknown {
    return this.#onabort;
  }

  set onabort(handler: unknown) {
    this.#onabort = isObject(handler) ? handler : null;
    if (this.#listens) return;
    this.#listens = true;
    addEventListener(this, 'abort', (event: unknown) => {
      const current = this.#onabort;
      if (isCallable(current)) apply(current, this, [event]);
    });
  }

  static {
    nameClass(AbortSignal, 'AbortSignal', 0);
    showMembers(AbortSignal.prototype);
    defineConstant(AbortSignal.abort, 'length', 0);
  }
}

export class AbortController {
  readonly #signal = new AbortSignal(KEY);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    abort(this.#signal, reason);
  }

  static {
    nameClass(AbortController, 'AbortController', 0);
    showMembers(AbortController.prototype, { abort: 0 });
  }
}

function abort(signal: AbortSignal, reason: unknown): void {
  const marked = markAborted(
    signal,
    reason === undefined ? new IntrinsicDOMException('This operation was aborted', 'AbortError') : reason,
  );
  for (let i = 0; i < marked.length; i++) tellAborted(marked[i] ?? signal);
}

function tellAborted(signal: object): void {
  const algorithms = abortState(signal)?.algorithms ?? [];
  for (let i = 0; i < algorithms.length; i++) algorithms[i]?.();
  algorithms.length = 0;
  dispatchEvent(signal, trustedEvent('abort'));
}
