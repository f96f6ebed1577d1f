import type { JsonSchema, JsonSchemaObject } from '../../contracts/json-schema.ts';
import { BYTES_SCHEMA } from '../declarations/bytes-schema.ts';
import type { CliDefinition, CliParameter, CliSlot } from './cli-definition.ts';

/**
 * The JSON Schema of a callable's one argument: the parameters named in `listedFirst`, then the other positional
 * ones, then the other options.
 */
export function callableSchema(slots: readonly CliSlot[], listedFirst: readonly string[]): JsonSchemaObject {
  const shown = slots.filter(({ isFixed }) => !isFixed).toSorted((a, b) => rank(a, listedFirst) - rank(b, listedFirst));
  const properties = Object.fromEntries(shown.map((slot) => [slot.parameter.name, parameterSchema(slot)]));
  const required = shown
    .filter(({ parameter, fallback }) => parameter.required && fallback === undefined)
    .map(({ parameter }) => parameter.name);
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false };
}

/** What a call of the tool answers; undefined: not known. */
export function resultSchema(definition: CliDefinition): JsonSchema | undefined {
  return definition.output === 'json' ? definition.resultSchema : RESULT_SCHEMAS[definition.output];
}

const RESULT_SCHEMAS = {
  text: { type: 'string' },
  lines: { type: 'array', items: { type: 'string' } },
  bytes: BYTES_SCHEMA,
} as const;

function rank({ parameter, place }: CliSlot, listedFirst: readonly string[]): number {
  const listed = listedFirst.indexOf(parameter.name);
  if (listed !== -1) return listed;
  return listedFirst.length + (place.kind === 'option' ? 1 : 0);
}

function parameterSchema({ parameter, place, fallback }: CliSlot): JsonSchemaObject {
  const shownDefault = fallback ?? parameter.default;
  return {
    ...typeSchema(parameter, place.kind === 'stdin'),
    ...(parameter.description === '' ? {} : { description: parameter.description }),
    ...(shownDefault === undefined ? {} : { default: shownDefault }),
    ...(parameter.examples.length > 0 ? { examples: parameter.examples } : {}),
  };
}

function typeSchema(parameter: CliParameter, acceptsBytes: boolean): JsonSchemaObject {
  if (parameter.type === 'array') return { type: 'array', items: scalarSchema(parameter, parameter.itemType) };
  const scalar = scalarSchema(parameter, parameter.type);
  return acceptsBytes ? { anyOf: [scalar, BYTES_SCHEMA] } : scalar;
}

function scalarSchema(parameter: CliParameter, type: string): JsonSchemaObject {
  return {
    type,
    ...(parameter.enum === undefined ? {} : { enum: parameter.enum }),
    ...(parameter.min === undefined ? {} : { minimum: parameter.min }),
    ...(parameter.max === undefined ? {} : { maximum: parameter.max }),
    ...(parameter.pattern === undefined ? {} : { pattern: parameter.pattern }),
  };
}
