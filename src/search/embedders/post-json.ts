import { setTimeout } from 'node:timers/promises';

import { CodeModeError } from '../../errors/code-mode-error.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const SHOWN_ANSWER_LENGTH = 200;

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** For one attempt, in ms. */
  readonly timeoutMs: number;
  /** How often it is tried again after what may pass: no connection, a time-out, 408, 429, 5xx. */
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Posts JSON and reads JSON.
 *
 * @throws {CodeModeError} `EMBEDDER_FAILED`, with `details.status` when there was an answer.
 * @throws the signal's reason when it is aborted
 */
export async function postJson(url: URL, body: unknown, options: PostOptions): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    const outcome = await tryOnce(url, body, options);
    if ('answer' in outcome) return outcome.answer;
    options.signal?.throwIfAborted();
    if (!outcome.mayPass || attempt >= options.retries) throw outcome.error;
    const pause = outcome.pauseMs ?? FIRST_PAUSE_MS * 2 ** attempt;
    await setTimeout(Math.min(LONGEST_PAUSE_MS, pause), undefined, { signal: options.signal });
  }
}

type Outcome =
  | { readonly answer: unknown }
  | { readonly error: CodeModeError; readonly mayPass: boolean; readonly pauseMs?: number | undefined };

async function tryOnce(url: URL, body: unknown, { headers, timeoutMs, signal }: PostOptions): Promise<Outcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const text = await readText(response);
    if (text === undefined) return { error: failure(url, `more than ${MAX_ANSWER_BYTES} bytes`), mayPass: false };
    return response.ok ? readAnswer(url, text) : refusal(url, response, text);
  } catch (error) {
    const got = timeout.aborted ? `no answer in ${timeoutMs} ms` : reasonOf(error);
    return { error: failure(url, got, error), mayPass: true };
  }
}

function readAnswer(url: URL, text: string): Outcome {
  try {
    return { answer: JSON.parse(text) };
  } catch (error) {
    return { error: failure(url, `no JSON: ${text.slice(0, SHOWN_ANSWER_LENGTH)}`, error), mayPass: false };
  }
}

function refusal(url: URL, { status, headers }: Response, text: string): Outcome {
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return {
    error: failure(url, `status ${status}: ${text.slice(0, SHOWN_ANSWER_LENGTH)}`, undefined, { status }),
    mayPass: status === 408 || status === 429 || status >= 500,
    pauseMs: seconds >= 0 ? seconds * 1000 : undefined,
  };
}

/** Undefined when it is too much. */
async function readText({ body }: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Typed anew: as Node's types have it, a part may be anything.
  const stream: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  for await (const part of stream) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function failure(url: URL, got: string, cause?: unknown, details: Record<string, unknown> = {}): CodeModeError {
  // A query string may hold a key.
  const place = `${url.origin}${url.pathname}`;
  return new CodeModeError('EMBEDDER_FAILED', `Cannot embed with ${place}: got ${got}; expected vectors`, {
    cause,
    details,
  });
}

/** `fetch` says "fetch failed" and hides why in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
