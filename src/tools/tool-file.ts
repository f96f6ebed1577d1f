import type { DocumentPath, ToolDocument } from './tool-document.ts';
import type { ToolProblem } from './tool-problem.ts';
import { formatToolProblem } from './tool-problem.ts';

/** What a tool file may lean on. */
export interface ToolFileContext {
  /** Absolute path; a relative `cwd` starts here. */
  readonly basePath: string;
  /** The host's environment: what `${VAR}` stands for. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A tool file while it is being read: collects what is wrong with it, each with its place. */
export class ToolFile {
  readonly document: ToolDocument;
  readonly context: ToolFileContext;
  readonly problems: ToolProblem[] = [];
  readonly warnings: string[] = [];

  constructor(document: ToolDocument, context: ToolFileContext) {
    this.document = document;
    this.context = context;
  }

  get origin(): string {
    return this.document.origin;
  }

  problem(path: DocumentPath, message: string, expected?: string, target?: 'key' | 'value'): void {
    this.problems.push(this.document.problem(path, message, expected, target));
  }

  /** Worth knowing, although the tool loads. */
  warning(path: DocumentPath, message: string): void {
    const { origin, line, column } = this.document.problem(path, message, undefined, 'key');
    this.warnings.push(formatToolProblem({ origin, line, column, message }));
  }
}
