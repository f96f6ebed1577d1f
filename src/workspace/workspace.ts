import type { Embedder } from '../contracts/embedder.ts';
import type { StorageAccess, Stores } from '../contracts/storage.ts';
import type { HostCall } from '../protocol/host-call.ts';
import { SkillLibrary } from '../skills/skill-library.ts';
import { openStores } from '../storage/open-stores.ts';
import { ToolRegistry } from '../tools/tool-registry.ts';
import { ArtifactsNamespace } from './artifacts-namespace.ts';
import type { DispatchContext, Dispatcher } from './dispatcher.ts';
import { SkillsNamespace } from './skills-namespace.ts';
import { ToolsNamespace } from './tools-namespace.ts';

export interface WorkspaceOptions {
  readonly access: StorageAccess;
  /** What searches compare meanings by; `null`: words alone; undefined: the one that comes with the package. */
  readonly embedder: Embedder | null | undefined;
  readonly onRelease: (workspace: Workspace) => Promise<void>;
}

/**
 * What a guest can reach: the tools, skills and artifacts of one storage, opened.
 *
 * The stores are looked at again at the first call of each run that needs them, so that what another process
 * changed takes effect in the next run, and a run that calls nothing pays nothing.
 */
export class Workspace implements Dispatcher {
  readonly tools: ToolsNamespace;
  readonly skills: SkillsNamespace;
  readonly artifacts: ArtifactsNamespace;
  readonly #stores: Stores;
  readonly #onRelease: (workspace: Workspace) => Promise<void>;

  private constructor(stores: Stores, { access, embedder, onRelease }: WorkspaceOptions) {
    this.#stores = stores;
    this.#onRelease = onRelease;
    const search = { cache: stores.searchCache, ...(embedder !== undefined && { embedder }) };
    this.tools = new ToolsNamespace(
      new ToolRegistry(stores.tools, { basePath: basePathOf(access), env: process.env }),
      search,
    );
    this.skills = new SkillsNamespace(new SkillLibrary(stores.skills), search);
    this.artifacts = new ArtifactsNamespace(stores.artifacts);
  }

  static async open(options: WorkspaceOptions): Promise<Workspace> {
    return new Workspace(await openStores(options.access), options);
  }

  /** Tools and skills are looked at again when they are next asked for. */
  beginRun(): void {
    this.tools.expire();
    this.skills.expire();
  }

  async dispatch(call: HostCall, context: DispatchContext): Promise<unknown> {
    const { namespace } = call;
    if (namespace === 'tools') return this.tools.call(call, context);
    if (namespace === 'skills') return this.skills.call(call);
    return this.artifacts.call(call);
  }

  /** Files that do not load, and what authors should know of those that do. */
  problems(): readonly string[] {
    return [...this.tools.warnings(), ...this.skills.warnings()];
  }

  /** The problems, and why searches go by words alone, when they do. */
  warnings(): readonly string[] {
    const search = [this.tools.searchProblem, this.skills.searchProblem].flatMap((problem) => problem?.message ?? []);
    return [...this.problems(), ...new Set(search)];
  }

  /** TypeScript declarations of the three namespaces: what an agent should see. */
  async declarations(): Promise<string> {
    await Promise.all([this.tools.refresh(), this.skills.refresh()]);
    return [this.tools.declarations(), this.skills.declarations(), this.artifacts.declarations()].join('\n');
  }

  /** The holder of this workspace needs it no more. */
  async release(): Promise<void> {
    await this.#onRelease(this);
  }

  async close(): Promise<void> {
    await this.tools.close();
    await this.#stores[Symbol.asyncDispose]();
  }
}

/** Where relative paths in tool files start: other storages have no place of their own on this machine. */
function basePathOf(access: StorageAccess): string {
  return access.kind === 'file' ? access.basePath : process.cwd();
}
