/**
 * The API of py-code-mode's session server, for clients that were written for it: its routes, bodies and headers. Its
 * failures are `{ "detail": ... }`, and a session is made at the first use of its id.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ArtifactInfo } from '../../contracts/artifact-store.ts';
import type { Facade, SkillHit, ToolHit } from '../../contracts/facade.ts';
import type { Skill, SkillParameter } from '../../contracts/skill.ts';
import { isCodeModeError } from '../../errors/code-mode-error.ts';
import { describeTool } from '../../tools/describe-tool.ts';
import { toJsonForm } from '../../protocol/json-form.ts';
import type { HostedSession } from '../hosted-session.ts';
import { jsonResult } from '../json-result.ts';
import type { JsonResult } from '../json-result.ts';
import { check, readJson } from '../request-body.ts';
import { json } from '../route.ts';
import type { Call, Parameter, Route } from '../route.ts';
import { capLimits } from './runs.ts';
import { LIMIT, NOT_FOUND, QUERY } from './shapes.ts';

const SESSION_HEADER = 'x-session-id';
/** What can stand in a header, and be read in a log. */
const SESSION_ID = /^[\x21-\x7E]{1,200}$/;
const FOUND_TOOLS = 10;
const FOUND_SKILLS = 5;

const executeRequest = z.object({ code: z.string(), timeout: z.number().positive().nullish() });
const skillRequest = z.object({ name: z.string(), source: z.string(), description: z.string().default('') });
const artifactRequest = z.object({
  name: z.string(),
  data: z.unknown(),
  description: z.string().default(''),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

const SESSION: Parameter = {
  in: 'header',
  name: SESSION_HEADER,
  description: 'Names the session; absent, a new one is made.',
  schema: z.string().regex(SESSION_ID).optional(),
};
const ANY = { 200: { description: 'The answer.', types: { 'application/json': z.unknown() } } } as const;

export const ORIGINAL_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/execute',
    scope: 'run',
    summary: 'Runs code. An error of the code is an answer too.',
    parameters: [SESSION],
    body: { types: { 'application/json': executeRequest } },
    answers: ANY,
    async handle(call) {
      const { request, server } = call;
      const { code, timeout } = await readJson(request, executeRequest, server.settings.maxRequestBytes);
      const hosted = sessionOf(call);
      const given =
        timeout === null || timeout === undefined ? {} : { timeoutMs: Math.max(1, Math.round(timeout * 1000)) };
      const { limits } = capLimits(given, server.settings.limits);
      const record = server.sessions.startRun(hosted, { digest: '', code, limits, warnings: [] });
      const result = jsonResult(await record.finished);
      const { id } = hosted.session;
      const answer = {
        value: result.value ?? null,
        stdout: result.stdout,
        error: result.ok ? null : traceback(result),
        execution_time_ms: result.durationMs,
        session_id: id,
      };
      return json(answer, 200, { [SESSION_HEADER]: id });
    },
  },
  {
    method: 'POST',
    path: '/reset',
    scope: 'run',
    summary: "Forgets the session's variables.",
    parameters: [SESSION],
    answers: ANY,
    async handle(call) {
      const { session } = sessionOf(call);
      await session.reset();
      return json({ status: 'reset', session_id: session.id }, 200, { [SESSION_HEADER]: session.id });
    },
  },
  {
    method: 'GET',
    path: '/info',
    scope: 'read',
    summary: 'What there is.',
    answers: ANY,
    async handle(call) {
      const facade = await facadeOf(call);
      const [tools, skills] = await Promise.all([facade.listTools(), facade.listSkills()]);
      const brief = ({ name, description }: { name: string; description: string }): unknown => ({ name, description });
      // Where artifacts lie is the server's affair.
      return json({ tools: tools.map(brief), skills: skills.map(brief), artifacts_path: 'artifacts' });
    },
  },
  {
    method: 'GET',
    path: '/api/tools',
    scope: 'read',
    summary: 'Lists tools.',
    answers: ANY,
    handle: async (call) => json((await (await facadeOf(call)).listTools()).map(describeTool)),
  },
  {
    method: 'GET',
    path: '/api/tools/search',
    scope: 'read',
    summary: 'Finds tools.',
    parameters: [QUERY, LIMIT],
    answers: ANY,
    async handle(call) {
      const facade = await facadeOf(call);
      const tools = new Map((await facade.listTools()).map((tool) => [tool.name, describeTool(tool)]));
      const found = foundNames(await facade.searchTools(wordsOf(call), 100), limitOf(call, FOUND_TOOLS));
      return json(found.flatMap((name) => tools.get(name) ?? []));
    },
  },
  {
    method: 'GET',
    path: '/api/skills',
    scope: 'read',
    summary: 'Lists skills.',
    answers: ANY,
    handle: async (call) => json((await (await facadeOf(call)).listSkills()).map(skillOf)),
  },
  {
    method: 'GET',
    path: '/api/skills/search',
    scope: 'read',
    summary: 'Finds skills.',
    parameters: [QUERY, LIMIT],
    answers: ANY,
    async handle(call) {
      const facade = await facadeOf(call);
      const skills = new Map((await facade.listSkills()).map((skill) => [skill.name, skillOf(skill)]));
      const found = foundNames(await facade.searchSkills(wordsOf(call), 100), limitOf(call, FOUND_SKILLS));
      return json(found.flatMap((name) => skills.get(name) ?? []));
    },
  },
  {
    method: 'GET',
    path: '/api/skills/{skill}',
    scope: 'read',
    summary: 'A skill and its source; null when there is none.',
    answers: ANY,
    async handle(call) {
      try {
        const skill = await (await facadeOf(call)).getSkill(call.params['skill'] ?? '');
        return json({ ...skillOf(skill), source: skill.source });
      } catch (error) {
        if (isCodeModeError(error, 'UNKNOWN_SKILL')) return json(null);
        throw error;
      }
    },
  },
  {
    method: 'POST',
    path: '/api/skills',
    scope: 'write',
    summary: 'Saves a skill.',
    body: { types: { 'application/json': skillRequest } },
    answers: ANY,
    async handle(call) {
      const body = await readJson(call.request, skillRequest, call.server.settings.maxRequestBytes);
      const options = body.description === '' ? {} : { description: body.description };
      return json(skillOf(await (await facadeOf(call)).addSkill(body.name, body.source, options)));
    },
  },
  {
    method: 'DELETE',
    path: '/api/skills/{skill}',
    scope: 'write',
    summary: 'Deletes a skill; false when there was none.',
    answers: ANY,
    handle: async (call) => json(await (await facadeOf(call)).removeSkill(call.params['skill'] ?? '')),
  },
  {
    method: 'GET',
    path: '/api/artifacts',
    scope: 'read',
    summary: 'Lists artifacts.',
    answers: ANY,
    handle: async (call) => json((await (await facadeOf(call)).listArtifacts()).map(artifactOf)),
  },
  {
    method: 'POST',
    path: '/api/artifacts',
    scope: 'write',
    summary: 'Saves a JSON value or a text.',
    body: { types: { 'application/json': artifactRequest } },
    answers: ANY,
    async handle(call) {
      const body = await readJson(call.request, artifactRequest, call.server.settings.maxArtifactBytes);
      const { name, data, description, metadata } = body;
      const options = { description, ...(metadata === null || metadata === undefined ? {} : { metadata }) };
      return json(artifactOf(await (await facadeOf(call)).saveArtifact(name, data, options)));
    },
  },
  {
    method: 'GET',
    path: '/api/artifacts/{artifact}',
    scope: 'read',
    summary: "An artifact's data; bytes as base64.",
    answers: { ...ANY, 404: NOT_FOUND },
    handle: async (call) =>
      json(toJsonForm((await (await facadeOf(call)).loadArtifact(call.params['artifact'] ?? '')).data)),
  },
  {
    method: 'DELETE',
    path: '/api/artifacts/{artifact}',
    scope: 'write',
    summary: 'Deletes an artifact.',
    answers: { ...ANY, 404: NOT_FOUND },
    async handle(call) {
      const name = call.params['artifact'] ?? '';
      const existed = await (await facadeOf(call)).deleteArtifact(name);
      return existed ? json({ status: 'deleted', name }) : json({ detail: 'Artifact not found' }, 404);
    },
  },
];

function facadeOf({ server, client }: Call): Promise<Facade> {
  return server.facadeOf(client);
}

function sessionOf({ request, server, client }: Call): HostedSession {
  const given = request.headers.get(SESSION_HEADER) ?? undefined;
  check(SESSION.schema, given, `the header ${SESSION_HEADER}`);
  return server.sessions.findOrOpen(client, given ?? randomUUID());
}

function traceback({ error }: JsonResult): string {
  if (error === undefined) return 'Error';
  return [`${error.name}: ${error.message}`, error.frame ?? '', error.stack].filter((part) => part !== '').join('\n');
}

function skillOf({ name, description, parameters }: Skill): Readonly<Record<string, unknown>> {
  return { name, description, parameters: parameters.map(parameterOf) };
}

function parameterOf({ name, type, optional, description, defaultValue }: SkillParameter): unknown {
  return {
    name,
    type: type ?? 'unknown',
    description: description ?? '',
    required: !optional,
    default: defaultValue ?? null,
  };
}

function artifactOf({ name, description, createdAt, metadata }: ArtifactInfo): unknown {
  return { name, path: name, description, metadata, created_at: createdAt };
}

function wordsOf({ query }: Call): string {
  return String(check(QUERY.schema, query.get('query'), 'the query parameter query'));
}

function limitOf({ query }: Call, usual: number): number {
  const limit = check(LIMIT.schema, query.get('limit') ?? undefined, 'the query parameter limit');
  return typeof limit === 'number' ? limit : usual;
}

/** Tools are found by their callables too: `curl.get` is one of `curl`. */
function foundNames(hits: readonly (ToolHit | SkillHit)[], limit: number): string[] {
  return [...new Set(hits.map(({ id }) => id.split('.', 1)[0] ?? id))].slice(0, limit);
}
