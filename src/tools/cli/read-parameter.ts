import type { DocumentPath } from '../tool-document.ts';
import { showPath, showValue } from '../shape-problems.ts';
import type { ToolFile } from '../tool-file.ts';
import type { CliParameter, CliValue } from './cli-definition.ts';
import type { CliFileParameter, CliFileRecipeParameter } from './cli-file-shape.ts';
import { compileParameterCheck } from './parameter-check.ts';

/** A parameter of the schema. Contradictions become problems of `file`. */
export function readParameter(
  name: string,
  fields: Partial<CliFileParameter>,
  path: DocumentPath,
  file: ToolFile,
): CliParameter {
  const type = fields.type ?? 'string';
  const items = fields.items ?? undefined;
  if (items !== undefined && type !== 'array') {
    file.problem([...path, 'items'], `${showPath(path)}.items: needs type: array, got type: ${type}`, undefined, 'key');
  }
  return readDetails(
    {
      name,
      type,
      itemType: items ?? 'string',
      description: '',
      required: false,
      default: undefined,
      examples: [],
      enum: undefined,
      min: undefined,
      max: undefined,
      pattern: undefined,
      allowLeadingDash: fields.allow_leading_dash ?? false,
    },
    fields,
    { path, file },
  );
}

/** `base` with what `fields` say in addition: the file's own for the schema, a recipe's `params` for a recipe. */
export function readDetails(
  base: CliParameter,
  fields: Partial<CliFileParameter> | CliFileRecipeParameter,
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): CliParameter {
  const parameter: CliParameter = {
    ...base,
    description: fields.description ?? base.description,
    required: fields.required ?? base.required,
    enum: fields.enum ?? base.enum,
    min: fields.min ?? base.min,
    max: fields.max ?? base.max,
    pattern: fields.pattern ?? base.pattern,
  };
  if (!areConstraintsApt(parameter, fields, at)) return parameter;
  const examples = (fields.examples ?? []).map((value, index) =>
    authorValue(parameter, value, { ...at, path: [...at.path, 'examples', index] }),
  );
  const given = fields.default ?? undefined;
  return {
    ...parameter,
    default:
      given === undefined ? base.default : authorValue(parameter, given, { ...at, path: [...at.path, 'default'] }),
    examples: examples.length > 0 ? examples : base.examples,
  };
}

/**
 * A value that the file's author wrote: checked like a caller's, but a number may stand where text is meant
 * (`max-time: 10`), as YAML authors write it, and a leading dash is the author's own business.
 */
export function authorValue(
  parameter: CliParameter,
  value: CliValue,
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): CliValue {
  const meant = asMeant(parameter, value);
  const expected = compileParameterCheck(parameter)(meant);
  if (expected !== undefined) at.file.problem(at.path, `${showPath(at.path)}: got ${showValue(value)}`, expected);
  return meant;
}

function asMeant(parameter: CliParameter, value: CliValue): CliValue {
  const scalarType = parameter.type === 'array' ? parameter.itemType : parameter.type;
  if (scalarType !== 'string' || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return parameter.type === 'array' ? value : String(value);
  return value.map(String);
}

function areConstraintsApt(
  parameter: CliParameter,
  fields: Partial<CliFileParameter> | CliFileRecipeParameter,
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): boolean {
  const type = parameter.type === 'array' ? parameter.itemType : parameter.type;
  const isNumeric = type === 'integer' || type === 'number';
  const before = at.file.problems.length;
  const refuse = (key: string, needed: string): void => {
    at.file.problem(
      [...at.path, key],
      `${showPath([...at.path, key])}: needs ${needed}, got type: ${type}`,
      undefined,
      'key',
    );
  };
  if (!isNumeric && (fields.min ?? undefined) !== undefined) refuse('min', 'a type that is a number');
  if (!isNumeric && (fields.max ?? undefined) !== undefined) refuse('max', 'a type that is a number');
  if (type !== 'string' && (fields.pattern ?? undefined) !== undefined) refuse('pattern', 'type: string');
  const isEnumApt = (fields.enum ?? []).every((value) =>
    isNumeric ? typeof value === 'number' : type === 'string' && typeof value === 'string',
  );
  if (!isEnumApt) refuse('enum', 'values of its own type');
  if (parameter.min !== undefined && parameter.max !== undefined && parameter.min > parameter.max) {
    at.file.problem(
      [...at.path, 'min'],
      `${showPath(at.path)}: min ${parameter.min} is greater than max ${parameter.max}`,
      undefined,
      'key',
    );
  }
  return at.file.problems.length === before;
}
