import * as z from 'zod';
import { NAME_PATTERN } from '../tool-names.ts';

const MIB = 1024 * 1024;

/** Defaults of a command line tool's file; the descriptions below name them. */
export const CLI_DEFAULTS = { timeoutSeconds: 60, maxOutputBytes: 10 * MIB, successExitCodes: [0] } as const;

export const PARAMETER_TYPES = ['string', 'integer', 'number', 'boolean', 'array'] as const;
export const ITEM_TYPES = ['string', 'integer', 'number'] as const;
export const OUTPUTS = ['text', 'json', 'lines', 'bytes'] as const;

const text = z.string().refine((value) => !value.includes('\0'), { error: 'text without NUL characters' });
const word = text.min(1);
const scalar = z.union([text, z.number(), z.boolean()], { error: 'text, a number, true or false' });
const value = z.union([text, z.number(), z.boolean(), z.array(z.union([text, z.number()]))], {
  error: 'text, a number, true, false or a list of texts or numbers',
});
const name = z.string().regex(NAME_PATTERN, { error: 'letters, digits, _ and -' });
/** Not only digits: JavaScript puts such keys first, and options keep the order of the file. */
const parameterName = z
  .string()
  .regex(/^(?![0-9]+$)[A-Za-z0-9_][\w.:+-]*$/, { error: 'the name without leading dashes, not only digits' });
const pattern = z.string().refine(isRegularExpression, { error: 'a JavaScript regular expression' });

const described = {
  description: z.string().nullish().describe('What it means, for whoever calls the tool.'),
  required: z.boolean().nullish().describe('A call without it is refused. Default: false.'),
  examples: z.array(value).nullish().describe('Values as they may look.'),
  enum: z
    .array(z.union([text, z.number()]))
    .min(1)
    .nullish()
    .describe('The only values allowed (for a list: the only items).'),
  min: z.number().nullish().describe('The smallest number allowed (for a list: smallest item).'),
  max: z.number().nullish().describe('The greatest number allowed (for a list: greatest item).'),
  pattern: pattern
    .nullish()
    .describe(
      'A regular expression that the text, or each item, must match somewhere; anchor it with ^ and $ to match the whole.',
    ),
};

const typed = {
  type: z.enum(PARAMETER_TYPES).nullish().describe('Default: string.').meta({ default: 'string' }),
  items: z.enum(ITEM_TYPES).nullish().describe('Type of the items of an array. Default: string.'),
  ...described,
  default: value.nullish().describe('What the command does when it is left out: shown in listings, never passed.'),
  allow_leading_dash: z
    .boolean()
    .nullish()
    .describe(
      'Lets callers pass text that starts with "-", which the command could take for an option. Default: false.',
    ),
};

const option = z.strictObject({
  ...typed,
  short: z
    .union(
      [
        z.string().regex(/^[^\s-]\S*$/, { error: 'the short flag without its dash, such as s for -s' }),
        z.int().nonnegative(),
      ],
      {
        error: 'the short flag without its dash, such as s for -s',
      },
    )
    .nullish()
    .describe('The flag without its dash: "s" passes -s. Default: the long flag, --<name>.'),
});

const positional = z.strictObject({ name: parameterName.describe('How callers name it.'), ...typed });

const recipeParameter = z.strictObject({
  type: z.enum(PARAMETER_TYPES).nullish().describe('Must be the type that the schema gives.'),
  ...described,
  default: value.nullish().describe('Passed when the caller and the preset leave it out.'),
});

const recipe = z.strictObject({
  description: z.string().nullish().describe('What the recipe does.'),
  preset: z
    .record(parameterName, value)
    .nullish()
    .describe('Arguments already filled in; the caller may override them.'),
  params: z
    .record(parameterName, recipeParameter.nullish())
    .nullish()
    .describe('The parameters to show first, with changes for this recipe. Default: all of the schema.'),
});

const schema = z.strictObject({
  options: z
    .record(parameterName, option.nullish())
    .nullish()
    .describe('Flags, in the order in which they are passed.'),
  positional: z.array(positional).nullish().describe('Arguments without a flag, in order, after the options.'),
  stdin: parameterName
    .nullish()
    .describe(
      'The parameter whose text or bytes the command reads from its standard input. Default: standard input is closed.',
    ),
  end_of_options: z.boolean().nullish().describe('Puts "--" in front of the positional arguments. Default: false.'),
});

/** The file of a command line tool, as its author writes it. */
export const cliFileShape = z
  .strictObject({
    name: name.describe('How agents call it: tools.<name>. A dash becomes an underscore there.'),
    type: z.literal('cli').nullish().describe('The kind of tool. Default: cli.'),
    description: z.string().nullish().describe('What the tool does, for whoever looks for one.'),
    command: z
      .union([word, z.tuple([word], text)], {
        error: 'a command, or a list of texts: the command, then its first arguments',
      })
      .nullish()
      .describe(
        'The command, or a list of it and its first arguments ([git, log]). It is started without a shell. Default: the name.',
      ),
    timeout: z
      .number()
      .positive()
      .max(86_400)
      .nullish()
      .describe('Seconds after which the command and what it started are ended. Default: 60.')
      .meta({ default: CLI_DEFAULTS.timeoutSeconds }),
    tags: z.array(z.string()).nullish().describe('Words to find the tool by.'),
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, { error: 'the name of an environment variable' }), scalar)
      .nullish()
      .describe(
        "Environment variables of the command; ${VAR} stands for one of the host's. Apart from these it sees PATH, HOME, LANG and TMPDIR.",
      ),
    cwd: word
      .nullish()
      .describe("The folder to start in, relative to the storage's base folder. Default: the host's own."),
    output: z
      .enum(OUTPUTS)
      .nullish()
      .describe('What a call answers: text as it is, parsed JSON, a list of lines, or bytes. Default: text.')
      .meta({ default: 'text' }),
    result: z
      .union([z.boolean(), z.record(z.string(), z.unknown())], { error: 'a JSON Schema' })
      .nullish()
      .describe('A JSON Schema of the answer, for output: json.'),
    max_output_bytes: z
      .int()
      .positive()
      .max(1024 * MIB)
      .nullish()
      .describe('Bytes of standard output after which the command is ended. Default: 10 MiB.')
      .meta({ default: CLI_DEFAULTS.maxOutputBytes }),
    success_exit_codes: z
      .array(z.int().min(0).max(255))
      .min(1)
      .nullish()
      .describe('Exit codes that are no failure. Default: 0.'),
    schema: schema.nullish().describe('The options and arguments that callers may pass.'),
    recipes: z
      .record(name, recipe.nullish())
      .nullish()
      .describe('Ways to call the tool with something filled in: tools.<name>.<recipe>.'),
  })
  .describe('A command line program as a tool.');

export type CliFile = z.output<typeof cliFileShape>;
export type CliFileParameter = z.output<typeof option> | z.output<typeof positional>;
export type CliFileRecipe = z.output<typeof recipe>;
export type CliFileRecipeParameter = z.output<typeof recipeParameter>;

/** True for the source of a regular expression of today's JavaScript, Unicode-aware. */
export function isRegularExpression(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
