import type { JsonSchema } from '../../contracts/json-schema.ts';
import { isObject } from './schema-reader.ts';

/** Control characters, and the ones that reorder text: a description must not make code look like what it is not. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/gu;
const MAX_VALUE_CHARS = 200;
const MAX_EXAMPLES = 5;

/** A doc comment of these lines, each as it may stand in source text; `''` when there are none. */
export function docComment(lines: readonly string[], indent: string): string {
  const clean = lines.flatMap((line) => line.split(/\r\n|[\n\r\u2028\u2029]/u)).map(safeLine);
  while (clean.at(-1) === '') clean.pop();
  while (clean[0] === '') clean.shift();
  if (clean.length === 0) return '';
  if (clean.length === 1) return `${indent}/** ${clean[0]} */\n`;
  return `${indent}/**\n${clean.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
}

/** What a schema says about a value beyond its type. */
export function schemaDocLines(schema: JsonSchema): string[] {
  if (!isObject(schema)) return [];
  const lines: string[] = [];
  if (typeof schema['description'] === 'string') lines.push(schema['description']);
  if (schema['deprecated'] === true) lines.push('@deprecated');
  const details = isObject(schema['items']) ? { ...schema['items'], ...schema } : schema;
  for (const keyword of ['minimum', 'maximum', 'pattern'] as const) {
    const value = details[keyword];
    if (typeof value === 'string' || typeof value === 'number') lines.push(`@${keyword} ${value}`);
  }
  if (schema['default'] !== undefined) lines.push(`@default ${showJson(schema['default'])}`);
  const examples: readonly unknown[] = Array.isArray(schema['examples']) ? schema['examples'] : [];
  for (const example of examples.slice(0, MAX_EXAMPLES)) lines.push(`@example ${showJson(example)}`);
  return lines;
}

function showJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}...` : text;
}

function safeLine(line: string): string {
  return line.replaceAll(UNPRINTABLE, ' ').replaceAll('*/', '*\\/').trimEnd();
}
