import { apply, IntrinsicMap, mapForEach, mapSet, uncurryThis } from '../protocol/codec/intrinsics.ts';

const now = Date.now;
const mapDelete: (map: Map<number, Timer>, key: number) => boolean = uncurryThis(Map.prototype.delete);
const mapClear: (map: Map<number, Timer>) => void = uncurryThis(Map.prototype.clear);

interface Timer {
  readonly id: number;
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  /** Set for an interval. */
  readonly everyMs: number | undefined;
  dueAt: number;
}

/** The longest delay of a 32-bit timer; more means 1 ms, as in browsers and Node. */
const MAX_DELAY_MS = 2_147_483_647;

export interface Timers {
  readonly set: (repeat: boolean, callback: unknown, delay: unknown, args: readonly unknown[]) => number;
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
    mapForEach(timers, (value) => {
      const timer = value as Timer;
      if (timer.dueAt <= latest && (found === undefined || timer.dueAt < found.dueAt)) found = timer;
    });
    return found;
  }

  return {
    set(repeat, callback, delay, args) {
      if (typeof callback !== 'function') throw new TypeError('Cannot set a timer: the callback is not a function');
      const asked = +(delay as number);
      const delayMs = asked >= 1 && asked <= MAX_DELAY_MS ? asked : 1;
      const id = ++lastId;
      mapSet(timers, id, { id, callback: callback as Timer['callback'], args, everyMs: repeat ? delayMs : undefined, dueAt: now() + delayMs });
      return id;
    },
    clear(id) {
      mapDelete(timers, +(id as number));
    },
    clearAll: () => mapClear(timers),
    fire() {
      const startedAt = now();
      const newest = lastId;
      for (let timer = earliest(startedAt); timer !== undefined && timer.id <= newest; timer = earliest(startedAt)) {
        if (timer.everyMs === undefined) mapDelete(timers, timer.id);
        else timer.dueAt = startedAt + timer.everyMs;
        apply(timer.callback, undefined, timer.args as unknown[]);
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
