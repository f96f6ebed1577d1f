import type { z } from 'zod';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { isErrorCode } from '../../errors/error-data.ts';
import { decodeFrame } from '../../protocol/remote/frame.ts';
import type { Frame } from '../../protocol/remote/frame.ts';
import { FRAMES } from '../../protocol/remote/api.ts';
import { failureBody } from '../../protocol/remote/shapes.ts';
import type { Received, Sent, Transport } from './transport.ts';

const MAX_FAILURE_BYTES = 1024 * 1024;
/** Largest answer that is taken in whole, in bytes: the largest listings and artifacts. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
const ANSWER_MS = 60_000;

export interface Asked {
  readonly method: Sent['method'];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a frame. */
  readonly frame?: Uint8Array;
  /** Default: none but the time-out. */
  readonly signal?: AbortSignal;
  /** For the answer, in milliseconds; 0: none. Default: 60,000. */
  readonly timeoutMs?: number;
}

/** Speaks to a session server: adds the token, turns refusals into errors. */
export class ServerClient {
  readonly #transport: Transport;
  readonly #authorization: Readonly<Record<string, string>>;

  constructor(transport: Transport, token: string | undefined) {
    this.#transport = transport;
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** @throws {CodeModeError} what the server refused with; `UNAVAILABLE` when there is no answer. */
  async send({ method, path, json, frame, headers, signal, timeoutMs = ANSWER_MS }: Asked): Promise<Received> {
    const body = frame ?? (json === undefined ? undefined : JSON.stringify(json));
    const type = frame === undefined ? 'application/json' : FRAMES;
    const signals = [...(signal ? [signal] : []), ...(timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : [])];
    const received = await this.#transmit({
      method,
      path,
      headers: { ...this.#authorization, ...(body === undefined ? {} : { 'content-type': type }), ...headers },
      ...(body === undefined ? {} : { body }),
      ...signalOf(signals),
    });
    if (received.status >= 200 && received.status < 300) return received;
    throw await failureOf(received);
  }

  /** Asks, and reads nothing of the answer. @throws as `send` */
  async do(asked: Asked): Promise<void> {
    await readAll((await this.send(asked)).body, MAX_FAILURE_BYTES);
  }

  /** Asks for JSON. @throws as `send` */
  async json<Shape extends z.ZodType>(asked: Asked, shape: Shape): Promise<z.output<Shape>> {
    const bytes = await readAll((await this.send(asked)).body, MAX_ANSWER_BYTES);
    return understand(shape, bytes.toString('utf8'));
  }

  async text(asked: Asked): Promise<string> {
    return (await readAll((await this.send(asked)).body, MAX_ANSWER_BYTES)).toString('utf8');
  }

  /** Asks for one frame. @throws as `send` */
  async frame(asked: Asked): Promise<Frame> {
    const received = await this.send({ ...asked, headers: { accept: FRAMES, ...asked.headers } });
    try {
      return await decodeFrame(await readAll(received.body, MAX_ANSWER_BYTES));
    } catch (cause) {
      throw notUnderstood(cause);
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #transmit(sent: Sent): Promise<Received> {
    try {
      return await this.#transport.send(sent);
    } catch (cause) {
      throw unreachable(cause);
    }
  }
}

function signalOf(signals: readonly AbortSignal[]): { readonly signal?: AbortSignal } {
  const [first] = signals;
  if (first === undefined) return {};
  return { signal: signals.length === 1 ? first : AbortSignal.any([...signals]) };
}

async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw unreachable(cause);
  }
  if (size > maxBytes) throw notUnderstood(new Error(`it is larger than ${maxBytes} bytes`));
  return Buffer.concat(chunks);
}

function understand<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> {
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw notUnderstood(cause);
  }
}

async function failureOf(received: Received): Promise<CodeModeError> {
  const { status } = received;
  const text = (await readAll(received.body, MAX_FAILURE_BYTES)).toString('utf8');
  try {
    const { code, message, details } = failureBody.parse(JSON.parse(text)).error;
    const retryAfter = Number(received.header('retry-after'));
    const facts = { ...details, status, ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {}) };
    return new CodeModeError(isErrorCode(code) ? code : 'UNAVAILABLE', message, { details: facts });
  } catch {
    return new CodeModeError(
      'UNAVAILABLE',
      `Cannot use the server: it answered ${status} without saying why; expected a session server at this address`,
      { details: { status } },
    );
  }
}

/** There was no answer: whether the request arrived is not known. */
export function unreachable(cause: unknown): CodeModeError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new CodeModeError('UNAVAILABLE', `Cannot reach the server: ${reason}`, { cause });
}

export function notUnderstood(cause: unknown): CodeModeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CodeModeError('UNAVAILABLE', `Cannot use the server: its answer is not understood: ${reason}`, { cause });
}
