import { apply, IntrinsicMap, mapSet, uncurryThis } from '../protocol/codec/intrinsics.ts';

const now = Date.now;
const toNumber: (value: unknown) => number = Number;
const mapDelete: (map: Map<number, Timer>, key: number) => boolean = uncurryThis(Map.prototype.delete);
const forEachTimer: (map: Map<number, Timer>, visit: (timer: Timer) => void) => void = uncurryThis(
  Map.prototype.forEach,
);
const mapClear: (map: Map<number, Timer>) => void = uncurryThis(Map.prototype.clear);

type Callback = (...args: unknown[]) => unknown;

interface Timer {
  readonly id: number;
  readonly callback: Callback;
  readonly args: readonly unknown[];
  /** Set for an interval. */
  readonly everyMs: number | undefined;
  dueAt: number;
}

/** The longest delay of a 32-bit timer; more means 1 ms, as in browsers and Node. */
const MAX_DELAY_MS = 2_147_483_647;

export interface Timers {
  readonly set: (callback: unknown, delayMs: unknown, args: readonly unknown[], repeat: boolean) => number;
  readonly clear: (id: unknown) => void;
  readonly clearAll: () => void;
  /** Runs what is due now, in order, but not what these callbacks set anew. A callback that throws ends the pass. */
  readonly fire: () => void;
  /** Milliseconds until the next, 0 when one is due, -1 when none is set. */
  readonly nextMs: () => number;
}

/** Timers as data of the guest: the host only asks when the next one is due, so they move with the session's memory. */
export function makeTimers(): Timers {
  const timers = new IntrinsicMap<number, Timer>();
  let lastId = 0;

  function earliest(latest: number): Timer | undefined {
    let found: Timer | undefined;
    forEachTimer(timers, (timer) => {
      if (timer.dueAt <= latest && (found === undefined || timer.dueAt < found.dueAt)) found = timer;
    });
    return found;
  }

  return {
    set(callback, delay, args, repeat) {
      if (!isFunction(callback)) throw new TypeError('Cannot set a timer: the callback is not a function');
      const asked = toNumber(delay);
      const delayMs = asked >= 1 && asked <= MAX_DELAY_MS ? asked : 1;
      const id = ++lastId;
      mapSet(timers, id, {
        id,
        callback,
        args,
        everyMs: repeat ? delayMs : undefined,
        dueAt: now() + delayMs,
      });
      return id;
    },
    clear(id) {
      mapDelete(timers, toNumber(id));
    },
    clearAll: () => mapClear(timers),
    fire() {
      const startedAt = now();
      const newest = lastId;
      for (let timer = earliest(startedAt); timer !== undefined && timer.id <= newest; timer = earliest(startedAt)) {
        if (timer.everyMs === undefined) mapDelete(timers, timer.id);
        else timer.dueAt = startedAt + timer.everyMs;
        apply(timer.callback, undefined, timer.args);
      }
    },
    nextMs() {
      const next = earliest(Infinity);
      if (next === undefined) return -1;
      const left = next.dueAt - now();
      return left > 0 ? left : 0;
    },
  };
}

function isFunction(value: unknown): value is Callback {
  return typeof value === 'function';
}
