import { z } from 'zod';
import type { Answer, Parameter, RequestBody, Route } from './route.ts';

/** Describes routes as OpenAPI 3.1. What serves them and what describes them is one table. */
export function describeApi(routes: readonly Route[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = describeRoute(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'ts-code-mode session server',
      version: '1',
      description: 'Sessions that run TypeScript in a sandbox, over the tools, skills and artifacts of the server.',
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

function describeRoute({ method, path, scope, summary, parameters = [], body, answers }: Route): unknown {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\W+(\w)?/g, (_, letter = '') => String(letter).toUpperCase())}`,
    summary,
    security: scope === 'open' ? [] : [{ token: [scope] }],
    parameters: [...inPath, ...parameters.map(describeParameter)],
    ...(body === undefined ? {} : { requestBody: { required: true, content: describeTypes(body.types) } }),
    responses: Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)])),
  };
}

function describeParameter({ in: place, name, description, schema }: Parameter): unknown {
  return { in: place, name, description, required: !schema.safeParse(undefined).success, schema: schemaOf(schema) };
}

function describeAnswer({ description, types }: Answer): unknown {
  return types === undefined ? { description } : { description, content: describeTypes(types) };
}

function describeTypes(types: RequestBody['types']): unknown {
  return Object.fromEntries(
    Object.entries(types).map(([type, schema]) => [type, schema === undefined ? {} : { schema: schemaOf(schema) }]),
  );
}

function schemaOf(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
