import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Skill } from '../contracts/skill.ts';
import type { SkillSource } from '../contracts/skill-store.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { fromErrorData } from '../errors/error-data.ts';
import type { ErrorData } from '../errors/error-data.ts';

/** What the parse worker answers. */
export type ParseAnswer = { readonly skill: Skill } | { readonly error: ErrorData };

const DEFAULT_TIMEOUT_MS = 2_000;
/** How long a worker stays without work: long enough for the files of one refresh. */
const IDLE_MS = 10_000;
const WORKER_HEAP_MB = 128;

/**
 * Parses skills in a worker thread, one at a time: no source can block the host, or use up its memory. The thread starts with the first skill, ends when idle, and never keeps the process alive.
 */
export class SkillParser {
  readonly #timeoutMs: number;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  /** @param timeoutMs how long one skill may take; default 2000 */
  constructor(timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {CodeModeError} as `parseSkill`; `INVALID_SKILL` also for what takes too long. */
  async parse(source: SkillSource): Promise<Skill> {
    const before = this.#last;
    const { promise, resolve: finish } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await this.#parse(source);
    } finally {
      finish();
    }
  }

  async #parse(source: SkillSource): Promise<Skill> {
    clearTimeout(this.#idle);
    const worker = this.#worker ?? (await startWorker());
    this.#worker = worker;
    // The process must not end while someone waits.
    worker.ref();
    worker.postMessage(source);
    const answer = await answerOf(worker, this.#timeoutMs);
    if (answer === undefined) await this.#end();
    else {
      worker.unref();
      this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref();
    }
    if (answer === undefined) throw this.#tooMuch(source);
    if ('error' in answer) throw fromErrorData(answer.error);
    return answer.skill;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #tooMuch({ origin }: SkillSource): CodeModeError {
    const got = `parsing takes more than ${this.#timeoutMs} ms or ${WORKER_HEAP_MB} MB`;
    return new CodeModeError('INVALID_SKILL', `Cannot read ${origin}: ${got}; write it with less nesting`);
  }
}

async function startWorker(): Promise<Worker> {
  const file = import.meta.url.endsWith('.ts') ? './parse-worker.ts' : './parse-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    name: 'skill-parser',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  await once(worker, 'message');
  // From now on a crash is told by `exit`; an `error` that nobody hears would end the process.
  worker.on('error', () => undefined);
  return worker;
}

/** `undefined` when none comes in time, or the worker ends. */
async function answerOf(worker: Worker, timeoutMs: number): Promise<ParseAnswer | undefined> {
  const { promise, resolve } = Promise.withResolvers<ParseAnswer | undefined>();
  const giveUp = (): void => resolve(undefined);
  const timer = setTimeout(giveUp, timeoutMs);
  worker.once('message', resolve).once('exit', giveUp);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.off('message', resolve).off('exit', giveUp);
  }
}
