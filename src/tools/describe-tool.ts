import type { Tool, ToolCallable } from '../contracts/tool.ts';
import { printType } from './declarations/print-type.ts';
import { isObject, propertiesOf, stringsIn } from './declarations/schema-reader.ts';
import { printSignature } from './declarations/signature.ts';

/** A tool as `tools.list()` answers it. */
export interface ToolListing {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly callables: readonly Pick<CallableListing, 'name' | 'description' | 'signature'>[];
}

/** A callable as `tools.<name>.list()` answers it. */
export interface CallableListing {
  /** `''` for the tool itself. */
  readonly name: string;
  readonly description: string;
  /** `curl.get(args: { url: string }): Promise<string>`. */
  readonly signature: string;
  readonly parameters: readonly ParameterListing[];
}

export interface ParameterListing {
  readonly name: string;
  /** TypeScript. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
  readonly default?: unknown;
}

/** What the guest is told of a tool: plain data. */
export function describeTool(tool: Tool): ToolListing {
  const callables = tool.callables.map((callable) => {
    const { name, description, signature } = describeCallable(tool, callable);
    return { name, description, signature };
  });
  return { name: tool.name, description: tool.description, tags: [...tool.tags], callables };
}

/** What the guest is told of a tool's callables: plain data. */
export function describeCallables(tool: Tool): CallableListing[] {
  return tool.callables.map((callable) => describeCallable(tool, callable));
}

function describeCallable(tool: Tool, callable: ToolCallable): CallableListing {
  const path = callable.name === '' ? tool.name : `${tool.name}.${callable.name}`;
  return {
    name: callable.name,
    description: callable.description,
    signature: printSignature(path, callable),
    parameters: describeParameters(callable),
  };
}

function describeParameters({ inputSchema }: ToolCallable): ParameterListing[] {
  const required = stringsIn(inputSchema['required']);
  return propertiesOf(inputSchema).map(([name, property]) => {
    const details = isObject(property) ? property : {};
    return {
      name,
      type: printType(property),
      required: required.includes(name),
      description: typeof details['description'] === 'string' ? details['description'] : '',
      ...(details['default'] === undefined ? {} : { default: details['default'] }),
    };
  });
}
