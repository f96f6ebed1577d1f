import type { CallContext, Tool, ToolAdapter, ToolCallable } from '../../contracts/tool.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { shorten } from '../../errors/shorten.ts';
import type { ToolFile } from '../tool-file.ts';
import { compileArgv } from './argv.ts';
import type { CommandLine } from './argv.ts';
import { callableSchema, resultSchema } from './callable-schema.ts';
import type { CliDefinition } from './cli-definition.ts';
import type { CliFile } from './cli-file-shape.ts';
import { compileOutputReader } from './read-output.ts';
import { readCliFile } from './read-cli-file.ts';
import { runProcess } from './run-process.ts';
import type { ProcessOutcome } from './run-process.ts';

/** Opens a command line tool; undefined when its file has problems. */
export function openCliTool(fields: CliFile, file: ToolFile): CliAdapter | undefined {
  const definition = readCliFile(fields, file);
  if (file.problems.length > 0) return undefined;
  return new CliAdapter(definition, { origin: file.origin, warnings: file.warnings });
}

/** Runs a command line program for each call. Holds nothing open between calls. */
export class CliAdapter implements ToolAdapter {
  readonly tool: Tool;
  readonly #definition: CliDefinition;
  readonly #commandLines: ReadonlyMap<string, (args: unknown) => CommandLine>;
  readonly #readOutput: (stdout: Uint8Array) => unknown;

  constructor(definition: CliDefinition, source: Pick<Tool, 'origin' | 'warnings'>) {
    this.#definition = definition;
    const { name, description, tags } = definition;
    this.tool = { name, description, tags, callables: callablesOf(definition), ...source };
    this.#commandLines = new Map([
      ['', compileArgv(definition)],
      ...definition.recipes.map((recipe) => [recipe.name, compileArgv(definition, recipe)] as const),
    ]);
    this.#readOutput = compileOutputReader(definition);
  }

  async call(callable: string, args: unknown, context: CallContext): Promise<unknown> {
    const commandLine = this.#commandLines.get(callable);
    if (commandLine === undefined) {
      throw new CodeModeError(
        'UNKNOWN_CALLABLE',
        `Cannot call ${this.tool.name}.${shorten(callable)}: there is no such recipe`,
        { details: { callable } },
      );
    }
    const { argv, stdin } = commandLine(args);
    const { env, cwd, timeoutMs, maxOutputBytes, successExitCodes } = this.#definition;
    const { signal, onStderr } = context;
    const outcome = await runProcess({ argv, stdin, env, cwd, timeoutMs, maxOutputBytes, signal, onStderr });
    if (outcome.exitCode === null || !successExitCodes.has(outcome.exitCode)) throw exitFailure(argv, outcome);
    return this.#readOutput(outcome.stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A call ends by its own signal; nothing else is open.
  }
}

function callablesOf(definition: CliDefinition): ToolCallable[] {
  const outputSchema = resultSchema(definition);
  const output = outputSchema === undefined ? {} : { outputSchema };
  return [
    { name: '', description: definition.description, inputSchema: callableSchema(definition.slots, []), ...output },
    ...definition.recipes.map(({ name, description, slots, listedFirst }) => ({
      name,
      description,
      inputSchema: callableSchema(slots, listedFirst),
      ...output,
    })),
  ];
}

const MAX_MESSAGE_CHARS = 1_000;
const MAX_ARGUMENT_CHARS = 200;

function exitFailure(
  argv: readonly [string, ...string[]],
  { exitCode, signal, stderrTail }: ProcessOutcome,
): CodeModeError {
  const ended = exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${exitCode}`;
  const stderr = stderrTail.trim();
  const said =
    stderr === ''
      ? 'it wrote nothing to stderr'
      : `${stderr.length > MAX_MESSAGE_CHARS ? '...' : ''}${stderr.slice(-MAX_MESSAGE_CHARS)}`;
  return new CodeModeError('TOOL_FAILED', `Cannot run ${argv[0]}: ${ended}; ${said}`, {
    details: {
      exitCode,
      signal,
      stderr: stderrTail,
      argv: argv.map((argument) => shorten(argument, MAX_ARGUMENT_CHARS)),
    },
  });
}
