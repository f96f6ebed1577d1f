import type { CallAnswer, FromWorker, IssuedCall, ToWorker } from './messages.ts';

type Slice = Extract<ToWorker, { type: 'slice' }>;
type SliceEnd = Extract<FromWorker, { type: 'slice-end' }>;

/**
 * The two messages of which every host call takes one, as flat lists: to clone objects inside of objects costs the
 * threads more than all the rest of a quick call. A list carries what is common; other messages go as they are.
 *
 * - `[session, run, callBytesInFlight, ...(id, ok, plain, text)]`: a slice that brings answers and nothing else.
 * - `[session, cpuTimeMs, nextTimerMs or -1, ...text]`: the end of a slice that only issued calls.
 */
export type FlatMessage = readonly (number | string | boolean)[];

const NO_TIMER = -1;
const HEADER = 3;

export function packToWorker(message: ToWorker): ToWorker | FlatMessage {
  if (message.type !== 'slice' || message.limits !== undefined || message.cell !== undefined) return message;
  const { session, run, callBytesInFlight, answers } = message;
  const list: (number | string | boolean)[] = [session, run, callBytesInFlight];
  for (const { id, ok, encoded } of answers) {
    if (encoded.parts.length > 0) return message;
    list.push(id, ok, encoded.plain, encoded.text);
  }
  return list;
}

export function unpackToWorker(message: ToWorker | FlatMessage): ToWorker {
  return isFlat(message) ? unpackSlice(message) : message;
}

export function packFromWorker(message: FromWorker): FromWorker | FlatMessage {
  if (message.type !== 'slice-end' || message.outcome !== undefined || message.sources !== undefined) return message;
  const { session, cpuTimeMs, nextTimerMs, calls } = message;
  const list: (number | string | boolean)[] = [session, cpuTimeMs, nextTimerMs ?? NO_TIMER];
  for (const { text, parts } of calls) {
    if (parts.length > 0) return message;
    list.push(text);
  }
  return list;
}

export function unpackFromWorker(message: FromWorker | FlatMessage): FromWorker {
  return isFlat(message) ? unpackSliceEnd(message) : message;
}

function unpackSlice(list: FlatMessage): Slice {
  const answers: CallAnswer[] = [];
  for (let index = HEADER; index < list.length; index += 4) {
    const encoded = { plain: list[index + 2] === true, text: String(list[index + 3]), parts: [] };
    answers.push({ id: Number(list[index]), ok: list[index + 1] === true, encoded });
  }
  const [session, run, callBytesInFlight] = list;
  return {
    type: 'slice',
    session: Number(session),
    run: Number(run),
    callBytesInFlight: Number(callBytesInFlight),
    answers,
  };
}

function unpackSliceEnd(list: FlatMessage): SliceEnd {
  const calls: IssuedCall[] = [];
  for (let index = HEADER; index < list.length; index += 1) calls.push({ text: String(list[index]), parts: [] });
  const [session, cpuTimeMs, nextTimerMs] = list;
  const timer = nextTimerMs === NO_TIMER ? {} : { nextTimerMs: Number(nextTimerMs) };
  return { type: 'slice-end', session: Number(session), cpuTimeMs: Number(cpuTimeMs), calls, ...timer };
}

function isFlat(message: object): message is FlatMessage {
  return Array.isArray(message);
}
