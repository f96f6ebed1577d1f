import type { CallContext, Tool, ToolAdapter } from '../contracts/tool.ts';
import type { ToolStore } from '../contracts/tool-store.ts';
import type { StoredEntry } from '../contracts/storage.ts';
import { CodeModeError, isCodeModeError } from '../errors/code-mode-error.ts';
import type { ErrorCode } from '../errors/code-mode-error.ts';
import { nearestNames } from '../errors/nearest.ts';
import { shorten } from '../errors/shorten.ts';
import { loadToolFile } from './load-tool-file.ts';
import type { LoadedToolFile } from './load-tool-file.ts';
import type { ToolFileContext } from './tool-file.ts';
import { toIdentifier, TOOL_MEMBERS, TOOLS_MEMBERS } from './tool-names.ts';
import type { ToolProblem } from './tool-problem.ts';

const NAMES_SHOWN = 5;

/** The tools of a store: loads their files, keeps them up to date, and dispatches calls to them. */
export class ToolRegistry implements AsyncDisposable {
  readonly #store: ToolStore;
  readonly #context: ToolFileContext;
  /** By file name, in the order of the store. */
  #files: ReadonlyMap<string, FileEntry> = new Map();
  #tools: ReadonlyMap<string, ToolEntry> = new Map();
  #sorted: readonly Tool[] = [];
  #problems: readonly ToolProblem[] = [];
  #refreshing: Promise<void> = Promise.resolve();

  constructor(store: ToolStore, context: ToolFileContext) {
    this.#store = store;
    this.#context = context;
  }

  /**
   * Takes in what was added, changed or removed in the store; unchanged files are not read again. Calls under way
   * go on with the tool they began with. A bad file never rejects: see {@link problems}.
   *
   * @throws {CodeModeError} when the store can't be listed; the tools stay as they were.
   */
  refresh(): Promise<void> {
    // One at a time, each with a listing of its own: who asks late must see what changed meanwhile.
    const refreshed = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = refreshed.catch(() => {});
    return refreshed;
  }

  /** Sorted by name; the same array as long as nothing has changed. */
  tools(): readonly Tool[] {
    return this.#sorted;
  }

  /** @throws {CodeModeError} `UNKNOWN_TOOL`, with near names. */
  tool(name: string): Tool {
    return this.#entry(name).adapter.tool;
  }

  /** What keeps files from loading, in the order of the files. */
  problems(): readonly ToolProblem[] {
    return this.#problems;
  }

  /**
   * Finds `['curl']`, the tool itself, or `['curl', 'get']`. A name in the file that is no identifier
   * (`docker-compose`) is found as it stands and as an identifier (`docker_compose`).
   *
   * @returns what calls it; it throws what the tool's adapter throws
   * @throws {CodeModeError} `UNKNOWN_TOOL`, `UNKNOWN_CALLABLE`
   */
  callable(path: readonly string[]): (args: unknown, context: CallContext) => Promise<unknown> {
    const [toolName = '', callableName = '', ...rest] = path;
    const entry = this.#entry(toolName);
    const { name: tool, callables } = entry.adapter.tool;
    const callable = entry.callables.get(toIdentifier(callableName));
    if (callable !== undefined && rest.length === 0) return (args, context) => entry.call(callable, args, context);
    throw unknownName('UNKNOWN_CALLABLE', {
      name: [tool, callableName, ...rest].join('.'),
      names: callables.map(({ name }) => (name === '' ? tool : `${tool}.${name}`)),
      members: TOOL_MEMBERS.map((member) => `${tool}.${member}`),
    });
  }

  /** Disposes every adapter: what they hold open (servers, connections) ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refreshing;
    const files = [...this.#files.values()];
    this.#files = new Map();
    this.#index();
    await Promise.allSettled(files.map(async ({ tool }) => tool?.adapter[Symbol.asyncDispose]()));
  }

  #entry(name: string): ToolEntry {
    const entry = this.#tools.get(toIdentifier(name));
    if (entry !== undefined) return entry;
    throw unknownName('UNKNOWN_TOOL', { name, names: [...this.#tools.keys()], members: TOOLS_MEMBERS });
  }

  async #refresh(): Promise<void> {
    const listed = await this.#store.list();
    const known = this.#files;
    const isUnchanged =
      listed.length === known.size && listed.every(({ name, version }) => known.get(name)?.version === version);
    if (isUnchanged) return;
    const files = new Map<string, FileEntry>();
    const loaded = await Promise.all(
      listed.map(async (entry) => {
        const old = known.get(entry.name);
        return old?.version === entry.version ? old : this.#load(entry);
      }),
    );
    for (const file of loaded) if (file !== undefined) files.set(file.name, file);
    this.#files = files;
    this.#index();
    for (const file of known.values()) if (files.get(file.name) !== file) file.tool?.retire();
  }

  async #load(entry: StoredEntry): Promise<FileEntry | undefined> {
    try {
      const source = await this.#store.read(entry.name);
      if (source === undefined) return undefined; // removed since it was listed
      const loaded = loadToolFile(source, this.#context);
      const tool = 'adapter' in loaded ? new ToolEntry(loaded.adapter) : undefined;
      return { name: entry.name, version: source.version, loaded, tool };
    } catch (error) {
      // What the storage could not do now, it may do the next time: without a version it is tried again.
      return {
        name: entry.name,
        version: isCodeModeError(error, 'STORAGE') ? undefined : entry.version,
        loaded: { problems: [unreadable(entry.name, error)] },
        tool: undefined,
      };
    }
  }

  /** Of two files that define the same name the first by file name wins. */
  #index(): void {
    const tools = new Map<string, ToolEntry>();
    const problems: ToolProblem[] = [];
    for (const { loaded, tool } of this.#files.values()) {
      if (tool === undefined || !('adapter' in loaded)) {
        if ('problems' in loaded) problems.push(...loaded.problems);
        continue;
      }
      const { name, origin } = tool.adapter.tool;
      const first = tools.get(name);
      if (first === undefined) tools.set(name, tool);
      else
        problems.push({
          origin,
          ...loaded.namePlace,
          message: `name: "${name}" is already defined in ${first.adapter.tool.origin}`,
          expected: 'another name',
        });
    }
    this.#tools = tools;
    this.#sorted = [...tools.values()]
      .map(({ adapter }) => adapter.tool)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.#problems = problems;
  }
}

interface FileEntry {
  readonly name: string;
  /** Undefined when the storage failed. */
  readonly version: string | undefined;
  readonly loaded: LoadedToolFile;
  readonly tool: ToolEntry | undefined;
}

/** An adapter and its calls under way: replaced, it is disposed when the last of them has ended. */
class ToolEntry {
  readonly adapter: ToolAdapter;
  /** The adapter's own names by their identifiers. */
  readonly callables: ReadonlyMap<string, string>;
  #callsUnderWay = 0;
  #state: 'current' | 'retired' = 'current';

  constructor(adapter: ToolAdapter) {
    this.adapter = adapter;
    this.callables = new Map(adapter.tool.callables.map(({ name }) => [toIdentifier(name), name]));
  }

  async call(callable: string, args: unknown, context: CallContext): Promise<unknown> {
    this.#callsUnderWay++;
    try {
      return await this.adapter.call(callable, args, context);
    } finally {
      this.#callsUnderWay--;
      this.#disposeWhenDone();
    }
  }

  retire(): void {
    this.#state = 'retired';
    this.#disposeWhenDone();
  }

  #disposeWhenDone(): void {
    if (this.#state === 'current' || this.#callsUnderWay > 0) return;
    // Nobody waits for a tool that is gone, and what its disposal throws helps nobody.
    this.adapter[Symbol.asyncDispose]().then(undefined, () => {});
  }
}

/** What the store says of a file, without the file's name: a problem begins with it. */
function unreadable(name: string, error: unknown): ToolProblem {
  const origin = `tools/${name}`;
  const said = error instanceof Error ? error.message : String(error);
  const prefix = `${origin}: `;
  const at = said.indexOf(prefix);
  const message = at === -1 ? `the file can't be read: ${said}` : said.slice(at + prefix.length);
  return { origin, line: 1, column: 1, message };
}

interface UnknownName {
  readonly name: string;
  readonly names: readonly string[];
  /** What else may have been meant. */
  readonly members: readonly string[];
}

/** `Unknown tool: crul. Available: curl, git. Did you mean curl?` */
function unknownName(
  code: Extract<ErrorCode, 'UNKNOWN_TOOL' | 'UNKNOWN_CALLABLE'>,
  { name, names, members }: UnknownName,
): CodeModeError {
  const nearest = nearestNames(name, [...names, ...members]);
  const near = nearest.filter((other) => names.includes(other));
  const ordered = [...near, ...names.filter((other) => !near.includes(other)).toSorted()];
  const more = ordered.length > NAMES_SHOWN ? `, and ${ordered.length - NAMES_SHOWN} more` : '';
  const available = ordered.length === 0 ? 'none' : ordered.slice(0, NAMES_SHOWN).join(', ') + more;
  const hint = nearest.length === 0 ? '' : `. Did you mean ${nearest[0]}?`;
  const kind = code === 'UNKNOWN_TOOL' ? 'tool' : 'callable';
  const shown = shorten(name);
  return new CodeModeError(code, `Unknown ${kind}: ${shown}. Available: ${available}${hint}`, {
    details: { name: shown, nearest },
  });
}
