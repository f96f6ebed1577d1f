import { MessageChannel, MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

import { stripSource } from './strip-source.ts';
import type { StripOutcome } from './strip-source.ts';

/** How a thread says that it is ready, and how many answers it has posted. */
export const SIGNAL = { ready: 0, answers: 1 } as const;

export interface StripThreadData {
  readonly signal: SharedArrayBuffer;
  readonly port: MessagePort;
}

export function isStripThreadData(data: unknown): data is StripThreadData {
  if (typeof data !== 'object' || data === null || !('port' in data) || !('signal' in data)) return false;
  return data.port instanceof MessagePort && data.signal instanceof SharedArrayBuffer;
}

const START_TIMEOUT_MS = 30_000;
const STRIP_TIMEOUT_MS = 2_000;

let ownStripperWorks = true;
let spare: StripThread | undefined;

/**
 * Blanks out types. `broken` says that the source is too deeply nested, or took the stripper too long.
 *
 * Nesting of about 500 levels or more breaks the stripper of the thread for good. From then on this thread has others
 * do it, so that a hostile source harms nobody after it. Hostile sources can also take this thread for ever
 * (conditionals with arrow functions are parsed in exponential time): whoever calls bounds the time from outside.
 */
export function stripTypes(source: string): StripOutcome {
  if (ownStripperWorks) {
    const outcome = stripSource(source);
    ownStripperWorks = outcome.type !== 'broken';
    return outcome;
  }
  spare ??= new StripThread();
  const outcome = spare.strip(source);
  if (outcome.type === 'broken') {
    spare.end();
    spare = undefined;
  }
  return outcome;
}

/** A stripper in a thread of its own, waited for. */
class StripThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(8));

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: StripThreadData = { signal: this.#signal.buffer, port: port2 };
    this.#worker = new Worker(
      new URL(`./strip-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
      {
        workerData,
        transferList: [port2],
        env: {},
        execArgv: [],
      },
    );
    this.#worker.unref();
    this.#port.unref();
  }

  strip(source: string): StripOutcome {
    Atomics.wait(this.#signal, SIGNAL.ready, 0, START_TIMEOUT_MS);
    const answers = Atomics.load(this.#signal, SIGNAL.answers);
    this.#port.postMessage(source);
    Atomics.wait(this.#signal, SIGNAL.answers, answers, STRIP_TIMEOUT_MS);
    const received: { message: StripOutcome } | undefined = receiveMessageOnPort(this.#port);
    return received?.message ?? { type: 'broken' };
  }

  end(): void {
    void this.#worker.terminate();
  }
}
