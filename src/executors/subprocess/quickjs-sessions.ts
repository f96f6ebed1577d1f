import { GUEST_PRELUDE } from '#guest-prelude';

import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import type { OutletMessage } from '../in-process/guest-outlet.ts';
import { createHostFunctions } from '../in-process/host-functions.ts';
import type { BaseImage, SliceLimits } from '../in-process/messages.ts';
import type { SessionImage } from '../in-process/session-image.ts';
import { SliceMeter } from '../in-process/slice-meter.ts';
import { VirtualMachine } from '../in-process/virtual-machine.ts';
import { compileEngine } from '../in-process/wasm-module.ts';
import { WorkerSession } from '../in-process/worker-session.ts';
import type { GuestSessions } from './guest-sessions.ts';
import type { SliceEnd, SliceToChild } from './messages.ts';

const UNDONE = 'The session is as it was before this run: what the run declared or changed is undone.';

/** The sessions of a child in QuickJS: where isolated-vm can't be loaded, or where two walls are wanted. */
export class QuickJsSessions implements GuestSessions {
  readonly engine = 'quickjs';
  readonly #post: (message: OutletMessage) => void;
  readonly #base: BaseImage;
  readonly #sessions = new Map<number, WorkerSession>();
  /** What the sessions were before the run under way, or the last one. */
  readonly #images = new Map<number, SessionImage>();
  readonly #meter: SliceMeter;
  readonly #host = createHostFunctions();
  #active: WorkerSession | undefined;

  private constructor(base: BaseImage, post: (message: OutletMessage) => void) {
    this.#base = base;
    this.#post = post;
    this.#meter = new SliceMeter(new SharedArrayBuffer(8), (now) => this.#active?.flushWhenOld(now));
  }

  static async create(post: (message: OutletMessage) => void): Promise<QuickJsSessions> {
    const { memoryBytes, stackBytes } = DEFAULT_LIMITS;
    const base = await VirtualMachine.buildBase(GUEST_PRELUDE, {
      engine: await compileEngine(memoryBytes),
      memoryBytes,
      stackBytes,
      host: createHostFunctions(),
      interrupt: () => false,
    });
    return new QuickJsSessions(base, post);
  }

  async slice(slice: SliceToChild): Promise<SliceEnd> {
    const session = await this.#session(slice);
    if (slice.cell !== undefined) this.#images.set(session.id, session.machine.capture(this.#base));
    this.#active = session;
    const { sources: _, ...end } = await session.advance(slice);
    this.#active = undefined;
    const { outcome } = end;
    if (outcome?.ok !== false || outcome.keepState) return end;
    this.#forget(session.id);
    return { ...end, outcome: { ...outcome, keepState: true }, warnings: [...(end.warnings ?? []), UNDONE] };
  }

  drop(id: number): void {
    this.#forget(id);
    this.#images.delete(id);
  }

  async #session(slice: SliceToChild): Promise<WorkerSession> {
    const held = this.#sessions.get(slice.session);
    if (held !== undefined && !(held.running && slice.cell !== undefined)) return held;
    // Fresh, undone, or given up by the host in the middle of a run.
    this.#forget(slice.session);
    const { limits } = slice;
    if (limits === undefined) throw new Error('a slice without limits for a session that is not here');
    const machine = await this.#restore(limits, this.#images.get(slice.session));
    const session = new WorkerSession({
      slice,
      limits,
      machine,
      meter: this.#meter,
      post: (message) => {
        if (message.type === 'log' || message.type === 'calls') this.#post(message);
      },
      sources: held?.sources,
    });
    this.#sessions.set(slice.session, session);
    return session;
  }

  async #restore({ memoryBytes, stackBytes }: SliceLimits, image: SessionImage | undefined): Promise<VirtualMachine> {
    return VirtualMachine.restore(this.#base, image, {
      engine: await compileEngine(Math.max(memoryBytes, image?.memoryBytes ?? 0)),
      memoryBytes,
      stackBytes,
      host: this.#host,
      interrupt: () => this.#meter.poll(),
    });
  }

  #forget(id: number): void {
    this.#sessions.get(id)?.machine.dispose();
    this.#sessions.delete(id);
  }
}
