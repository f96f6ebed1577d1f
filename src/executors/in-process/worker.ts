import { parentPort, receiveMessageOnPort } from 'node:worker_threads';

import { GUEST_PRELUDE } from '#guest-prelude';

import { createHostFunctions } from './host-functions.ts';
import type { BaseImage, FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { Patience, PATIENCE_MS } from './patience.ts';
import { SliceMeter } from './slice-meter.ts';
import { VirtualMachine } from './virtual-machine.ts';
import type { VirtualMachineOptions } from './virtual-machine.ts';
import { compileEngine } from './wasm-module.ts';
import { packFromWorker, unpackToWorker } from './wire.ts';
import type { FlatMessage } from './wire.ts';
import { WorkerSession } from './worker-session.ts';
import type { Slice } from './worker-session.ts';

/** How many restored VMs wait for new sessions: what makes opening one quick. */
const SPARE_MACHINES = 2;

/** A thread of the pool: holds VMs of several sessions, and does one slice at a time. */
class PoolWorker {
  readonly #data: WorkerStart;
  readonly #base: BaseImage;
  readonly #host = createHostFunctions();
  readonly #meter: SliceMeter;
  readonly #sessions = new Map<number, WorkerSession>();
  readonly #engines = new Map<number, Promise<WebAssembly.Module>>();
  readonly #spares: VirtualMachine[] = [];
  #active: WorkerSession | undefined;
  /** The last slice ended with host calls under way. */
  awaitsAnswers = false;

  private constructor(data: WorkerStart, base: BaseImage) {
    this.#data = data;
    this.#base = base;
    this.#meter = new SliceMeter(data.control, (now) => this.#active?.flushWhenOld(now));
    this.#engines.set(data.defaults.memoryBytes, Promise.resolve(data.engine));
  }

  static async start(data: WorkerStart): Promise<PoolWorker> {
    const { memoryBytes, stackBytes } = data.defaults;
    const base =
      data.base ??
      (await VirtualMachine.buildBase(GUEST_PRELUDE, {
        engine: data.engine,
        memoryBytes,
        stackBytes,
        host: createHostFunctions(),
        interrupt: () => false,
      }));
    const worker = new PoolWorker(data, base);
    post({ type: 'ready', ...(data.base === undefined ? { base } : {}) });
    return worker;
  }

  async handle(message: Exclude<ToWorker, { type: 'start' }>): Promise<void> {
    if (message.type === 'drop') {
      if (!message.discard) this.#capture(this.#sessions.get(message.session));
      this.#forget(message.session);
    } else {
      await this.#slice(message);
    }
  }

  get wantsSpares(): boolean {
    return this.#spares.length < SPARE_MACHINES;
  }

  /** Restores VMs in advance. Called when nothing else is to do. */
  async refill(): Promise<void> {
    if (this.wantsSpares) this.#spares.push(await this.#restore(this.#data.defaults, undefined));
  }

  async #slice(slice: Slice): Promise<void> {
    // Whatever this code does to the thread, the other sessions can go on elsewhere from here.
    for (const other of this.#sessions.values()) if (other.id !== slice.session) this.#capture(other);
    const session = await this.#session(slice);
    if (slice.cell !== undefined) this.#capture(session);
    this.#active = session;
    const end = await session.advance(slice);
    this.#active = undefined;
    if (end.outcome?.ok === false && !end.outcome.keepState) this.#forget(slice.session);
    this.awaitsAnswers = end.outcome === undefined && end.calls.length > 0;
    post(end);
    // After the answer, out of its way: a run that follows at once finds the state already safe.
    if (end.outcome !== undefined) this.#capture(this.#sessions.get(slice.session));
  }

  async #session(slice: Slice): Promise<WorkerSession> {
    const held = this.#sessions.get(slice.session);
    const { limits } = slice;
    if (limits === undefined) {
      if (held === undefined) throw new Error('a slice without limits for a session that is not here');
      return held;
    }
    const { memoryBytes, stackBytes } = limits;
    if (
      held !== undefined &&
      slice.image === undefined &&
      held.machine.memoryBytes === memoryBytes &&
      held.machine.stackBytes === stackBytes
    )
      return held;
    const image = slice.image ?? held?.machine.capture(this.#base);
    this.#forget(slice.session);
    const machine = await this.#machine(limits, image);
    const session = new WorkerSession({ slice, limits, machine, meter: this.#meter, post, sources: held?.sources });
    this.#sessions.set(slice.session, session);
    return session;
  }

  async #machine(
    limits: { memoryBytes: number; stackBytes: number },
    image: Parameters<typeof VirtualMachine.restore>[1],
  ): Promise<VirtualMachine> {
    const { memoryBytes, stackBytes } = this.#data.defaults;
    const spare =
      image === undefined && limits.memoryBytes === memoryBytes && limits.stackBytes === stackBytes
        ? this.#spares.pop()
        : undefined;
    return spare ?? (await this.#restore(limits, image));
  }

  async #restore(
    limits: { memoryBytes: number; stackBytes: number },
    image: Parameters<typeof VirtualMachine.restore>[1],
  ): Promise<VirtualMachine> {
    const { memoryBytes, stackBytes } = limits;
    const options: VirtualMachineOptions = {
      // A memory that has grown under a higher limit does not shrink.
      engine: await this.#engine(Math.max(memoryBytes, image?.memoryBytes ?? 0)),
      memoryBytes,
      stackBytes,
      host: this.#host,
      interrupt: () => this.#meter.poll(),
    };
    return VirtualMachine.restore(this.#base, image, options);
  }

  #engine(memoryBytes: number): Promise<WebAssembly.Module> {
    const known = this.#engines.get(memoryBytes) ?? compileEngine(memoryBytes);
    this.#engines.set(memoryBytes, known);
    return known;
  }

  /** Hands the state to the host, if guest code ran since. */
  #capture(session: WorkerSession | undefined): void {
    if (session === undefined || !session.dirty) return;
    const image = session.machine.capture(this.#base);
    session.dirty = false;
    post({ type: 'image', session: session.id, run: session.run, image, midRun: session.running });
  }

  #forget(id: number): void {
    this.#sessions.get(id)?.machine.dispose();
    this.#sessions.delete(id);
  }
}

function post(message: FromWorker): void {
  const packed = packFromWorker(message);
  if (packed === message) parentPort?.postMessage(message, transferables(message));
  else parentPort?.postMessage(packed);
}

function transferables(message: FromWorker): ArrayBuffer[] {
  if (message.type === 'image') return [message.image.bytes.buffer, message.image.stretches.buffer];
  if (message.type !== 'calls' && message.type !== 'slice-end') return [];
  const outcome = message.type === 'slice-end' && message.outcome?.ok === true ? message.outcome.encoded.parts : [];
  return [...message.calls.map((call) => call.parts), outcome].flat().filter((part) => typeof part !== 'string');
}

/** Messages are handled one after another: a slice may await (restoring a VM), and nothing may overtake it. */
function serve(port: NonNullable<typeof parentPort>): void {
  let worker: PoolWorker | undefined;
  const patience = new Patience();
  let queue = Promise.resolve();
  const enqueue = (work: () => Promise<void>): void => {
    queue = queue.then(work);
  };
  const receive = (received: ToWorker | FlatMessage): void => {
    const message = unpackToWorker(received);
    enqueue(async () => {
      if (message.type === 'start') worker = await PoolWorker.start(message);
      else await worker?.handle(message);
      // Quick tools answer at once: looking for that costs less than to sleep and be woken.
      if (worker?.awaitsAnswers === true && patience.isWorthIt) look();
    });
  };
  const look = (): void => {
    const until = performance.now() + PATIENCE_MS;
    let received: { message: ToWorker | FlatMessage } | undefined;
    while (received === undefined && performance.now() < until) received = receiveMessageOnPort(port);
    patience.end(received !== undefined);
    if (received !== undefined) receive(received.message);
  };
  port.on('message', (message: ToWorker | FlatMessage) => {
    receive(message);
    // When what is waiting has been done.
    if (worker === undefined || worker.wantsSpares) setImmediate(() => enqueue(async () => worker?.refill()));
  });
}

if (parentPort !== null) serve(parentPort);
