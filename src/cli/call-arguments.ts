import type { JsonSchema, JsonSchemaObject } from '../contracts/json-schema.ts';
import { isObject, propertiesOf, schemasIn } from '../tools/declarations/schema-reader.ts';
import { usageError } from './usage-error.ts';

/**
 * The argument of a tool call from words such as `url=https://example.com`, `limit=5` and `filter:={"a":1}`: a value
 * after `=` is read as what the schema asks for, one after `:=` as JSON. A name given again makes a list.
 *
 * Whether the call takes these arguments is not judged here.
 *
 * @param json the arguments as one JSON object; the words win over it
 * @throws {CodeModeError} `INVALID_OPTION`
 */
export function readCallArguments(
  words: readonly string[],
  json: string | undefined,
  schema: JsonSchemaObject,
): Record<string, unknown> {
  const properties = new Map(propertiesOf(schema));
  const given = new Map<string, unknown[]>();
  for (const word of words) {
    const { name, value } = readWord(word, properties);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  const args = [...given].map(([name, values]) => {
    const isList = values.length > 1 || (wantsList(properties.get(name)) && !Array.isArray(values[0]));
    return [name, isList ? values.flat() : values[0]] as const;
  });
  return { ...(json === undefined ? {} : readJsonObject(json)), ...Object.fromEntries(args) };
}

function readWord(word: string, properties: ReadonlyMap<string, JsonSchema>): { name: string; value: unknown } {
  const { name, operator, text = '' } = /^(?<name>[^=]+?)(?<operator>:?=)(?<text>.*)$/su.exec(word)?.groups ?? {};
  if (name === undefined)
    throw usageError(`Cannot read the argument ${JSON.stringify(word)}: expected name=value or name:=JSON`);
  if (operator === ':=') return { name, value: readJson(text, `the argument ${name}`) };
  return { name, value: readAs(properties.get(name), text) };
}

/** Text stays text unless the schema asks for something else; what does not fit is left to the tool to refuse. */
function readAs(schema: JsonSchema | undefined, text: string): unknown {
  const types = typesOf(schema);
  if (types.size === 0 || types.has('string')) return text;
  if (types.has('array')) return readAs(isObject(schema) ? schemasIn([schema['items']])[0] : undefined, text);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function wantsList(schema: JsonSchema | undefined): boolean {
  const types = typesOf(schema);
  return types.has('array') && !types.has('string');
}

function typesOf(schema: JsonSchema | undefined): ReadonlySet<unknown> {
  if (!isObject(schema)) return new Set();
  const own = [schema['type']].flat().filter((type) => type !== undefined);
  const alternatives = [...schemasIn(schema['anyOf']), ...schemasIn(schema['oneOf'])];
  return new Set([...own, ...alternatives.flatMap((alternative) => [...typesOf(alternative)])]);
}

function readJsonObject(text: string): JsonSchemaObject {
  const value = readJson(text, '--args');
  if (isObject(value)) return value;
  throw usageError('Cannot read --args: expected a JSON object such as {"name": "value"}');
}

function readJson(text: string, what: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw usageError(`Cannot read ${what}: ${error instanceof Error ? error.message : String(error)}; expected JSON`);
  }
}
