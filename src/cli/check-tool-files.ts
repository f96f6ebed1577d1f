import type { ToolStore } from '../contracts/tool-store.ts';
import type { ToolProblem } from '../tools/tool-problem.ts';
import { ToolRegistry } from '../tools/tool-registry.ts';

export interface ToolFilesReport {
  /** How many tool files there are. */
  readonly files: number;
  readonly problems: readonly ToolProblem[];
  readonly warnings: readonly string[];
}

/** Loads every tool file and starts nothing. */
export async function checkToolFiles(tools: ToolStore, basePath: string): Promise<ToolFilesReport> {
  await using registry = new ToolRegistry(tools, { basePath, env: process.env });
  await registry.refresh();
  return {
    files: (await tools.list()).length,
    problems: registry.problems(),
    warnings: registry.tools().flatMap(({ warnings }) => warnings),
  };
}
