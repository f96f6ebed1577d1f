import { CodeModeError } from '../../errors/code-mode-error.ts';
import { nearestNames } from '../../errors/nearest.ts';
import { shorten } from '../../errors/shorten.ts';
import { printCall } from '../declarations/signature.ts';
import { callableSchema } from './callable-schema.ts';
import type { CliDefinition, CliRecipe, CliSlot } from './cli-definition.ts';
import { compileParameterCheck } from './parameter-check.ts';
import type { Expectation } from './parameter-check.ts';

/** What is started, and what it reads from stdin; undefined: stdin is closed. */
export interface CommandLine {
  readonly argv: readonly [string, ...string[]];
  readonly stdin: string | Uint8Array | undefined;
}

/**
 * Compiles a callable into the pure function from a call's argument to its command line: the command, the options
 * in the order of the schema, then the positional arguments. Every value is an element of its own.
 *
 * A caller's text that starts with `-` is refused for positional arguments and for options alike, unless the
 * file allows it. Behind a flag it is safe where the parser always takes the next word as the value (getopt), but
 * many do not (minimist, yargs, argparse's `nargs='?'`, `--color[=WHEN]`): there the value would be an option of the
 * caller's choice. A single `-`, and negative numbers for an option of a number's type, name no option and pass.
 *
 * The function throws `INVALID_ARGUMENTS`.
 */
export function compileArgv(definition: CliDefinition, recipe?: CliRecipe): (args: unknown) => CommandLine {
  const slots = (recipe?.slots ?? definition.slots).map((slot) => compileSlot(slot, definition.endOfOptions));
  const open = new Set(slots.filter(({ slot }) => !slot.isFixed).map(({ slot }) => slot.parameter.name));
  const callable = recipe === undefined ? definition.name : `${definition.name}.${recipe.name}`;
  const refuse = (reason: string, details: Readonly<Record<string, unknown>>): CodeModeError => {
    const schema = callableSchema(recipe?.slots ?? definition.slots, recipe?.listedFirst ?? []);
    const usage = printCall(callable, { inputSchema: schema });
    const said = reason.endsWith('?') ? reason : `${reason}.`;
    return new CodeModeError('INVALID_ARGUMENTS', `Cannot call ${callable}: ${said} Usage: ${usage}`, { details });
  };
  return (args) => {
    const given = argumentsOf(args);
    if (given === undefined)
      throw refuse(`got ${describeValue(args)}; expected one object with the arguments by name`, {});
    refuseUnknown(given, open, refuse);
    return assemble(definition, slots, given, refuse);
  };
}

type Refuse = (reason: string, details: Readonly<Record<string, unknown>>) => CodeModeError;
type GivenArguments = Readonly<Record<string, unknown>>;

interface CompiledSlot {
  readonly slot: CliSlot;
  /** Checks what a caller passed. */
  readonly check: (value: unknown) => Expectation;
}

function assemble(
  definition: CliDefinition,
  slots: readonly CompiledSlot[],
  given: GivenArguments,
  refuse: Refuse,
): CommandLine {
  const argv: [string, ...string[]] = [...definition.command];
  const positionals: string[] = [];
  let stdin: string | Uint8Array | undefined;
  for (const { slot, check } of slots) {
    const { name } = slot.parameter;
    const passed = slot.isFixed || !Object.hasOwn(given, name) ? undefined : given[name];
    if (passed !== undefined) {
      const expected = check(passed);
      if (expected !== undefined) {
        throw refuse(`parameter "${name}" got ${describeValue(passed)}; expected ${expected}`, {
          parameter: name,
          expected,
        });
      }
    }
    const value = passed ?? slot.fallback;
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    if (isEmpty && slot.parameter.required)
      throw refuse(`Required parameter '${name}' is missing`, { parameter: name });
    if (value === undefined) continue;
    if (slot.place.kind === 'stdin') {
      stdin = typeof value === 'string' || value instanceof Uint8Array ? value : undefined;
    } else if (slot.place.kind === 'positional') {
      positionals.push(...textsOf(value));
    } else {
      pushOption(argv, slot.place.flag, value);
    }
  }
  if (definition.endOfOptions && positionals.length > 0) argv.push('--');
  argv.push(...positionals);
  return { argv, stdin };
}

function pushOption(argv: string[], flag: string, value: unknown): void {
  if (value === true) argv.push(flag);
  else if (value !== false) for (const text of textsOf(value)) argv.push(flag, text);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function compileSlot(slot: CliSlot, endOfOptions: boolean): CompiledSlot {
  const { parameter, place } = slot;
  const checkParameter = compileParameterCheck(parameter);
  if (place.kind === 'stdin') {
    return {
      slot,
      check: (value) =>
        value instanceof Uint8Array ? undefined : (checkParameter(value) ?? refuseLoneSurrogates(value)),
    };
  }
  const allowsDash = parameter.allowLeadingDash || (endOfOptions && place.kind === 'positional');
  const isOption = place.kind === 'option';
  return {
    slot,
    check: (value) => {
      const expected = checkParameter(value);
      if (expected !== undefined) return expected;
      for (const item of Array.isArray(value) ? value : [value]) {
        const unfit =
          (typeof item === 'string' ? refuseUnpassable(item) : undefined) ??
          (allowsDash ? undefined : refuseDash(item, isOption));
        if (unfit !== undefined) return unfit;
      }
      return undefined;
    },
  };
}

function refuseDash(item: unknown, isOption: boolean): Expectation {
  if (isOption && (typeof item === 'number' || item === '-')) return undefined;
  return String(item).startsWith('-')
    ? 'a value that does not start with "-" (the tool file can allow it: allow_leading_dash)'
    : undefined;
}

function refuseUnpassable(text: string): Expectation {
  return text.includes('\0') ? 'text without NUL characters' : refuseLoneSurrogates(text);
}

/** Encoded as UTF-8 a lone surrogate would silently become another character. */
function refuseLoneSurrogates(value: unknown): Expectation {
  return typeof value === 'string' && !value.isWellFormed() ? 'text without lone surrogates' : undefined;
}

function refuseUnknown(given: GivenArguments, open: ReadonlySet<string>, refuse: Refuse): void {
  const unknown = Object.keys(given).filter((name) => !open.has(name));
  const [first] = unknown;
  if (first === undefined) return;
  const nearest = nearestNames(first, [...open]);
  const known = open.size === 0 ? 'it takes none' : `expected ${[...open].join(', ')}`;
  const hint =
    nearest.length === 0 ? known : `did you mean ${nearest.map((name) => JSON.stringify(name)).join(' or ')}?`;
  const names = unknown.slice(0, MAX_SHOWN_NAMES).map((name) => shorten(name));
  const more = unknown.length > names.length ? `, and ${unknown.length - names.length} more` : '';
  const listed = names.map((name) => JSON.stringify(name)).join(', ') + more;
  throw refuse(`unknown argument${unknown.length > 1 ? 's' : ''} ${listed}; ${hint}`, { unknown: names, nearest });
}

function argumentsOf(args: unknown): GivenArguments | undefined {
  if (args === undefined) return {};
  return isPlainObject(args) ? args : undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const MAX_SHOWN_CHARS = 60;
const MAX_SHOWN_NAMES = 5;

function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') {
    return value.length > MAX_SHOWN_CHARS
      ? `${JSON.stringify(value.slice(0, MAX_SHOWN_CHARS))}... (${value.length} characters)`
      : JSON.stringify(value);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
