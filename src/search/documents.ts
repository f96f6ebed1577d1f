import type { SearchDocument } from '../contracts/search.ts';
import type { Skill } from '../contracts/skill.ts';
import type { Tool, ToolCallable } from '../contracts/tool.ts';

/** What to search for tools by: each tool (`curl`), and each of its callables (`curl.get`). */
export function toolDocuments(tools: readonly Tool[]): SearchDocument[] {
  return tools.flatMap((tool) => {
    const direct = tool.callables.find(({ name }) => name === '');
    const others = tool.callables.filter(({ name }) => name !== '');
    return [toolDocument(tool, direct), ...others.map((callable) => callableDocument(tool, callable))];
  });
}

/** What to search for skills by. */
export function skillDocuments(skills: readonly Skill[]): SearchDocument[] {
  return skills.map(({ name, description, tags, parameters }) => ({ id: name, name, description, tags, parameters }));
}

function toolDocument({ name, description, tags }: Tool, direct: ToolCallable | undefined): SearchDocument {
  return { id: name, name, description, tags, parameters: direct === undefined ? [] : parametersOf(direct) };
}

function callableDocument(tool: Tool, callable: ToolCallable): SearchDocument {
  const id = `${tool.name}.${callable.name}`;
  return { id, name: id, description: callable.description, tags: tool.tags, parameters: parametersOf(callable) };
}

function parametersOf({ inputSchema }: ToolCallable): SearchDocument['parameters'] {
  const { properties } = inputSchema;
  if (!isObject(properties)) return [];
  return Object.entries(properties).map(([name, schema]) =>
    isObject(schema) && typeof schema['description'] === 'string'
      ? { name, description: schema['description'] }
      : { name },
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
