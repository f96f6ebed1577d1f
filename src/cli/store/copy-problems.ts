import { availableParallelism } from 'node:os';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { CodeModeError } from '../../errors/code-mode-error.ts';
import { SkillParser } from '../../skills/skill-parser.ts';
import { loadToolFile } from '../../tools/load-tool-file.ts';
import { formatToolProblem } from '../../tools/tool-problem.ts';
import type { ToolProblem } from '../../tools/tool-problem.ts';
import type { CopyContext, CopyProblem } from './part.ts';

/** Enough to keep a thread at work, little enough to be told of progress. */
const BATCH_SIZE = 256;
/** A thread takes longer to start than it saves on fewer. */
const SKILLS_A_THREAD = 500;
const MAX_THREADS = 4;

/** What an error says of a file. */
export function problemOf(file: string, { message, details }: CodeModeError): CopyProblem {
  const { line, column } = details;
  return {
    file,
    message: message.includes(file) ? message : `${file}: ${message}`,
    ...(typeof line === 'number' ? { line } : {}),
    ...(typeof column === 'number' ? { column } : {}),
  };
}

/** What keeps skills from running. Nothing of them is executed. */
export async function skillProblems(
  sources: ReadonlyMap<string, string>,
  { signal, steps }: CopyContext,
): Promise<readonly CopyProblem[]> {
  const problems: CopyProblem[] = [];
  const waiting = [...sources].map(([name, source]) => ({ name, origin: `skills/${name}.ts`, version: '', source }));
  const threads = Math.min(MAX_THREADS, availableParallelism(), Math.ceil(waiting.length / SKILLS_A_THREAD));
  steps.begin('checking skills', waiting.length);
  const work = async (): Promise<void> => {
    const parser = new SkillParser();
    while (waiting.length > 0) {
      signal.throwIfAborted();
      const batch = waiting.splice(-BATCH_SIZE);
      for (const [index, error] of (await parser.checkAll(batch)).entries()) {
        if (error !== undefined) problems.push(problemOf(batch[index]?.origin ?? 'skills/', error));
      }
      steps.advance(batch.length);
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return problems.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}

/** What keeps tool files from loading. Nothing of them is started. */
export async function toolProblems(
  texts: ReadonlyMap<string, string>,
  { signal, steps }: CopyContext,
): Promise<readonly CopyProblem[]> {
  const problems: CopyProblem[] = [];
  const origins = new Map<string, string>();
  steps.begin('checking tools', texts.size);
  for (const [name, text] of texts) {
    const origin = `tools/${name}`;
    const loaded = loadToolFile({ name, origin, version: '', text }, { basePath: process.cwd(), env: anyVariable });
    if ('problems' in loaded) problems.push(...loaded.problems.map(asCopyProblem));
    else {
      const { adapter, namePlace } = loaded;
      const first = origins.get(adapter.tool.name);
      const message = `name: "${adapter.tool.name}" is already defined in ${first}`;
      if (first === undefined) origins.set(adapter.tool.name, origin);
      else problems.push(asCopyProblem({ origin, ...namePlace, message, expected: 'another name' }));
      await adapter[Symbol.asyncDispose]();
    }
    steps.advance(1);
    await yieldToEvents(undefined, { signal });
  }
  return problems;
}

/** What `${NAME}` in a tool file stands for is set where the tool will run. */
const anyVariable: Readonly<Record<string, string>> = new Proxy<Record<string, string>>(
  {},
  { get: (_, name) => (typeof name === 'string' ? '' : undefined) },
);

function asCopyProblem(problem: ToolProblem): CopyProblem {
  const { origin: file, line, column } = problem;
  return { file, line, column, message: formatToolProblem(problem) };
}
