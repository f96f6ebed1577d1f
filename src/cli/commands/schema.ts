import { Argument } from 'commander';
import type { Command } from 'commander';
import { printJson } from '../output.ts';

const HELP = `
Editors check and complete a tool file whose first line names its schema:
  # yaml-language-server: $schema=../tool.schema.json

Example:
  ts-code-mode schema tool > .code-mode/tool.schema.json`;

export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of a kind of file')
    .addArgument(new Argument('<kind>', 'which files').choices(['tool']))
    .addHelpText('after', HELP)
    .action(async () => {
      const { toolFileSchema } = await import('../../tools/adapter-kinds.ts');
      printJson(toolFileSchema());
    });
}
