import type { JsonSchema, JsonSchemaObject } from '../../contracts/json-schema.ts';

/** Schemas come from strangers (MCP servers, OpenAPI files): what is no schema there reads as `true`, anything. */
export function asSchema(value: unknown): JsonSchema {
  return typeof value === 'boolean' || isObject(value) ? value : true;
}

export function isObject(value: unknown): value is JsonSchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function schemasIn(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.map(asSchema) : [];
}

export function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function propertiesOf(schema: JsonSchemaObject): [string, JsonSchema][] {
  const { properties } = schema;
  return isObject(properties) ? Object.entries(properties).map(([name, value]) => [name, asSchema(value)]) : [];
}

/** The part of `root` that a local reference (`#/$defs/Node`) names; undefined when there is none. */
export function resolveLocalRef(root: JsonSchema, ref: string): JsonSchema | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let part: unknown = root;
  for (const segment of pointerSegments(ref)) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, segment)) return undefined;
    part = Reflect.get(part, segment);
  }
  return typeof part === 'boolean' || isObject(part) ? part : undefined;
}

export function pointerSegments(ref: string): string[] {
  return ref
    .slice(2)
    .split('/')
    .map((segment) => decode(segment).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
