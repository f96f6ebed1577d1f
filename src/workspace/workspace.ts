import type { StorageAccess, Stores } from '../contracts/storage.ts';
import type { HostCall } from '../protocol/host-call.ts';
import { SkillLibrary } from '../skills/skill-library.ts';
import { openStores } from '../storage/open-stores.ts';
import { ToolRegistry } from '../tools/tool-registry.ts';
import { ArtifactsNamespace } from './artifacts-namespace.ts';
import type { DispatchContext, Dispatcher } from './dispatcher.ts';
import { SkillsNamespace } from './skills-namespace.ts';
import { ToolsNamespace } from './tools-namespace.ts';

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

  private constructor(stores: Stores, access: StorageAccess, onRelease: (workspace: Workspace) => Promise<void>) {
    this.#stores = stores;
    this.#onRelease = onRelease;
    this.tools = new ToolsNamespace(new ToolRegistry(stores.tools, { basePath: basePathOf(access), env: process.env }));
    this.skills = new SkillsNamespace(new SkillLibrary(stores.skills));
    this.artifacts = new ArtifactsNamespace(stores.artifacts);
  }

  static async open(access: StorageAccess, onRelease: (workspace: Workspace) => Promise<void>): Promise<Workspace> {
    return new Workspace(await openStores(access), access, onRelease);
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
  warnings(): readonly string[] {
    return [...this.tools.warnings(), ...this.skills.warnings()];
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
