import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import type { OutletMessage } from '../in-process/guest-outlet.ts';
import type { GuestSessions } from './guest-sessions.ts';
import { Isolate } from './isolate.ts';
import type { IsolatedVm } from './isolate.ts';
import type { SliceEnd, SliceToChild } from './messages.ts';
import { LOST } from './state-warnings.ts';
import { V8Session } from './v8-session.ts';

/** The sessions of a child in isolates of V8. */
export class V8Sessions implements GuestSessions {
  readonly engine = 'v8';
  readonly #vm: IsolatedVm;
  readonly #post: (message: OutletMessage) => void;
  readonly #sessions = new Map<number, V8Session>();
  /** Made in advance: what makes the first session quick to open. Most children have one. */
  #spare: Isolate | undefined;

  constructor(vm: IsolatedVm, post: (message: OutletMessage) => void) {
    this.#vm = vm;
    this.#post = post;
    this.#spare = new Isolate(vm, DEFAULT_LIMITS.memoryBytes);
  }

  slice(slice: SliceToChild): SliceEnd {
    const session = this.#sessions.get(slice.session) ?? this.#open(slice);
    const end = session.advance(slice);
    const { outcome } = end;
    if (outcome?.ok === false && !outcome.keepState) this.drop(slice.session);
    // V8 may give an isolate up when its code has ended already.
    if (!session.isolate.isDisposed || outcome === undefined || !this.#sessions.has(slice.session)) return end;
    this.drop(slice.session);
    return { ...end, warnings: [...(end.warnings ?? []), LOST] };
  }

  drop(id: number): void {
    this.#sessions.get(id)?.isolate.dispose();
    this.#sessions.delete(id);
  }

  #open({ session: id, limits }: SliceToChild): V8Session {
    if (limits === undefined) throw new Error('a slice without limits for a session that is not here');
    const isolate = this.#isolate(limits.memoryBytes);
    const session = new V8Session(id, limits, isolate, this.#post);
    this.#sessions.set(id, session);
    return session;
  }

  #isolate(memoryBytes: number): Isolate {
    const spare = this.#spare;
    if (spare?.memoryBytes !== memoryBytes) return new Isolate(this.#vm, memoryBytes);
    this.#spare = undefined;
    return spare;
  }
}
