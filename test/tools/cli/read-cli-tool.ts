import { compileArgv } from '../../../src/tools/cli/argv.ts';
import type { CommandLine } from '../../../src/tools/cli/argv.ts';
import { cliFileShape } from '../../../src/tools/cli/cli-file-shape.ts';
import { readCliFile } from '../../../src/tools/cli/read-cli-file.ts';
import { ToolDocument } from '../../../src/tools/tool-document.ts';
import { ToolFile } from '../../../src/tools/tool-file.ts';

/** The argv builders of a tool file that is right: of the tool itself by `''`, of a recipe by its name. */
export function readCliTool(text: string): (recipe: string) => (args: unknown) => CommandLine {
  const document = new ToolDocument('tools/t.yaml', text);
  const file = new ToolFile(document, { basePath: '/', env: {} });
  const definition = readCliFile(cliFileShape.parse(document.data), file);
  if (file.problems.length > 0) throw new Error(JSON.stringify(file.problems));
  return (name) => {
    const recipe = definition.recipes.find((candidate) => candidate.name === name);
    if (name !== '' && recipe === undefined) throw new Error(`No recipe ${name}`);
    return compileArgv(definition, recipe);
  };
}
