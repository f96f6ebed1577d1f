import type { JsonSchemaObject } from '../contracts/json-schema.ts';
import type { Tool } from '../contracts/tool.ts';
import { toIdentifier } from '../tools/tool-names.ts';
import { notFound } from './not-found.ts';

/** @throws {CodeModeError} `UNKNOWN_TOOL` */
export function findTool(tools: readonly Tool[], name: string): Tool {
  const tool = tools.find((candidate) => candidate.name === toIdentifier(name));
  if (tool !== undefined) return tool;
  throw notFound(
    'show',
    'tool',
    name,
    tools.map((candidate) => candidate.name),
  );
}

/** What a call of `curl.get` takes; nothing is known of a callable that is not there: the call itself says so. */
export function inputSchemaOf(tools: readonly Tool[], path: string): JsonSchemaObject {
  const [toolName = '', callableName = ''] = path.split('.').map(toIdentifier);
  const tool = tools.find(({ name }) => name === toolName);
  return tool?.callables.find(({ name }) => toIdentifier(name) === callableName)?.inputSchema ?? {};
}
