import type { Command } from 'commander';
import type { GlobalOptions } from '../invocation.ts';
import { printData, printJson } from '../output.ts';

const HELP = `
--json prints { types }.

Example:
  ts-code-mode types > code-mode.d.ts`;

export function addTypesCommand(program: Command): void {
  const types = program
    .command('types')
    .description('print the TypeScript declarations that an agent should see')
    .addHelpText('after', HELP)
    .action(async () => {
      const { json, ...place } = types.optsWithGlobals<GlobalOptions>();
      const { withSession } = await import('../with-session.ts');
      const text = await withSession(place, (session) => session.types());
      if (json === true) printJson({ types: text });
      else printData(text);
    });
}
