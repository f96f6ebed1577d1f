import type { JsonSchema, JsonSchemaObject } from '../../contracts/json-schema.ts';

/** Bytes have no JSON Schema of their own: this accepts anything and is printed as `Uint8Array`. */
export const BYTES_SCHEMA: JsonSchemaObject = { 'x-typescript': 'Uint8Array' };

export function isBytesSchema(schema: JsonSchema): boolean {
  return typeof schema === 'object' && schema['x-typescript'] === BYTES_SCHEMA['x-typescript'];
}
