import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventListener, ExecutionResult } from '../../contracts/execution.ts';
import type { HostedSandbox, SandboxRunOptions } from '../../contracts/executor.ts';
import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import type { Limits } from '../../contracts/limits.ts';
import { CodeModeError, isCodeModeError } from '../../errors/code-mode-error.ts';
import { toErrorData } from '../../errors/error-data.ts';
import { API, runPath, sessionPath } from '../../protocol/remote/api.ts';
import { sessionRecord } from '../../protocol/remote/shapes.ts';
import { RemoteFacade } from './remote-facade.ts';
import { RemoteRun } from './remote-run.ts';
import type { ServerClient } from './server-client.ts';

/** What closing may take when the server does not answer, in milliseconds. */
const CLOSE_MS = 5_000;
const LAST_RESULT_MS = 1_000;

/** A session on a server. When the server has lost it, the next run opens another. */
export class RemoteSandbox implements HostedSandbox {
  readonly facade: RemoteFacade;
  readonly #server: ServerClient;
  readonly #sessionId: string;
  readonly #reconnectMs: number;
  readonly #onClose: () => void;
  /** Aborts when nothing is to be waited for any more. */
  readonly #gone = new AbortController();
  /** Its id on the server; `undefined`: it is to be opened. */
  #remoteId: string | undefined;
  #wasLost = false;
  #queue: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    server: ServerClient,
    options: { readonly sessionId: string; readonly reconnectMs: number; readonly onClose: () => void },
  ) {
    this.facade = new RemoteFacade(server);
    this.#server = server;
    this.#sessionId = options.sessionId;
    this.#reconnectMs = options.reconnectMs;
    this.#onClose = options.onClose;
  }

  /** @throws {CodeModeError} what the server refused with; `UNAVAILABLE` when it can't be reached. */
  async open(): Promise<string> {
    if (this.#remoteId === undefined) {
      const record = await this.#server.json({ method: 'POST', path: `${API}/sessions` }, sessionRecord);
      this.#remoteId = record.id;
    }
    return this.#remoteId;
  }

  run(code: string, options: SandboxRunOptions): Promise<ExecutionResult> {
    return this.#enqueue(() => this.#run(code, options));
  }

  async reset(): Promise<void> {
    await this.#enqueue(async () => {
      const path = `${sessionPath(await this.open())}/reset`;
      try {
        await this.#server.do({ method: 'POST', path, timeoutMs: 0, signal: this.#gone.signal });
      } catch (error) {
        // Then its variables are gone already.
        if (!this.#lost(error)) throw error;
        this.#wasLost = false;
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #run(code: string, { limits, signal, onEvent }: SandboxRunOptions): Promise<ExecutionResult> {
    const warnings: string[] = [];
    try {
      this.#refuse(code, limits, signal);
      const remoteId = await this.open();
      if (this.#wasLost)
        warnings.push('The server had lost the session: its variables were gone, this run began afresh');
      this.#wasLost = false;
      const run = new RemoteRun(this.#server, {
        path: runPath(remoteId, randomUUID()),
        request: { code, limits: changedLimits(limits) },
        signal,
        gone: this.#gone.signal,
        reconnectMs: this.#reconnectMs,
        onEvent: guarded(onEvent, warnings),
      });
      const result = await run.result();
      return { ...result, warnings: [...result.warnings, ...warnings] };
    } catch (error) {
      return { ok: false, error: toErrorData(this.#explain(error)), runId: this.#sessionId, ...NOTHING, warnings };
    }
  }

  #refuse(code: string, limits: Limits, signal: AbortSignal | undefined): void {
    if (this.#closing !== undefined) throw closed();
    if (signal?.aborted === true)
      throw new CodeModeError('ABORTED', 'Cannot start the run: its caller cancelled it', { cause: signal.reason });
    const size = Buffer.byteLength(code);
    if (size > limits.sourceBytes)
      throw new CodeModeError(
        'SOURCE_LIMIT',
        `Cannot run: the source takes ${size} bytes; the limit (sourceBytes) is ${limits.sourceBytes}. Save large data as an artifact and load it`,
      );
  }

  #explain(error: unknown): unknown {
    if (this.#lost(error))
      return new CodeModeError(
        'UNKNOWN_SESSION',
        'Cannot finish the run: the server does not know the session any more (it expired, or the server was restarted); its variables are gone, and the next run starts afresh',
        { cause: error },
      );
    return this.#closing !== undefined && isCodeModeError(error, 'UNAVAILABLE') ? closed() : error;
  }

  /** True when the server has lost the session. */
  #lost(error: unknown): boolean {
    if (!isCodeModeError(error, 'UNKNOWN_SESSION') || this.#closing !== undefined) return false;
    this.#remoteId = undefined;
    this.#wasLost = true;
    return true;
  }

  async #close(): Promise<void> {
    const remoteId = this.#remoteId;
    if (remoteId !== undefined) {
      const path = sessionPath(remoteId);
      // A server that does not answer closes it when it has been idle for long enough.
      await this.#server.do({ method: 'DELETE', path, timeoutMs: CLOSE_MS }).catch(() => undefined);
    }
    const patience = new AbortController();
    const ended = this.#queue.then(() => patience.abort());
    await sleep(LAST_RESULT_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    this.#gone.abort(closed());
    await ended;
    this.#onClose();
  }
}

const NOTHING = { stdout: '', stderr: '', durationMs: 0, cpuTimeMs: 0, toolCalls: [] };

function closed(): CodeModeError {
  return new CodeModeError('SESSION_CLOSED', 'Cannot run: the session is closed; open another');
}

/** The server has defaults of its own: it is told what differs from the usual ones. */
function changedLimits(limits: Limits): Readonly<Record<string, number>> {
  const usual = new Map<string, number>(Object.entries<number>({ ...DEFAULT_LIMITS }));
  return Object.fromEntries(Object.entries<number>({ ...limits }).filter(([name, value]) => usual.get(name) !== value));
}

/** A listener that throws must not end the run, nor go unnoticed. */
function guarded(onEvent: EventListener | undefined, warnings: string[]): EventListener {
  return (event) => {
    try {
      onEvent?.(event);
    } catch (error) {
      if (warnings.every((warning) => !warning.startsWith('onEvent threw')))
        warnings.push(`onEvent threw: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
