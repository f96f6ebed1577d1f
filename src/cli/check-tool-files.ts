import type { ToolStore } from '../contracts/tool-store.ts';
import type { ToolProblem } from '../tools/tool-problem.ts';
import { ToolRegistry } from '../tools/tool-registry.ts';
import { commandsOf, isOnPath, missingFolders } from './tool-commands.ts';
import type { ToolCommand } from './tool-commands.ts';

export interface ToolFilesReport {
  /** How many tool files there are. */
  readonly files: number;
  readonly problems: readonly ToolProblem[];
  readonly warnings: readonly string[];
  /** What the files name and this machine does not have (now): calls will fail. */
  readonly missing: { readonly folders: readonly ToolProblem[]; readonly commands: readonly ToolCommand[] };
}

/** Loads every tool file and starts nothing. */
export async function checkToolFiles(tools: ToolStore, basePath: string): Promise<ToolFilesReport> {
  await using registry = new ToolRegistry(tools, { basePath, env: process.env });
  await registry.refresh();
  const commands = await commandsOf(tools, basePath);
  return {
    files: (await tools.list()).length,
    problems: registry.problems(),
    warnings: registry.tools().flatMap(({ warnings }) => warnings),
    missing: { folders: missingFolders(commands), commands: commands.filter((command) => !isOnPath(command)) },
  };
}
