import { apply } from '../../protocol/codec/intrinsics.ts';
import { IntrinsicDOMException, reflectGet, rejectedPromise } from './captured.ts';
import { defineConstant, nameClass, showMembers } from './define.ts';
import { flag, isCallable, isObject } from './encode.ts';
import { requireArguments } from './errors.ts';
import { host } from './host.ts';

const PHASES = ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'];
const NONE = 0;
const AT_TARGET = 2;

export interface Listener {
  readonly type: string;
  readonly callback: unknown;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

/** What this module alone may do with an event: its class hands it out. */
let send: (event: Event, target: object, listeners: readonly Listener[]) => boolean;
let trust: (event: Event) => void;
let hasBrand: (value: object) => boolean;

/** The DOM standard's class, without what it keeps for old pages only. */
export class Event {
  readonly #type: string;
  readonly #bubbles: boolean;
  readonly #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp = host().now();
  #trusted = false;
  #target: object | null = null;
  #phase = NONE;
  #passive = false;
  #stopped = false;
  #canceled = false;

  constructor(type: unknown, init?: unknown) {
    requireArguments(arguments.length, ['type']);
    this.#type = `${type}`;
    this.#bubbles = flag(init, 'bubbles');
    this.#cancelable = flag(init, 'cancelable');
    this.#composed = flag(init, 'composed');
  }

  get type(): string {
    return this.#type;
  }

  get target(): object | null {
    return this.#target;
  }

  get currentTarget(): object | null {
    return this.#phase === NONE ? null : this.#target;
  }

  get eventPhase(): number {
    return this.#phase;
  }

  get bubbles(): boolean {
    return this.#bubbles;
  }

  get cancelable(): boolean {
    return this.#cancelable;
  }

  get composed(): boolean {
    return this.#composed;
  }

  get defaultPrevented(): boolean {
    return this.#canceled;
  }

  get timeStamp(): number {
    return this.#timeStamp;
  }

  get isTrusted(): boolean {
    return this.#trusted;
  }

  composedPath(): unknown[] {
    return this.#phase === NONE ? [] : [this.#target];
  }

  preventDefault(): void {
    if (this.#cancelable && !this.#passive) this.#canceled = true;
  }

  /** There is one target and no path: nothing to stop. */
  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.#stopped = true;
  }

  #send(target: object, listeners: readonly Listener[]): boolean {
    if (this.#phase !== NONE)
      throw new IntrinsicDOMException('The event is already being dispatched', 'InvalidStateError');
    this.#target = target;
    this.#phase = AT_TARGET;
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i];
      if (listener === undefined || listener.removed || listener.type !== this.#type || this.#stopped) continue;
      listener.removed = listener.once;
      this.#passive = listener.passive;
      callListener(listener.callback, target, this);
    }
    this.#phase = NONE;
    this.#passive = false;
    this.#stopped = false;
    return !this.#canceled;
  }

  static {
    send = (event, target, listeners) => event.#send(target, listeners);
    trust = (event) => {
      event.#trusted = true;
    };
    hasBrand = (value) => #type in value;
    nameClass(Event, 'Event', 1);
    for (const [value, name] of PHASES.entries()) defineConstant(Event, name, value);
    showMembers(Event.prototype);
    showMembers(Event);
  }
}

/** Calls the listeners. Answers false when one of them cancelled the event. */
export function sendEvent(event: Event, target: object, listeners: readonly Listener[]): boolean {
  return send(event, target, listeners);
}

export function isEvent(value: unknown): value is Event {
  return isObject(value) && hasBrand(value);
}

/** An event that the runtime itself sends. */
export function trustedEvent(type: string): Event {
  const event = new Event(type);
  trust(event);
  return event;
}

/** What a listener throws does not stop the others: it is reported as a promise that nobody handles. */
function callListener(callback: unknown, target: object, event: Event): void {
  try {
    if (isCallable(callback)) apply(callback, target, [event]);
    else if (isObject(callback)) {
      const method = reflectGet(callback, 'handleEvent');
      if (isCallable(method)) apply(method, callback, [event]);
    }
  } catch (error) {
    void rejectedPromise(error);
  }
}
