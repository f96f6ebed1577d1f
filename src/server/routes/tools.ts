import { z } from 'zod';
import { decodeValue } from '../../protocol/codec/decode.ts';
import { encodeHostValue } from '../../protocol/codec/encode-host-value.ts';
import { FRAMES } from '../../protocol/remote/api.ts';
import { encodeFrame } from '../../protocol/remote/frame.ts';
import { hitList, problemList, toolList } from '../../protocol/remote/shapes.ts';
import { toJsonForm } from '../../protocol/json-form.ts';
import { respond } from '../raw-body.ts';
import { check, isFrame, readFrame, readJson } from '../request-body.ts';
import { json } from '../route.ts';
import type { Call, Route } from '../route.ts';
import { LIMIT, NOT_FOUND, QUERY } from './shapes.ts';

/** What a tool wrote to stderr is told up to here, in characters. */
const MAX_STDERR = 65_536;

const callRequest = z.strictObject({
  name: z.string().max(1_000),
  args: z.record(z.string(), z.unknown()).default({}),
});
const argumentsShape = z.record(z.string(), z.unknown());
const frameRequest = z.strictObject({ name: z.string().max(1_000), text: z.string(), plain: z.boolean() });

export const TOOL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/types',
    scope: 'read',
    summary: 'TypeScript declarations of tools, skills and artifacts: what an agent should see.',
    answers: { 200: { description: 'TypeScript.', types: { 'text/plain': z.string() } } },
    async handle({ server, client }) {
      return respond(await (await server.facadeOf(client)).types(), {
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      });
    },
  },
  {
    method: 'GET',
    path: '/v1/problems',
    scope: 'read',
    summary: 'What is wrong with tool files and skills.',
    answers: {
      200: { description: 'Problems.', types: { 'application/json': problemList } },
    },
    handle: async ({ server, client }) => json({ problems: await (await server.facadeOf(client)).problems() }),
  },
  {
    method: 'GET',
    path: '/v1/tools',
    scope: 'read',
    summary: 'Lists tools, with what can be called of each.',
    answers: {
      200: { description: 'Tools.', types: { 'application/json': toolList } },
    },
    handle: async ({ server, client }) => json({ tools: await (await server.facadeOf(client)).listTools() }),
  },
  {
    method: 'GET',
    path: '/v1/tools/search',
    scope: 'read',
    summary: 'Finds tools by what they do.',
    parameters: [QUERY, LIMIT],
    answers: { 200: { description: 'The best first.', types: { 'application/json': hitList } } },
    async handle({ server, client, query }) {
      const { words, limit } = searchOf(query);
      return json({ hits: await (await server.facadeOf(client)).searchTools(words, limit) });
    },
  },
  {
    method: 'POST',
    path: '/v1/tools/call',
    scope: 'run',
    summary: 'Calls a tool, as code would. Ends when the client goes away.',
    body: { types: { 'application/json': callRequest, [FRAMES]: undefined } },
    answers: {
      200: {
        description: 'What it answered, and what it wrote to stderr.',
        types: { 'application/json': z.object({ value: z.unknown(), stderr: z.string() }), [FRAMES]: undefined },
      },
      404: NOT_FOUND,
      502: { description: 'The tool failed.' },
    },
    handle: callTool,
  },
];

/** The words and the limit of a search. @throws {RequestProblem} 422 */
export function searchOf(query: URLSearchParams): { readonly words: string; readonly limit: number | undefined } {
  const words = check(QUERY.schema, query.get('query'), 'the query parameter query');
  const limit = check(LIMIT.schema, query.get('limit') ?? undefined, 'the query parameter limit');
  return { words: String(words), limit: typeof limit === 'number' ? limit : undefined };
}

async function callTool({ request, server, client }: Call): Promise<Response> {
  const { name, args } = await readCall(request, server.settings.maxRequestBytes);
  let stderr = '';
  const value = await (
    await server.facadeOf(client)
  ).callTool(name, args, {
    signal: request.signal,
    onStderr: (text) => {
      if (stderr.length < MAX_STDERR) stderr += text.slice(0, MAX_STDERR - stderr.length);
    },
  });
  if (!(request.headers.get('accept') ?? '').includes(FRAMES)) return json({ value: toJsonForm(value), stderr });
  const { callResultBytes: maxBytes } = server.settings.limits;
  const { text, plain, parts } = encodeHostValue(value, { maxBytes, root: 'the result' });
  return respond(encodeFrame({ text, plain, stderr }, parts), { headers: { 'content-type': FRAMES } });
}

async function readCall(
  request: Request,
  maxBytes: number,
): Promise<{ readonly name: string; readonly args: Readonly<Record<string, unknown>> }> {
  if (!isFrame(request)) return readJson(request, callRequest, maxBytes);
  const { body, parts } = await readFrame(request, maxBytes);
  const { name, text, plain } = check(frameRequest, body, 'the frame');
  const args = check(argumentsShape, decodeValue({ text, plain, parts }), 'the arguments');
  return { name, args };
}
