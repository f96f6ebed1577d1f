import { z } from 'zod';
import { respond } from '../raw-body.ts';
import { json } from '../route.ts';
import type { Route } from '../route.ts';

/** For those who run the server. The first two are open, and say no more than yes or no. */
export const OPERATION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    scope: 'open',
    summary: 'Whether the process answers. How long it has, only with a token.',
    answers: {
      200: {
        description: 'It does.',
        types: { 'application/json': z.object({ status: z.string(), uptime_seconds: z.number().nullable() }) },
      },
    },
    handle({ request, server }) {
      const isKnown = server.clientOf(request) !== undefined;
      const uptime = isKnown ? (Date.now() - server.startedAt) / 1000 : null;
      return json({ status: 'healthy', uptime_seconds: uptime });
    },
  },
  {
    method: 'GET',
    path: '/ready',
    scope: 'open',
    summary: 'Whether sessions can be opened.',
    answers: {
      200: { description: 'They can.', types: { 'application/json': z.object({ ready: z.boolean() }) } },
      503: { description: 'They can not: the storage does not answer, or the server is going down.' },
    },
    async handle({ server }) {
      const ready = await server.isReady();
      return json({ ready }, ready ? 200 : 503);
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    scope: 'metrics',
    summary: 'What happens, for Prometheus.',
    answers: { 200: { description: "Prometheus' text format.", types: { 'text/plain': z.string() } } },
    handle({ server }) {
      const { size, activeRuns } = server.sessions;
      return respond(server.metrics.print({ sessions: size, activeRuns }), {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      });
    },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    scope: 'read',
    summary: 'This description.',
    answers: { 200: { description: 'OpenAPI 3.1.', types: { 'application/json': z.unknown() } } },
    handle: ({ server }) => json(server.describe()),
  },
];
