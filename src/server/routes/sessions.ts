import { sessionList, sessionRecord } from '../../protocol/remote/shapes.ts';
import { json, noContent } from '../route.ts';
import type { Route } from '../route.ts';
import { NOT_FOUND } from './shapes.ts';

export const SESSION_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/sessions',
    scope: 'run',
    summary: 'Opens a session.',
    answers: {
      201: { description: 'The session.', types: { 'application/json': sessionRecord } },
      429: { description: 'There are as many as may be; Retry-After says when to try again.' },
    },
    async handle({ server, client }) {
      const { record } = await server.sessions.open(client);
      return json(record, 201, { location: `/v1/sessions/${record.id}` });
    },
  },
  {
    method: 'GET',
    path: '/v1/sessions',
    scope: 'run',
    summary: "Lists the token's sessions.",
    answers: {
      200: { description: 'The sessions.', types: { 'application/json': sessionList } },
    },
    handle: ({ server, client }) => json({ sessions: server.sessions.list(client).map(({ record }) => record) }),
  },
  {
    method: 'GET',
    path: '/v1/sessions/{session}',
    scope: 'run',
    summary: 'A session; asking keeps it from expiring.',
    answers: { 200: { description: 'The session.', types: { 'application/json': sessionRecord } }, 404: NOT_FOUND },
    handle: ({ server, client, params }) => json(server.sessions.find(client, params['session'] ?? '').record),
  },
  {
    method: 'DELETE',
    path: '/v1/sessions/{session}',
    scope: 'run',
    summary: 'Closes a session; a run that is under way ends.',
    answers: { 204: { description: 'It is closed.' }, 404: NOT_FOUND },
    async handle({ server, client, params }) {
      await server.sessions.close(server.sessions.find(client, params['session'] ?? ''), 'closed');
      return noContent();
    },
  },
  {
    method: 'POST',
    path: '/v1/sessions/{session}/reset',
    scope: 'run',
    summary: 'Forgets all variables, after the runs that wait.',
    answers: { 204: { description: 'They are forgotten.' }, 404: NOT_FOUND },
    async handle({ server, client, params }) {
      await server.sessions.find(client, params['session'] ?? '').session.reset();
      return noContent();
    },
  },
];
