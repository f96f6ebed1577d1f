import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { toErrorData } from '../errors/error-data.ts';
import type { ErrorData } from '../errors/error-data.ts';
import { addArtifactsCommand } from './commands/artifacts.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addInitCommand } from './commands/init.ts';
import { addReplCommand } from './commands/repl.ts';
import { addRunCommand } from './commands/run.ts';
import { addSchemaCommand } from './commands/schema.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSkillsCommand } from './commands/skills.ts';
import { addStoreCommand } from './commands/store.ts';
import { addToolsCommand } from './commands/tools.ts';
import { addTypesCommand } from './commands/types.ts';
import { EXIT_FAILED, EXIT_USAGE, exitCodeOf } from './exit-code.ts';
import { Interrupts } from './interrupts.ts';
import type { Invocation } from './invocation.ts';
import { endQuietlyOnClosedPipe, printError, printJson, printNote } from './output.ts';

const HELP = `
Examples:
  ts-code-mode init
  ts-code-mode run -e 'await tools.git_log({ limit: 3 })'
  ts-code-mode repl

Exit codes: 0 done, 1 failed, 2 wrong usage, 124 out of time, 130 interrupted.
Data is written to stdout, everything else to stderr.`;

/**
 * The command line. Never throws.
 *
 * @param args without the interpreter and the script
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  endQuietlyOnClosedPipe();
  // What no command expected: said in a line as well, never as Node's stack trace.
  process.on('uncaughtException', (error: unknown) => {
    printError(toErrorData(error));
    process.exit(EXIT_FAILED);
  });
  const invocation: Invocation = { interrupts: new Interrupts(), exitCode: 0 };
  const program = createProgram(invocation);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    invocation.exitCode = reportFailure(error, args, invocation);
  }
  return invocation.interrupts.exitCode ?? invocation.exitCode;
}

function createProgram(invocation: Invocation): Command {
  const program = new Command('ts-code-mode')
    .description("Runs an agent's TypeScript in a sandbox, with tools, skills and artifacts from a folder.")
    .option('--base <dir>', 'the folder (default: the nearest .code-mode upwards, else one in your data folder)')
    .option('--store <address>', 'instead of a folder: a Redis URL, or env:NAME that holds one')
    .option('--prefix <name>', 'what the keys in the Redis begin with')
    .option('--json', 'print JSON on stdout')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => styleText('bold', title) })
    // A message is printed by reportFailure, so that --json can shape it; help that stands for one is printed here.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', HELP)
    .exitOverride();
  addInitCommand(program);
  addRunCommand(program, invocation);
  addReplCommand(program, invocation);
  addToolsCommand(program, invocation);
  addSkillsCommand(program, invocation);
  addArtifactsCommand(program, invocation);
  addStoreCommand(program, invocation);
  addServeCommand(program);
  addTypesCommand(program);
  addSchemaCommand(program);
  addDoctorCommand(program, invocation);
  return program;
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}

function reportFailure(error: unknown, args: readonly string[], { interrupts }: Invocation): number {
  // Help and the version end parsing by an error of exit code 0.
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) {
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  if (interrupts.exitCode !== undefined) {
    printNote('interrupted');
    return interrupts.exitCode;
  }
  const data = error instanceof CommanderError ? usageErrorData(error) : toErrorData(error);
  if (wantsJson(args)) printJson({ error: data });
  else printError(data);
  return exitCodeOf(data.code);
}

function usageErrorData({ message }: CommanderError): ErrorData {
  const text = message.replace(/^error: /, '').replace(/\n\((Did you mean .*)\)$/, '. $1');
  return { name: 'UsageError', code: 'INVALID_OPTION', message: text, stack: '' };
}

/** Asked of the words themselves, since parsing them may be what failed. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--json');
}
