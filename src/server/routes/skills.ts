import { z } from 'zod';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { hitList, skill, skillList, skillWithSource } from '../../protocol/remote/shapes.ts';
import { readJson } from '../request-body.ts';
import { json, noContent } from '../route.ts';
import type { Route } from '../route.ts';
import { LIMIT, NOT_FOUND, QUERY } from './shapes.ts';
import { searchOf } from './tools.ts';

const newSkill = z.strictObject({
  source: z.string(),
  description: z.string().exactOptional(),
  overwrite: z.boolean().exactOptional(),
});

export const SKILL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/skills',
    scope: 'read',
    summary: 'Lists skills; none is run.',
    answers: {
      200: { description: 'Skills.', types: { 'application/json': skillList } },
    },
    handle: async ({ server, client }) => json({ skills: await (await server.facadeOf(client)).listSkills() }),
  },
  {
    method: 'GET',
    path: '/v1/skills/search',
    scope: 'read',
    summary: 'Finds skills by what they do.',
    parameters: [QUERY, LIMIT],
    answers: {
      200: {
        description: 'The best first.',
        types: { 'application/json': hitList },
      },
    },
    async handle({ server, client, query }) {
      const { words, limit } = searchOf(query);
      return json({ hits: await (await server.facadeOf(client)).searchSkills(words, limit) });
    },
  },
  {
    method: 'GET',
    path: '/v1/skills/{skill}',
    scope: 'read',
    summary: 'A skill and its source.',
    answers: { 200: { description: 'The skill.', types: { 'application/json': skillWithSource } }, 404: NOT_FOUND },
    handle: async ({ server, client, params }) =>
      json(await (await server.facadeOf(client)).getSkill(params['skill'] ?? '')),
  },
  {
    method: 'PUT',
    path: '/v1/skills/{skill}',
    scope: 'write',
    summary: 'Saves a skill.',
    body: { types: { 'application/json': newSkill } },
    answers: {
      201: { description: 'It is saved.', types: { 'application/json': skill } },
      409: { description: 'There is one of that name, and overwrite is not set.' },
      422: { description: 'It is no skill.' },
    },
    async handle({ request, server, client, params }) {
      const { source, ...options } = await readJson(request, newSkill, server.settings.maxRequestBytes);
      return json(await (await server.facadeOf(client)).addSkill(params['skill'] ?? '', source, options), 201);
    },
  },
  {
    method: 'DELETE',
    path: '/v1/skills/{skill}',
    scope: 'write',
    summary: 'Deletes a skill.',
    answers: { 204: { description: 'It is gone.' }, 404: NOT_FOUND },
    async handle({ server, client, params }) {
      if (await (await server.facadeOf(client)).removeSkill(params['skill'] ?? '')) return noContent();
      throw new CodeModeError('UNKNOWN_SKILL', 'Cannot delete the skill: there is none of that name');
    },
  },
];
