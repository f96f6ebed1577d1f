/** Something in a tool file that keeps the tool from loading. */
export interface ToolProblem {
  /** The file: `tools/curl.yaml`. */
  readonly origin: string;
  /** Starts at 1. */
  readonly line: number;
  /** Starts at 1. */
  readonly column: number;
  /** What was found. */
  readonly message: string;
  /** What should stand there. */
  readonly expected?: string;
  /** The line, with a caret under the place. */
  readonly snippet?: string;
}

/** A place in a tool file. */
export type SourcePlace = Pick<ToolProblem, 'line' | 'column' | 'snippet'>;

/** `tools/curl.yaml:3:9: timeout: got "long"; expected a number`, then the line it stands in. */
export function formatToolProblem(problem: ToolProblem): string {
  const expected = problem.expected === undefined ? '' : `; expected ${problem.expected}`;
  const snippet = problem.snippet === undefined ? '' : `\n${problem.snippet}`;
  return `${problem.origin}:${problem.line}:${problem.column}: ${problem.message}${expected}${snippet}`;
}
