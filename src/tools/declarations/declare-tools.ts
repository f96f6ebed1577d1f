import type { Tool, ToolCallable } from '../../contracts/tool.ts';
import { docComment } from './doc-comment.ts';
import { printPropertyName, printType } from './print-type.ts';
import { isArgumentOptional } from './signature.ts';
import { TypeAliases, typeName } from './type-aliases.ts';

/** The answers of `tools.list()` and `tools.<name>.list()`, as `describe-tool.ts` makes them, and of `tools.search()`. */
const LISTING_TYPES = `/** A tool, as tools.list() answers it. */
type ToolListing = {
  name: string;
  description: string;
  tags: string[];
  callables: { name: string; description: string; signature: string }[];
};
/** What tools.search() found: a tool ("curl") or one of its callables ("curl.get"). */
type ToolHit = { id: string; description: string; score: number; matched: string[]; similarity?: number };
/** What can be called of a tool; the name is '' for the tool itself. */
type CallableListing = {
  name: string;
  description: string;
  signature: string;
  parameters: { name: string; type: string; required: boolean; description: string; default?: unknown }[];
};
`;

/** TypeScript declarations of the global `tools`: what an agent should see. */
export function declareTools(tools: readonly Tool[]): string {
  const aliases = new TypeAliases(['ToolListing', 'ToolHit', 'CallableListing', 'Promise', 'Record', 'Uint8Array']);
  const members = tools.map((tool) => declareTool(tool, aliases));
  const named = aliases.texts.map((text) => `${text}\n`).join('');
  return `${LISTING_TYPES}${named}declare const tools: {
${members.join('')}  /** All tools. */
  list(): Promise<ToolListing[]>;
  /** The tools and callables that fit a few words, best first. */
  search(query: string, limit?: number): Promise<ToolHit[]>;
};
`;
}

function declareTool(tool: Tool, aliases: TypeAliases): string {
  const callables = tool.callables.map((callable) => declareCallable(tool, callable, aliases));
  return `${docComment([tool.description], '  ')}  ${printPropertyName(tool.name)}: {
${callables.join('')}    /** What can be called of this tool, with the parameters. */
    list(): Promise<CallableListing[]>;
  };
`;
}

function declareCallable(tool: Tool, callable: ToolCallable, aliases: TypeAliases): string {
  const options = {
    aliases,
    aliasPrefix: typeName(tool.name, callable.name),
    layout: 'lines',
    indent: '    ',
  } as const;
  const args = `args${isArgumentOptional(callable.inputSchema) ? '?' : ''}: ${printType(callable.inputSchema, options)}`;
  const result = printType(callable.outputSchema ?? true, options);
  const name = callable.name === '' ? '' : printPropertyName(callable.name);
  return `${docComment([callable.description], '    ')}    ${name}(${args}): Promise<${result}>;\n`;
}
