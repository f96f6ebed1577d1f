import type { ToolCallable } from '../../contracts/tool.ts';
import { printType } from './print-type.ts';
import { stringsIn } from './schema-reader.ts';

type Called = Pick<ToolCallable, 'inputSchema' | 'outputSchema'>;

/** One line: `curl.get(args: { url: string; silent?: boolean })`. */
export function printCall(name: string, { inputSchema }: Pick<Called, 'inputSchema'>): string {
  return `${name}(args${isArgumentOptional(inputSchema) ? '?' : ''}: ${printType(inputSchema)})`;
}

/** One line, with the result: `curl.get(args: { url: string }): Promise<string>`. */
export function printSignature(name: string, callable: Called): string {
  return `${printCall(name, callable)}: Promise<${printType(callable.outputSchema ?? true)}>`;
}

/** True when a call may leave the arguments out. */
export function isArgumentOptional(inputSchema: ToolCallable['inputSchema']): boolean {
  const isComposed = ['allOf', 'anyOf', 'oneOf', '$ref'].some((keyword) => inputSchema[keyword] !== undefined);
  return !isComposed && stringsIn(inputSchema['required']).length === 0;
}
