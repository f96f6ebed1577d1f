/** A JSON Schema (drafts 4 to 2020-12), as plain data. */
export type JsonSchema = boolean | JsonSchemaObject;

export interface JsonSchemaObject {
  readonly [keyword: string]: unknown;
}
