import { setTimeout as sleep } from 'node:timers/promises';
import type { EventListener, ExecutionResult } from '../../contracts/execution.ts';
import { CodeModeError, isCodeModeError } from '../../errors/code-mode-error.ts';
import { FRAMES, HEARTBEAT_MS, LAST_EVENT_HEADER, RUN_NAME_HEADER } from '../../protocol/remote/api.ts';
import { FrameReader } from '../../protocol/remote/frame.ts';
import type { Frame } from '../../protocol/remote/frame.ts';
import { readRunFrame } from '../../protocol/remote/result.ts';
import { notUnderstood, unreachable } from './server-client.ts';
import type { ServerClient } from './server-client.ts';
import type { Received } from './transport.ts';

/** Silence for so long means that the connection is dead, in milliseconds. */
const SILENT_MS = 3 * HEARTBEAT_MS;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;
/** The largest frame that is taken: a result of the largest size, escaped. */
const MAX_FRAME_BYTES = 512 * 1024 * 1024;

export interface RemoteRunOptions {
  /** Its last segment is the run's name. */
  readonly path: string;
  readonly request: { readonly code: string; readonly limits: Readonly<Record<string, number>> };
  /** Of its caller: cancels the run. */
  readonly signal: AbortSignal | undefined;
  /** Nobody waits any more. */
  readonly gone: AbortSignal;
  readonly reconnectMs: number;
  readonly onEvent: EventListener;
}

/**
 * One run on a server. Its name makes the request repeatable: after a lost connection the same request joins the run
 * that there is, and its stream goes on after the last event that arrived.
 */
export class RemoteRun {
  readonly #server: ServerClient;
  readonly #options: RemoteRunOptions;
  readonly #runsPath: string;
  readonly #name: string;
  #lastId = 0;
  /** When something last came from the server. */
  #heardAt = performance.now();
  #abortedAt = Infinity;

  constructor(server: ServerClient, options: RemoteRunOptions) {
    this.#server = server;
    this.#options = options;
    const slash = options.path.lastIndexOf('/');
    this.#runsPath = options.path.slice(0, slash);
    this.#name = options.path.slice(slash + 1);
  }

  /** @throws {CodeModeError} what the server refused with; `UNAVAILABLE` when it is lost; `ABORTED`. */
  async result(): Promise<ExecutionResult> {
    const { signal } = this.#options;
    const onAbort = (): void => {
      this.#abortedAt = performance.now();
      void this.#cancel();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#persist();
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Tries again while there is hope. */
  async #persist(): Promise<ExecutionResult> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
      const heardAt = this.#heardAt;
      try {
        return await this.#follow();
      } catch (error) {
        if (!isPassing(error) || this.#options.gone.aborted) throw error;
        if (this.#heardAt > heardAt) pauseMs = FIRST_PAUSE_MS;
        if (performance.now() + pauseMs - Math.min(this.#heardAt, this.#abortedAt) > this.#options.reconnectMs)
          throw this.#lostHope(error);
      }
      await sleep(pauseMs, undefined, { signal: this.#options.gone }).catch(() => undefined);
    }
  }

  /** Asks for the run and reads its stream, to the result. */
  async #follow(): Promise<ExecutionResult> {
    const { gone } = this.#options;
    const connection = new AbortController();
    const cut = (): void => connection.abort();
    const silence = setTimeout(cut, SILENT_MS);
    gone.addEventListener('abort', cut, { once: true });
    if (gone.aborted) cut();
    try {
      const { body } = await this.#ask(connection.signal);
      if (this.#options.signal?.aborted === true) void this.#cancel();
      const reader = new FrameReader(body, MAX_FRAME_BYTES);
      for (;;) {
        this.#heardAt = performance.now();
        silence.refresh();
        const frame = await reader.next();
        if (frame === undefined) throw unreachable(new Error('the connection ended before the result came'));
        const result = this.#take(frame);
        if (result !== undefined) return await this.#finish(reader, result);
      }
    } catch (error) {
      cut();
      throw asCodeModeError(error);
    } finally {
      clearTimeout(silence);
      gone.removeEventListener('abort', cut);
    }
  }

  #ask(signal: AbortSignal): Promise<Received> {
    return this.#server.send({
      method: 'POST',
      path: this.#runsPath,
      json: this.#options.request,
      headers: {
        accept: FRAMES,
        [RUN_NAME_HEADER]: this.#name,
        ...(this.#lastId === 0 ? {} : { [LAST_EVENT_HEADER]: String(this.#lastId) }),
      },
      signal,
      timeoutMs: 0,
    });
  }

  /** Reads the end of the stream, so that the connection can serve again. */
  async #finish(reader: FrameReader, result: ExecutionResult): Promise<ExecutionResult> {
    await reader.next().catch(() => undefined);
    return result;
  }

  #take(frame: Frame): ExecutionResult | undefined {
    const { id, event, result } = readMessage(frame);
    this.#lastId = id ?? this.#lastId;
    if (event !== undefined) this.#options.onEvent(event);
    return result;
  }

  async #cancel(): Promise<void> {
    try {
      await this.#server.do({ method: 'DELETE', path: this.#options.path, signal: this.#options.gone });
    } catch {
      // Not there yet: it is cancelled as soon as its stream begins. Or the server is lost: then so is the run.
    }
  }

  #lostHope(error: CodeModeError): CodeModeError {
    const { signal } = this.#options;
    if (signal?.aborted === true)
      return new CodeModeError(
        'ABORTED',
        'Cannot finish the run: its caller cancelled it, and the server could not be told: it may still be under way there',
        { cause: error },
      );
    return new CodeModeError(
      'UNAVAILABLE',
      `Cannot finish the run: the server is lost (${error.message}); the run may have ended there, or still be under way`,
      { cause: error },
    );
  }
}

function readMessage(frame: Frame): ReturnType<typeof readRunFrame> {
  try {
    return readRunFrame(frame);
  } catch (cause) {
    throw notUnderstood(cause);
  }
}

function asCodeModeError(error: unknown): unknown {
  return error instanceof CodeModeError && error.code !== 'INVALID_DATA' ? error : unreachable(error);
}

/** It may be otherwise in a moment: the server was not reached, is starting, or has too many runs of the session. */
function isPassing(error: unknown): error is CodeModeError {
  if (!isCodeModeError(error)) return false;
  return error.code === 'UNAVAILABLE' || error.code === 'SESSION_LIMIT';
}
