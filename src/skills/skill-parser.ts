import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Skill } from '../contracts/skill.ts';
import type { SkillSource } from '../contracts/skill-store.ts';
import { CodeModeError, isCodeModeError } from '../errors/code-mode-error.ts';
import { fromErrorData } from '../errors/error-data.ts';
import type { ErrorData } from '../errors/error-data.ts';

/** What the parse worker is asked. */
export interface ParseRequest {
  readonly sources: readonly SkillSource[];
  /** `new`: a skill that is to be stored, which is refused where a stored one is cut. */
  readonly wants: 'skills' | 'new' | 'errors';
}

/** What it answers for each source; neither: it is a skill, and that was all that was asked. */
export interface ParseAnswer {
  readonly skill?: Skill;
  readonly error?: ErrorData;
}

/** The largest skills take a tenth of it. */
const DEFAULT_TIMEOUT_MS = 1_000;
/** How long a worker stays without work: long enough for the files of one refresh. */
const IDLE_MS = 10_000;
const WORKER_HEAP_MB = 128;
/** How many go to the worker at once: more would be no quicker. */
const BATCH_SIZE = 64;

/**
 * Parses skills in a worker thread, one at a time: no source can block the host, or use up its memory. The thread starts with the first skill, ends when idle, and never keeps the process alive.
 */
export class SkillParser {
  readonly #timeoutMs: number;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  /** @param timeoutMs how long one skill may take; default 1000 */
  constructor(timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {CodeModeError} as `parseSkill`; `INVALID_SKILL` also for what takes too long, twice. */
  async parse(source: SkillSource): Promise<Skill> {
    const request: ParseRequest = { sources: [source], wants: 'skills' };
    // Once may be the machine's fault: it was asleep, or very busy. What is then too much stays so for its caller.
    return this.#skillOf(source, (await this.#ask(request)) ?? (await this.#ask(request)));
  }

  /** @throws {CodeModeError} as `parseNewSkill`; `INVALID_SKILL` also for what takes too long for its size. */
  async parseNew(source: SkillSource): Promise<Skill> {
    return this.#skillOf(source, await this.#ask({ sources: [source], wants: 'new' }));
  }

  #skillOf(source: SkillSource, [answer]: readonly ParseAnswer[] = []): Skill {
    if (answer?.error !== undefined) throw fromErrorData(answer.error);
    if (answer?.skill === undefined) throw this.#tooMuch(source);
    return answer.skill;
  }

  /**
   * Checks many, in a fraction of the time that parsing them takes.
   *
   * @returns for each, in their order, what `parse` would throw
   */
  async checkAll(sources: readonly SkillSource[]): Promise<readonly (CodeModeError | undefined)[]> {
    const results: (CodeModeError | undefined)[] = [];
    for (let start = 0; start < sources.length; start += BATCH_SIZE) {
      const batch = sources.slice(start, start + BATCH_SIZE);
      const answers = await this.#ask({ sources: batch, wants: 'errors' });
      if (answers !== undefined) results.push(...answers.map(({ error }) => error && fromErrorData(error)));
      // One of them is too much: which one, is found one by one.
      else for (const source of batch) results.push(await this.parse(source).then(() => undefined, asCodeModeError));
    }
    return results;
  }

  /** One after the other. `undefined`: it took too long, or too much memory. */
  async #ask(request: ParseRequest): Promise<readonly ParseAnswer[] | undefined> {
    const before = this.#last;
    const { promise, resolve: finish } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await this.#parse(request);
    } finally {
      finish();
    }
  }

  async #parse(request: ParseRequest): Promise<readonly ParseAnswer[] | undefined> {
    clearTimeout(this.#idle);
    const worker = this.#worker ?? (await startWorker());
    this.#worker = worker;
    // The process must not end while someone waits.
    worker.ref();
    worker.postMessage(request);
    const answers = await answersOf(worker, this.#timeoutMs);
    if (answers === undefined) await this.#end();
    else {
      worker.unref();
      this.#idle = setTimeout(() => void this.#end(), IDLE_MS).unref();
    }
    return answers;
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
async function answersOf(worker: Worker, timeoutMs: number): Promise<readonly ParseAnswer[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly ParseAnswer[] | undefined>();
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

function asCodeModeError(error: unknown): CodeModeError {
  if (isCodeModeError(error)) return error;
  throw error;
}
