import type { DocumentPath } from '../tool-document.ts';
import { didYouMean, showPath } from '../shape-problems.ts';
import type { ToolFile } from '../tool-file.ts';
import type { CliParameter, CliRecipe, CliSlot, CliValue } from './cli-definition.ts';
import type { CliFileRecipe, CliFileRecipeParameter } from './cli-file-shape.ts';
import { authorValue, readDetails, readParameter } from './read-parameter.ts';

/** A recipe over the slots of its tool. Contradictions become problems of the file. */
export function readRecipe(
  name: string,
  fields: CliFileRecipe,
  toolSlots: readonly CliSlot[],
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): CliRecipe {
  const params = Object.entries(fields.params ?? {});
  const declared = toolSlots.map(({ parameter }) => parameter.name);
  for (const [param] of params.filter(([key]) => !declared.includes(key))) {
    const path = [...at.path, 'params', param];
    at.file.problem(
      path,
      `${showPath(path)}: not in the schema`,
      `${declared.join(', ')}${didYouMean(param, declared)}`,
      'key',
    );
  }
  const changes = new Map(params);
  const preset = new Map(Object.entries(fields.preset ?? {}));
  const slots = toolSlots.map((slot) => recipeSlot(slot, changes.get(slot.parameter.name) ?? undefined, preset, at));
  const undeclared = [...preset]
    .filter(([key]) => !declared.includes(key))
    .map(([key, value]) => undeclaredOption(key, value, at));
  const firstPositional = slots.findIndex(({ place }) => place.kind !== 'option');
  slots.splice(firstPositional === -1 ? slots.length : firstPositional, 0, ...undeclared);
  return { name, description: fields.description ?? '', slots, listedFirst: [...changes.keys()] };
}

function recipeSlot(
  slot: CliSlot,
  change: CliFileRecipeParameter | undefined,
  preset: ReadonlyMap<string, CliValue>,
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): CliSlot {
  const { name } = slot.parameter;
  const parameter =
    change === undefined
      ? slot.parameter
      : changedParameter(slot.parameter, change, { ...at, path: [...at.path, 'params', name] });
  const given = preset.get(name);
  if (given !== undefined)
    return {
      ...slot,
      parameter,
      fallback: authorValue(parameter, given, { ...at, path: [...at.path, 'preset', name] }),
    };
  const hasOwnDefault = (change?.default ?? undefined) !== undefined;
  return { ...slot, parameter, fallback: hasOwnDefault ? parameter.default : undefined };
}

function changedParameter(
  base: CliParameter,
  change: CliFileRecipeParameter,
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): CliParameter {
  const type = change.type ?? base.type;
  if (type !== base.type) {
    const path = [...at.path, 'type'];
    at.file.problem(path, `${showPath(path)}: got ${type}`, `${base.type}, as in the schema`);
    return base;
  }
  return readDetails(base, change, at);
}

/**
 * A preset that the schema does not declare is an option that the author chose: it is passed as `--name`.
 * Callers may turn a flag of this kind off; a value they can't change, since nothing says what it may be.
 */
function undeclaredOption(
  name: string,
  value: CliValue,
  at: { readonly path: DocumentPath; readonly file: ToolFile },
): CliSlot {
  const path = [...at.path, 'preset', name];
  const flag = `--${name}`;
  at.file.warning(path, `${showPath(path)}: not in schema.options; passed as ${flag}`);
  const type = typeOf(value);
  const parameter = readParameter(name, { type, description: `Passes ${flag}.` }, path, at.file);
  return {
    parameter,
    place: { kind: 'option', flag },
    fallback: authorValue(parameter, value, { ...at, path }),
    isFixed: type !== 'boolean',
  };
}

function typeOf(value: CliValue): CliParameter['type'] {
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'object' ? 'array' : 'string';
}
