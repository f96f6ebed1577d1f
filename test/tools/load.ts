import { readFileSync } from 'node:fs';
import type { CallContext, ToolAdapter } from '../../src/contracts/tool.ts';
import { loadToolFile } from '../../src/tools/load-tool-file.ts';
import { formatToolProblem } from '../../src/tools/tool-problem.ts';
import type { ToolProblem } from '../../src/tools/tool-problem.ts';

const ENV = { PATH: process.env['PATH'], HOME: process.env['HOME'], TOKEN: 'secret', EMPTY: '' };

/** The adapter of a tool file that must load. */
export function loadTool(text: string, basePath = '/tmp'): ToolAdapter {
  const loaded = loadToolFile(
    { name: 'tool.yaml', version: '1', origin: 'tools/tool.yaml', text },
    { basePath, env: ENV },
  );
  if ('adapter' in loaded) return loaded.adapter;
  throw new Error(loaded.problems.map(formatToolProblem).join('\n'));
}

/** What is wrong with a tool file that must not load. */
export function problemsOf(text: string): readonly ToolProblem[] {
  const loaded = loadToolFile(
    { name: 'tool.yaml', version: '1', origin: 'tools/tool.yaml', text },
    { basePath: '/tmp', env: ENV },
  );
  if ('problems' in loaded) return loaded.problems;
  throw new Error('The tool file loads');
}

export function exampleFile(name: string): string {
  return readFileSync(new URL(`files/${name}`, import.meta.url), 'utf8');
}

export function callContext(overrides: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, onStderr: () => {}, ...overrides };
}
