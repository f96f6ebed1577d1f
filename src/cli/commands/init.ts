import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { GlobalOptions } from '../invocation.ts';
import { printJson, printNote } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `
Makes tools/, skills/ and artifacts/ in DIR/.code-mode (in the folder itself with --base), with one small tool and
one skill to start from. What is there already stays as it is.
--json prints { folder, made: [path], kept: [path] }.

Examples:
  ts-code-mode init
  ts-code-mode init --base ./storage`;

export function addInitCommand(program: Command): void {
  const init = program
    .command('init')
    .description('make a folder for tools, skills and artifacts')
    .argument('[dir]', 'where to make .code-mode (default: here)')
    .addHelpText('after', HELP)
    .action(async (dir: string | undefined) => {
      const { base, store, json } = init.optsWithGlobals<GlobalOptions>();
      if (store !== undefined) throw usageError('Cannot use --store here: expected a folder, or --base');
      if (dir !== undefined && base !== undefined) {
        throw usageError(`Cannot make both ${dir} and ${base}: expected a folder or --base, not both`);
      }
      const [{ makeBaseFolder }, { PROJECT_FOLDER }, { workingFolder }] = await Promise.all([
        import('../make-base-folder.ts'),
        import('../base-folder.ts'),
        import('../working-folder.ts'),
      ]);
      const here = workingFolder();
      const folder = base === undefined ? join(resolve(here, dir ?? '.'), PROJECT_FOLDER) : resolve(here, base);
      const report = await makeBaseFolder(folder);
      if (json === true) return printJson(report);
      printNote(folder);
      for (const path of report.made) printNote(`  made  ${path}`);
      for (const path of report.kept) printNote(`  kept  ${path}`);
      const where =
        base === undefined && dir === undefined ? '' : ` --base ${base ?? join(dir ?? '.', PROJECT_FOLDER)}`;
      printNote(`\nNext:\n  ts-code-mode doctor${where}\n  ts-code-mode tools list${where}`);
      printNote(`  ts-code-mode run${where} -e 'await skills.recentWork(7)'`);
    });
}
