import { HEARTBEAT_MS } from '../protocol/remote/api.ts';
import { encodeFrame } from '../protocol/remote/frame.ts';
import type { RunMessage } from '../protocol/remote/result.ts';
import { jsonResult } from './json-result.ts';
import type { RunRecord } from './run-record.ts';

/** How a stream is written. */
export interface StreamForm {
  message(message: RunMessage, record: RunRecord): Uint8Array;
  /** Says nothing. */
  readonly heartbeat: Uint8Array;
}

export const FRAME_FORM: StreamForm = {
  message: (message, record) => encodeFrame(message, 'result' in message ? (record.result?.value?.parts ?? []) : []),
  heartbeat: encodeFrame({}),
};

export const EVENT_STREAM_FORM: StreamForm = {
  message(message, record) {
    const [type, data] = eventOf(message, record);
    // JSON has no line breaks of its own.
    return Buffer.from(`id: ${message.id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  },
  heartbeat: Buffer.from(':\n\n'),
};

function eventOf(message: RunMessage, record: RunRecord): [type: string, data: unknown] {
  if ('event' in message) return [message.event.type, message.event];
  if ('dropped' in message) return ['dropped', { dropped: message.dropped }];
  return ['result', record.result === undefined ? undefined : jsonResult(record.result)];
}

/**
 * A run's events after `lastId`, then its result. Made as it is read: a client that reads slowly costs no memory beside
 * the record, and one that never reads holds up nobody.
 */
export function streamRun(
  record: RunRecord,
  form: StreamForm,
  lastId: number,
  onCancel: () => void,
): ReadableStream<Uint8Array> {
  let readTo = lastId;
  let state: 'open' | 'closed' = 'open';
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { changed } = record;
          const pieces = takeMessages(record, readTo).map((message) => {
            readTo = message.id;
            return form.message(message, record);
          });
          const isOver = record.result !== undefined && readTo >= record.lastId;
          if (pieces.length > 0) controller.enqueue(Buffer.concat(pieces));
          if (isOver) {
            state = 'closed';
            controller.close();
          }
          if (isOver || pieces.length > 0) return;
          const isQuiet = await silence(changed);
          if (state === 'closed') return;
          if (isQuiet) {
            controller.enqueue(form.heartbeat);
            return;
          }
        }
      },
      cancel() {
        state = 'closed';
        onCancel();
      },
    },
    { highWaterMark: 0 },
  );
}

/** All that such a stream would say, of a run that is over. */
export function wholeRun(record: RunRecord, form: StreamForm, lastId: number): Buffer<ArrayBuffer> {
  return Buffer.concat(takeMessages(record, lastId).map((message) => form.message(message, record)));
}

function takeMessages(record: RunRecord, readTo: number): RunMessage[] {
  const { events, dropped } = record.eventsAfter(readTo);
  const messages: RunMessage[] = [];
  const [first] = events;
  if (dropped > 0 && first !== undefined) messages.push({ id: first.id - 1, dropped });
  messages.push(...events);
  const { result, lastId } = record;
  if (result !== undefined && (readTo < lastId || messages.length > 0))
    messages.push({ id: lastId, result: result.plain });
  return messages;
}

/** False when `changed` resolves; true when it is time for a sign of life. */
async function silence(changed: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), HEARTBEAT_MS);
  void changed.then(() => resolve(false));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
