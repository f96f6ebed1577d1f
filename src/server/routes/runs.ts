import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Limits } from '../../contracts/limits.ts';
import { EVENT_STREAM, FRAMES, LAST_EVENT_HEADER, RUN_NAME, RUN_NAME_HEADER } from '../../protocol/remote/api.ts';
import { jsonResult } from '../json-result.ts';
import { check, readJson } from '../request-body.ts';
import { respond } from '../raw-body.ts';
import { json } from '../route.ts';
import type { Answer, Call, Parameter, Route } from '../route.ts';
import type { RunRecord } from '../run-record.ts';
import { EVENT_STREAM_FORM, FRAME_FORM, streamRun, wholeRun } from '../run-stream.ts';
import { limitsShape, NOT_FOUND } from './shapes.ts';

const runRequest = z.strictObject({
  code: z.string(),
  limits: limitsShape.optional(),
  /** The run is cancelled when the client that waits for its answer goes away. */
  cancelOnDisconnect: z.boolean().optional(),
});

const runName = z.string().regex(RUN_NAME).optional();

const runAnswer = z.object({
  ok: z.boolean(),
  value: z.unknown().optional(),
  exact: z.boolean().optional(),
  error: z.unknown().optional(),
  runId: z.string(),
  stdout: z.string(),
  stderr: z.string(),
  durationMs: z.number(),
  cpuTimeMs: z.number(),
  toolCalls: z.array(z.unknown()),
  warnings: z.array(z.string()),
});

const RESULT: Answer = {
  description: 'The result; as a stream, the events and then the result.',
  types: { 'application/json': runAnswer, [EVENT_STREAM]: z.string(), [FRAMES]: undefined },
};

const LAST_EVENT: Parameter = {
  in: 'header',
  name: LAST_EVENT_HEADER,
  description: 'Streams go on after the event of this number.',
  schema: z.coerce.number().int().nonnegative().optional(),
};

/** A run that ends so soon is answered in one piece, which is much quicker than a stream. Milliseconds. */
const SHORT_MS = 10;

export const RUN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/sessions/{session}/runs',
    scope: 'run',
    summary: 'Runs code, after the runs that wait. Sent again under the same key, it joins the run that there is.',
    parameters: [
      {
        in: 'header',
        name: RUN_NAME_HEADER,
        description: "The run's name. Default: a random one.",
        schema: runName,
      },
      LAST_EVENT,
    ],
    body: { types: { 'application/json': runRequest } },
    answers: {
      200: RESULT,
      404: NOT_FOUND,
      410: { description: 'It ended, and its result is kept no more. Nothing was executed.' },
      422: { description: 'The request is not valid, or the key stands for another one.' },
      429: { description: 'Too many runs of the session wait.' },
    },
    async handle(call) {
      const { request, server, client, params } = call;
      const hosted = server.sessions.find(client, params['session'] ?? '');
      const body = await readJson(request, runRequest, server.settings.maxRequestBytes);
      const name = request.headers.get(RUN_NAME_HEADER) ?? undefined;
      check(runName, name, `the header ${RUN_NAME_HEADER}`);
      const { limits, warnings } = capLimits(body.limits ?? {}, server.settings.limits);
      const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64');
      const record = server.sessions.startRun(hosted, { name, digest, code: body.code, limits, warnings });
      return answerRun(call, record, body.cancelOnDisconnect === true);
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions/{session}/runs/{run}',
    scope: 'run',
    summary: 'The result of a run, as soon as it is there; as a stream, its events before.',
    parameters: [LAST_EVENT],
    answers: { 200: RESULT, 404: NOT_FOUND, 410: { description: 'Its result is kept no more.' } },
    handle(call) {
      const { server, client, params } = call;
      const record = server.sessions.find(client, params['session'] ?? '').run(params['run'] ?? '');
      return answerRun(call, record, false);
    },
  },
  {
    method: 'DELETE',
    path: '/v1/sessions/{session}/runs/{run}',
    scope: 'run',
    summary: 'Cancels a run. Its result says so, unless it was over.',
    answers: { 202: { description: 'It ends as soon as it can.' }, 404: NOT_FOUND },
    handle({ server, client, params }) {
      server.sessions
        .find(client, params['session'] ?? '')
        .run(params['run'] ?? '')
        .cancel();
      return json({}, 202);
    },
  },
];

/** Never more than the server allows; what was asked for beyond that is told. */
export function capLimits(
  given: Readonly<Record<string, number | undefined>>,
  most: Limits,
): { readonly limits: Partial<Limits>; readonly warnings: readonly string[] } {
  const allowed: Readonly<Record<string, number>> = { ...most };
  const limits: Record<string, number> = {};
  const warnings: string[] = [];
  for (const [name, value = Infinity] of Object.entries(given)) {
    const cap = allowed[name] ?? 0;
    limits[name] = Math.min(value, cap);
    if (value > cap) warnings.push(`${name} is ${cap}: this server allows no more`);
  }
  return { limits, warnings };
}

async function answerRun(call: Call, record: RunRecord, cancelsOnDisconnect: boolean): Promise<Response> {
  const { request } = call;
  const onDisconnect = (): void => {
    if (cancelsOnDisconnect) record.cancel();
  };
  const form = formOf(request.headers.get('accept') ?? '');
  if (form === undefined) {
    if (cancelsOnDisconnect) request.signal.addEventListener('abort', onDisconnect, { once: true });
    const result = await record.finished;
    request.signal.removeEventListener('abort', onDisconnect);
    return json(jsonResult(result), 200, { 'x-run-name': record.name });
  }
  const after = check(LAST_EVENT.schema, request.headers.get(LAST_EVENT_HEADER) ?? undefined, LAST_EVENT_HEADER);
  const lastId = typeof after === 'number' ? Math.min(after, record.lastId) : 0;
  const writer = form === FRAMES ? FRAME_FORM : EVENT_STREAM_FORM;
  const headers = { 'content-type': form, 'x-accel-buffering': 'no', 'x-run-name': record.name };
  if (await endsWithin(record, SHORT_MS)) return respond(wholeRun(record, writer, lastId), { headers });
  return new Response(streamRun(record, writer, lastId, onDisconnect), { headers });
}

async function endsWithin(record: RunRecord, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([record.finished, late]);
  clearTimeout(timer);
  return record.result !== undefined;
}

function formOf(accept: string): typeof FRAMES | typeof EVENT_STREAM | undefined {
  if (accept.includes(FRAMES)) return FRAMES;
  return accept.includes(EVENT_STREAM) ? EVENT_STREAM : undefined;
}
