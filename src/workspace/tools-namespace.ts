import type { Tool } from '../contracts/tool.ts';
import type { ToolHit } from '../contracts/facade.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import type { HostCall } from '../protocol/host-call.ts';
import { toolDocuments } from '../search/documents.ts';
import { SearchEngine } from '../search/search-engine.ts';
import type { SearchEngineOptions } from '../search/search-engine.ts';
import { declareTools } from '../tools/declarations/declare-tools.ts';
import { describeCallables, describeTool } from '../tools/describe-tool.ts';
import type { ToolRegistry } from '../tools/tool-registry.ts';
import { formatToolProblem } from '../tools/tool-problem.ts';
import type { ToolProblem } from '../tools/tool-problem.ts';
import type { DispatchContext } from './dispatcher.ts';
import { Freshness } from './freshness.ts';
import { searchArguments } from './search-arguments.ts';

/** `tools`: calls, listings, search, declarations. */
export class ToolsNamespace {
  readonly #registry: ToolRegistry;
  readonly #freshness: Freshness;
  readonly #engine: SearchEngine;
  /** What the engine was last given. */
  #searched: { readonly tools: readonly Tool[]; readonly descriptions: ReadonlyMap<string, string> } | undefined;

  constructor(registry: ToolRegistry, search: SearchEngineOptions = {}) {
    this.#registry = registry;
    this.#engine = new SearchEngine(search);
    this.#freshness = new Freshness(() => registry.refresh());
  }

  /** The next use looks at the store again. */
  expire(): void {
    this.#freshness.expire();
  }

  async refresh(): Promise<void> {
    await this.#freshness.ensure();
  }

  async call({ path, args }: HostCall, context: DispatchContext): Promise<unknown> {
    await this.refresh();
    const [tool, callable] = path;
    if (path.length === 1 && tool === 'list') return this.list().map(describeTool);
    if (path.length === 1 && tool === 'search') return this.search(...searchArguments('tools', args));
    if (path.length === 2 && callable === 'list') return describeCallables(this.tool(tool ?? ''));
    // Its name first: `tools.serach('x')` is a misspelt name, whatever it is called with.
    const callTool = this.#registry.callable(path);
    if (args.length > 1 || (args.length === 1 && !isRecord(args[0]))) {
      throw new CodeModeError(
        'INVALID_ARGUMENTS',
        `Cannot call tools.${path.join('.')}: it got ${describeArguments(args)}; expected one object, such as tools.${path.join('.')}({ name: value })`,
      );
    }
    return callTool(args[0] ?? {}, context);
  }

  list(): readonly Tool[] {
    return this.#registry.tools();
  }

  /** @throws {CodeModeError} `UNKNOWN_TOOL`. */
  tool(name: string): Tool {
    return this.#registry.tool(name);
  }

  async search(query: string, limit?: number): Promise<readonly ToolHit[]> {
    const tools = this.list();
    if (this.#searched?.tools !== tools) {
      const documents = toolDocuments(tools);
      this.#searched = { tools, descriptions: new Map(documents.map(({ id, description }) => [id, description])) };
      this.#engine.update(documents);
    }
    const hits = await this.#engine.search(query, limit);
    const descriptions = this.#searched?.descriptions;
    return hits.map((hit) => ({ ...hit, description: descriptions?.get(hit.id) ?? '' }));
  }

  problems(): readonly ToolProblem[] {
    return this.#registry.problems();
  }

  warnings(): readonly string[] {
    return this.problems().map((problem) => `A tool file does not load: ${formatToolProblem(problem)}`);
  }

  /** Why searches go by words alone, when they do. */
  get searchProblem(): CodeModeError | undefined {
    return this.#engine.problem;
  }

  declarations(): string {
    return declareTools(this.list());
  }

  async close(): Promise<void> {
    await this.#registry[Symbol.asyncDispose]();
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeArguments(args: readonly unknown[]): string {
  if (args.length > 1) return `${args.length} arguments`;
  const [only] = args;
  if (Array.isArray(only)) return 'an array';
  return only === null ? 'null' : `a ${typeof only}`;
}
