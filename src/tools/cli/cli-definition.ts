import type { JsonSchema } from '../../contracts/json-schema.ts';
import type { ITEM_TYPES, OUTPUTS, PARAMETER_TYPES } from './cli-file-shape.ts';

/** A command line tool: what its file says, with every default filled in. */
export interface CliDefinition {
  /** An identifier. */
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** The command and the fixed arguments that come first. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: the host's own. */
  readonly cwd: StartFolder | undefined;
  readonly output: (typeof OUTPUTS)[number];
  readonly resultSchema: JsonSchema | undefined;
  readonly maxOutputBytes: number;
  readonly successExitCodes: ReadonlySet<number>;
  /** Puts `--` in front of the positional arguments. */
  readonly endOfOptions: boolean;
  /** In the order of the argv: options, positionals. */
  readonly slots: readonly CliSlot[];
  readonly recipes: readonly CliRecipe[];
}

/** The folder that a command is started in. */
export interface StartFolder {
  /** Absolute. */
  readonly path: string;
  /** As the file has it: what errors name, which the guest sees. */
  readonly name: string;
}

/** A recipe, resolved: its slots stand for those of the tool. */
export interface CliRecipe {
  /** An identifier. */
  readonly name: string;
  readonly description: string;
  readonly slots: readonly CliSlot[];
  /** The parameters that listings show first. */
  readonly listedFirst: readonly string[];
}

/** A parameter and what becomes of its value. */
export interface CliSlot {
  readonly parameter: CliParameter;
  readonly place: CliPlace;
  /** Used when the caller passes nothing: a recipe's preset, else the default of its `params`. */
  readonly fallback: CliValue | undefined;
  /** An undeclared preset that callers can neither see nor change. */
  readonly isFixed: boolean;
}

export type CliPlace =
  | { readonly kind: 'option'; readonly flag: string }
  | { readonly kind: 'positional' }
  | { readonly kind: 'stdin' };

export interface CliParameter {
  readonly name: string;
  readonly type: (typeof PARAMETER_TYPES)[number];
  readonly itemType: (typeof ITEM_TYPES)[number];
  readonly description: string;
  readonly required: boolean;
  /** What the command does without it: for listings alone. */
  readonly default: CliValue | undefined;
  readonly examples: readonly CliValue[];
  readonly enum: readonly (string | number)[] | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly pattern: string | undefined;
  readonly allowLeadingDash: boolean;
}

export type CliValue = string | number | boolean | readonly (string | number)[];
