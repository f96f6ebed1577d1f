import { z } from 'zod';
import type { ExecutionResult, SessionEvent } from '../../contracts/execution.ts';
import { isErrorCode } from '../../errors/error-data.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import { decodeValue } from '../codec/decode.ts';
import { encodeValue } from '../codec/encode.ts';
import type { EncodedValue } from '../codec/message.ts';
import type { Frame } from './frame.ts';

/** What the frames of a run's stream say, in `body`. A frame without any of these is a sign of life. */
export type RunMessage =
  | { readonly id: number; readonly event: SessionEvent }
  /** Events that are kept no more. */
  | { readonly id: number; readonly dropped: number }
  | { readonly id: number; readonly result: PlainResult };

/** A result as JSON; its value, if it has one, is in the frame's parts and in `value`. */
export type PlainResult = Omit<Extract<ExecutionResult, { ok: false }>, 'ok' | 'error'> & {
  readonly ok: boolean;
  readonly error?: ErrorData;
  readonly value?: Pick<EncodedValue, 'text' | 'plain'>;
};

/** A result whose value is encoded: it can be kept, sent often, and changes no more. */
export interface EncodedResult {
  readonly plain: PlainResult;
  readonly value: EncodedValue | undefined;
}

/** A value comes from the sandbox, through the codec: its size is bounded by the limits of its run. */
const ANY_SIZE = Number.MAX_SAFE_INTEGER;

export function encodeResult(result: ExecutionResult): EncodedResult {
  if (!result.ok) return { plain: result, value: undefined };
  const { value, ...rest } = result;
  const encoded = encodeValue(value, { maxBytes: ANY_SIZE, root: 'result' });
  return { plain: { ...rest, value: { text: encoded.text, plain: encoded.plain } }, value: encoded };
}

const outcome = z.enum(['ok', 'error', 'cancelled']);
const errorShape: z.ZodType<ErrorData> = z.object({
  name: z.string(),
  code: z.string().transform((code) => (isErrorCode(code) ? code : 'INTERNAL')),
  message: z.string(),
  stack: z.string().default(''),
  get cause() {
    return errorShape.exactOptional();
  },
  details: z.record(z.string(), z.unknown()).exactOptional(),
  location: z.object({ file: z.string(), line: z.number(), column: z.number() }).exactOptional(),
  frame: z.string().exactOptional(),
});
const resultShape = z.object({
  ok: z.boolean(),
  error: errorShape.exactOptional(),
  value: z.object({ text: z.string(), plain: z.boolean() }).exactOptional(),
  runId: z.string(),
  stdout: z.string(),
  stderr: z.string(),
  durationMs: z.number(),
  cpuTimeMs: z.number(),
  toolCalls: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      durationMs: z.number(),
      outcome,
      error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
    }),
  ),
  warnings: z.array(z.string()),
});
const runId = z.string();
const eventShape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-start'), runId }),
  z.object({
    type: z.literal('log'),
    runId,
    source: z.enum(['guest', 'tool']),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    callId: z.number().exactOptional(),
  }),
  z.object({ type: z.literal('call-start'), runId, callId: z.number(), name: z.string() }),
  z.object({
    type: z.literal('call-end'),
    runId,
    callId: z.number(),
    name: z.string(),
    durationMs: z.number(),
    outcome,
  }),
  z.object({ type: z.literal('run-end'), runId, ok: z.boolean(), durationMs: z.number() }),
]);
const messageShape = z.object({
  id: z.number(),
  event: eventShape.exactOptional(),
  dropped: z.number().exactOptional(),
  result: resultShape.exactOptional(),
});

/** What a frame of a run's stream says, checked. */
export interface ReceivedMessage {
  readonly id?: number;
  readonly event?: SessionEvent;
  readonly dropped?: number;
  readonly result?: ExecutionResult;
}

/** @throws {CodeModeError | z.ZodError} for what is no such frame */
export function readRunFrame({ body, parts }: Frame): ReceivedMessage {
  if (typeof body === 'object' && body !== null && Object.keys(body).length === 0) return {};
  const { result, ...message } = messageShape.parse(body);
  return result === undefined ? message : { ...message, result: decodeResult(result, parts) };
}

function decodeResult(
  { ok, error, value, ...rest }: z.infer<typeof resultShape>,
  parts: EncodedValue['parts'],
): ExecutionResult {
  if (!ok) return { ...rest, ok, error: error ?? NO_ERROR };
  return { ...rest, ok, value: decodeValue({ text: value?.text ?? 'null', plain: value?.plain ?? true, parts }) };
}

const NO_ERROR: ErrorData = { name: 'Error', code: 'INTERNAL', message: 'The run failed', stack: '' };
