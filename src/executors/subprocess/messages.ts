import type { Frame, FramePart } from '../../protocol/framing.ts';
import type { CallAnswer, FromWorker, IssuedCall, RunOutcome, ToWorker } from '../in-process/messages.ts';
import { PartTaker } from './part-taker.ts';

/**
 * The wire between the host and a confined child: the slice protocol of the in-process workers, as frames.
 *
 * The child trusts the host. The host trusts nothing: code that has broken out of its isolate writes these frames.
 */

/** Which engine the child's guests run in. */
export type EngineName = 'v8' | 'quickjs';

/** The child's first message. */
export interface Ready {
  readonly type: 'ready';
  readonly engine: EngineName;
  /** Why it is not V8. */
  readonly reason: string;
  /** The child can neither write files nor start processes, as far as its Node says. */
  readonly permission: boolean;
}

export type ToChild = Exclude<ToWorker, { type: 'start' }>;
export type FromChild = Ready | Exclude<FromWorker, { type: 'ready' | 'image' }>;
export type SliceToChild = Extract<ToChild, { type: 'slice' }>;
export type SliceEnd = Extract<FromChild, { type: 'slice-end' }>;

export function frameToChild(message: ToChild): Frame {
  if (message.type === 'drop') return { head: JSON.stringify(message), parts: [] };
  const { answers, cell, ...rest } = message;
  const parts: FramePart[] = cell === undefined ? [] : [cell.source];
  const heads = answers.map(({ id, ok, encoded }) => {
    parts.push(encoded.text, ...encoded.parts);
    return [id, ok, encoded.plain, encoded.parts.length];
  });
  return { head: JSON.stringify({ ...rest, file: cell?.file, answers: heads }), parts };
}

type SliceHead = Omit<SliceToChild, 'cell' | 'answers'> & {
  readonly file?: string;
  /** Id, ok, plain, number of parts beside the text. */
  readonly answers: readonly (readonly [number, boolean, boolean, number])[];
};
const parseHead: (json: string) => SliceHead | Extract<ToChild, { type: 'drop' }> = JSON.parse;

/** In the child: what comes is what {@link frameToChild} made. */
export function readToChild({ head, parts }: Frame): ToChild {
  const message = parseHead(head);
  if (message.type === 'drop') return message;
  const { file, answers, ...slice } = message;
  const taker = new PartTaker(parts);
  return {
    ...slice,
    ...(file === undefined ? {} : { cell: { file, source: taker.text() } }),
    answers: answers.map(([id, ok, plain, count]): CallAnswer => ({ id, ok, encoded: taker.value(plain, count) })),
  };
}

export function frameFromChild(message: FromChild): Frame {
  switch (message.type) {
    case 'ready':
      return { head: JSON.stringify(message), parts: [] };
    case 'log':
      return {
        head: JSON.stringify({ type: 'log', session: message.session, stream: message.stream }),
        parts: [message.text],
      };
    case 'calls':
      return {
        head: JSON.stringify({ ...message, calls: countParts(message.calls) }),
        parts: partsOf(message.calls),
      };
    case 'slice-end':
      return frameOfSliceEnd(message);
    default:
      return message satisfies never;
  }
}

function frameOfSliceEnd(message: SliceEnd): Frame {
  const { session, cpuTimeMs, calls, nextTimerMs, warnings, outcome } = message;
  const parts = partsOf(calls);
  if (outcome?.ok === true) parts.push(outcome.encoded.text, ...outcome.encoded.parts);
  else if (outcome !== undefined) parts.push(JSON.stringify(outcome.error));
  const head = {
    type: 'slice-end',
    session,
    cpuTimeMs,
    calls: countParts(calls),
    nextTimerMs,
    warnings,
    outcome: outcome && headOfOutcome(outcome),
  };
  return { head: JSON.stringify(head), parts };
}

/** How an outcome is told in a frame's head; what it is made of stands behind. */
type OutcomeHead =
  | { readonly ok: true; readonly plain: boolean; readonly count: number }
  | { readonly ok: false; readonly keepState: boolean };

function headOfOutcome(outcome: RunOutcome): OutcomeHead {
  if (!outcome.ok) return { ok: false, keepState: outcome.keepState };
  return { ok: true, plain: outcome.encoded.plain, count: outcome.encoded.parts.length };
}

/** Of each call, the number of parts beside its text. */
function countParts(calls: readonly IssuedCall[]): number[] {
  return calls.map((call) => call.parts.length);
}

function partsOf(calls: readonly IssuedCall[]): FramePart[] {
  return calls.flatMap((call) => [call.text, ...call.parts]);
}
