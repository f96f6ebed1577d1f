import * as z from 'zod';

import { ERROR_CODES } from '../../errors/code-mode-error.ts';
import type { ErrorData } from '../../errors/error-data.ts';
import type { Frame } from '../../protocol/framing.ts';
import type { RunOutcome } from '../in-process/messages.ts';
import type { FromChild } from './messages.ts';
import { PartTaker } from './part-taker.ts';

const natural = z.int().min(0);
const session = z.int();
const partCounts = z.array(natural);

const MAX_REASON = 1_000;
const MAX_WARNINGS = 1_100;
const MAX_WARNING = 2_000;

const outcomeHead = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), plain: z.boolean(), count: natural }),
  z.strictObject({ ok: z.literal(false), keepState: z.boolean() }),
]);

const fromChild = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ready'),
    engine: z.enum(['v8', 'quickjs']),
    reason: z.string().max(MAX_REASON),
    permission: z.boolean(),
  }),
  z.strictObject({ type: z.literal('log'), session, stream: z.enum(['stdout', 'stderr']) }),
  z.strictObject({ type: z.literal('calls'), session, calls: partCounts }),
  z.strictObject({
    type: z.literal('slice-end'),
    session,
    cpuTimeMs: z.number().min(0).max(Number.MAX_SAFE_INTEGER),
    calls: partCounts,
    nextTimerMs: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    warnings: z.array(z.string().max(MAX_WARNING)).max(MAX_WARNINGS).optional(),
    outcome: outcomeHead.optional(),
  }),
]);

/** Causes of causes that are read. */
const MAX_CAUSES = 8;

const place = z.int().min(1);
const errorHead = z.looseObject({
  name: z.string(),
  code: z.enum(ERROR_CODES),
  message: z.string(),
  stack: z.string(),
  cause: z.unknown().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  location: z.strictObject({ file: z.string(), line: place, column: place }).optional(),
  frame: z.string().optional(),
});

/** What a child says, looked at as what an attacker wrote. @throws when it is not what an honest child sends. */
export function readFromChild({ head, parts }: Frame): FromChild {
  const message = fromChild.parse(JSON.parse(head));
  const taker = new PartTaker(parts);
  const read = readParts(message, taker);
  taker.end();
  return read;
}

function readParts(message: z.infer<typeof fromChild>, taker: PartTaker): FromChild {
  switch (message.type) {
    case 'ready':
      return message;
    case 'log':
      return { ...message, text: taker.text() };
    case 'calls':
      return { ...message, calls: message.calls.map((count) => taker.call(count)) };
    case 'slice-end': {
      const { outcome, nextTimerMs, warnings, ...rest } = message;
      const calls = rest.calls.map((count) => taker.call(count));
      return {
        ...rest,
        calls,
        ...(nextTimerMs === undefined ? {} : { nextTimerMs }),
        ...(warnings === undefined ? {} : { warnings }),
        ...(outcome === undefined ? {} : { outcome: readOutcome(outcome, taker) }),
      };
    }
    default:
      return message satisfies never;
  }
}

function readOutcome(outcome: z.infer<typeof outcomeHead>, taker: PartTaker): RunOutcome {
  if (outcome.ok) return { ok: true, encoded: taker.value(outcome.plain, outcome.count) };
  return { ok: false, keepState: outcome.keepState, error: readError(JSON.parse(taker.text()), 0) };
}

function readError(given: unknown, depth: number): ErrorData {
  const { name, code, message, stack, cause, details, location, frame } = errorHead.parse(given);
  return {
    name,
    code,
    message,
    stack,
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: readError(cause, depth + 1) }),
    ...(details === undefined ? {} : { details }),
    ...(location === undefined ? {} : { location }),
    ...(frame === undefined ? {} : { frame }),
  };
}
