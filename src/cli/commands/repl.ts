import type { Command } from 'commander';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { addRunFlags } from '../run-flags.ts';
import type { RunFlags } from '../run-flags.ts';

const HELP = `
Cells may take several lines. Without a terminal it reads cells from standard input and fails when the last of them
that failed did.
--json prints for each cell what "ts-code-mode run --json" prints.

Example:
  ts-code-mode repl --timeout 300`;

export function addReplCommand(program: Command, invocation: Invocation): void {
  const repl = program.command('repl').description('type TypeScript and see what comes of it');
  addRunFlags(repl)
    .addHelpText('after', HELP)
    .action(async () => {
      const options = repl.optsWithGlobals<RunFlags & GlobalOptions>();
      const [{ withSession }, { Repl }] = await Promise.all([import('../with-session.ts'), import('../repl/repl.ts')]);
      await withSession(options, async (session) => {
        invocation.exitCode = await new Repl(session, { flags: options, json: options.json === true }).start();
      });
    });
}
