import type { Command } from 'commander';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { addRunFlags } from '../run-flags.ts';
import type { RunFlags } from '../run-flags.ts';
import { usageError } from '../usage-error.ts';

const HELP = `
Prints the value of the last expression: text and bytes as they are, anything else as JSON if it can be, else as
Node's inspector shows it. What the code logs goes to stderr.

--json prints the whole result: { ok, value | error: { name, code, message, location, frame, ... }, runId, stdout,
stderr, durationMs, cpuTimeMs, toolCalls, warnings }. In it bytes are base64, Map and Set lists, Date ISO text,
bigint text, NaN and undefined null.

Examples:
  ts-code-mode run -e '[3, 1, 2].toSorted()'
  ts-code-mode run report.ts --timeout 120
  echo 'await tools.git_log({ limit: 3 })' | ts-code-mode run -`;

export function addRunCommand(program: Command, invocation: Invocation): void {
  const run = program
    .command('run')
    .description('run TypeScript in the sandbox')
    .argument('[file]', 'a file with the code, - for standard input')
    .option('-e, --eval <code>', 'the code itself');
  addRunFlags(run)
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, flags: RunFlags & { readonly eval?: string }) => {
      if ((file === undefined) === (flags.eval === undefined)) {
        throw usageError('Cannot run: expected either a file (- for standard input) or --eval with the code');
      }
      const [{ withSession }, { runCode }, { readTextInput }] = await Promise.all([
        import('../with-session.ts'),
        import('../run-code.ts'),
        import('../read-input.ts'),
      ]);
      const code = flags.eval ?? (await readTextInput(file ?? '-', 'run', invocation.interrupts.signal));
      const options = run.optsWithGlobals<RunFlags & GlobalOptions>();
      await withSession(options, (session) => runCode(session, code, options, invocation));
    });
}
