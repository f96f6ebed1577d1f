import { resolve } from 'node:path';
import type { JsonSchema } from '../../contracts/json-schema.ts';
import { isObject, resolveLocalRef } from '../declarations/schema-reader.ts';
import type { DocumentPath } from '../tool-document.ts';
import { didYouMean, showPath, showValue } from '../shape-problems.ts';
import type { ToolFile } from '../tool-file.ts';
import { isReservedCallableName, isReservedToolName, toIdentifier } from '../tool-names.ts';
import type { CliDefinition, CliParameter, CliPlace, CliRecipe, CliSlot, StartFolder } from './cli-definition.ts';
import { CLI_DEFAULTS, isRegularExpression } from './cli-file-shape.ts';
import type { CliFile } from './cli-file-shape.ts';
import { readParameter } from './read-parameter.ts';
import { readRecipe } from './read-recipe.ts';

/** The host's variables that every command sees. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const;

/** What a tool file of the right shape means. Contradictions become problems of `file`. */
export function readCliFile(fields: CliFile, file: ToolFile): CliDefinition {
  const name = toIdentifier(fields.name);
  if (isReservedToolName(name)) file.problem(['name'], `name: "${name}" is reserved`, 'another name');
  const output = fields.output ?? 'text';
  if (output !== 'json' && (fields.result ?? undefined) !== undefined) {
    file.problem(['result'], `result: needs output: json, got output: ${output}`, undefined, 'key');
  }
  checkResultSchema(fields.result ?? true, file);
  const command = fields.command ?? fields.name;
  const slots = readSlots(fields, file);
  return {
    name,
    description: fields.description ?? '',
    tags: fields.tags ?? [],
    command: typeof command === 'string' ? [command] : command,
    timeoutMs: (fields.timeout ?? CLI_DEFAULTS.timeoutSeconds) * 1000,
    env: readEnvironment(fields, file),
    cwd: startFolder(fields.cwd ?? undefined, file),
    output,
    resultSchema: fields.result ?? undefined,
    maxOutputBytes: fields.max_output_bytes ?? CLI_DEFAULTS.maxOutputBytes,
    successExitCodes: new Set(fields.success_exit_codes ?? CLI_DEFAULTS.successExitCodes),
    endOfOptions: fields.schema?.end_of_options ?? false,
    slots,
    recipes: readRecipes(fields, slots, file),
  };
}

function startFolder(name: string | undefined, file: ToolFile): StartFolder | undefined {
  return name === undefined ? undefined : { name, path: resolve(file.context.basePath, name) };
}

/** A schema is used when a command has run: what is wrong with it should show before. */
function checkResultSchema(schema: JsonSchema, file: ToolFile): void {
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const child of Object.values(part)) visit(child);
    if (!isObject(part)) return;
    const { $ref: ref, pattern } = part;
    const report = (reason: string): void => {
      file.problem(['result'], `result: ${reason}`, 'a JSON Schema that is whole in this file', 'key');
    };
    if (typeof ref === 'string' && resolveLocalRef(schema, ref) === undefined) report(`$ref "${ref}" leads nowhere`);
    if (typeof pattern === 'string' && !isRegularExpression(pattern))
      report(`pattern "${pattern}" is no regular expression`);
  };
  visit(schema);
}

function readSlots(fields: CliFile, file: ToolFile): CliSlot[] {
  const slots: CliSlot[] = [];
  const add = (parameter: CliParameter, place: CliPlace, path: DocumentPath): void => {
    if (slots.some((slot) => slot.parameter.name === parameter.name)) {
      file.problem(path, `${showPath(path)}: there are two parameters "${parameter.name}"`, 'one of each name');
    }
    slots.push({ parameter, place, fallback: undefined, isFixed: false });
  };
  for (const [name, given] of Object.entries(fields.schema?.options ?? {})) {
    const option = given ?? {};
    const path = ['schema', 'options', name];
    const flag = option.short === null || option.short === undefined ? `--${name}` : `-${option.short}`;
    add(readParameter(name, option, path, file), { kind: 'option', flag }, path);
  }
  for (const [index, positional] of (fields.schema?.positional ?? []).entries()) {
    const path = ['schema', 'positional', index];
    add(readParameter(positional.name, positional, path, file), { kind: 'positional' }, [...path, 'name']);
  }
  return markStdin(slots, fields.schema?.stdin ?? undefined, file);
}

/** The parameter that feeds stdin is declared like any other, or by its name alone. */
function markStdin(slots: readonly CliSlot[], name: string | undefined, file: ToolFile): CliSlot[] {
  if (name === undefined) return [...slots];
  const path = ['schema', 'stdin'];
  const declared = slots.find((slot) => slot.parameter.name === name)?.parameter;
  if (declared !== undefined && declared.type !== 'string') {
    file.problem(path, `schema.stdin: "${name}" is of type ${declared.type}`, 'a parameter of type string');
  }
  const parameter =
    declared ?? readParameter(name, { description: 'Text or bytes for the standard input.' }, path, file);
  return [
    ...slots.filter((slot) => slot.parameter !== declared),
    { parameter, place: { kind: 'stdin' }, fallback: undefined, isFixed: false },
  ];
}

function readRecipes(fields: CliFile, slots: readonly CliSlot[], file: ToolFile): CliRecipe[] {
  const recipes: CliRecipe[] = [];
  for (const [name, recipe] of Object.entries(fields.recipes ?? {})) {
    const identifier = toIdentifier(name);
    const path = ['recipes', name];
    if (isReservedCallableName(identifier))
      file.problem(path, `recipes: "${identifier}" is reserved`, 'another name', 'key');
    if (recipes.some((other) => other.name === identifier)) {
      file.problem(path, `recipes: there are two recipes "${identifier}"`, 'one of each name', 'key');
    }
    recipes.push(readRecipe(identifier, recipe ?? {}, slots, { path, file }));
  }
  return recipes;
}

function readEnvironment(fields: CliFile, file: ToolFile): Record<string, string> {
  const host = file.context.env;
  const environment: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = host[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, given] of Object.entries(fields.env ?? {})) {
    environment[name] = String(given).replaceAll(/\$\{(\w+)\}/g, (whole, variable: string) => {
      const value = host[variable];
      if (value !== undefined) return value;
      const near = didYouMean(variable, Object.keys(host));
      file.problem(
        ['env', name],
        `env.${name}: got ${showValue(whole)}`,
        `a variable that is set in the host's environment${near}`,
      );
      return '';
    });
  }
  return environment;
}
