import type { ArtifactInfo } from '../contracts/artifact-store.ts';
import type {
  CallToolOptions,
  CreateSkillOptions,
  Facade,
  LoadedArtifact,
  SaveArtifactOptions,
  SkillHit,
  SkillWithSource,
  ToolHit,
} from '../contracts/facade.ts';
import type { Skill } from '../contracts/skill.ts';
import type { Tool } from '../contracts/tool.ts';
import type { Workspace } from './workspace.ts';

/** The facade over a workspace of this process. */
export class WorkspaceFacade implements Facade {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  async types(): Promise<string> {
    return this.#fresh().declarations();
  }

  async listTools(): Promise<readonly Tool[]> {
    const { tools } = this.#fresh();
    await tools.refresh();
    return tools.list();
  }

  async searchTools(query: string, limit?: number): Promise<readonly ToolHit[]> {
    const { tools } = this.#fresh();
    await tools.refresh();
    return tools.search(query, limit);
  }

  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    { signal, onStderr }: CallToolOptions,
  ): Promise<unknown> {
    const call = { id: 0, namespace: 'tools', path: name.split('.'), args: [args] } as const;
    return this.#fresh().tools.call(call, {
      signal: signal ?? new AbortController().signal,
      onStderr: onStderr ?? (() => undefined),
      waitForPerson: (work) => work(),
    });
  }

  async listSkills(): Promise<readonly Skill[]> {
    return this.#fresh().skills.list();
  }

  async searchSkills(query: string, limit?: number): Promise<readonly SkillHit[]> {
    return this.#fresh().skills.search(query, limit);
  }

  async getSkill(name: string): Promise<SkillWithSource> {
    return this.#fresh().skills.get(name);
  }

  async addSkill(name: string, source: string, options: CreateSkillOptions): Promise<Skill> {
    return this.#fresh().skills.create(name, source, options);
  }

  async removeSkill(name: string): Promise<boolean> {
    return this.#fresh().skills.delete(name);
  }

  async listArtifacts(): Promise<readonly ArtifactInfo[]> {
    return (await this.#workspace.artifacts.store.list()).artifacts;
  }

  async saveArtifact(name: string, data: unknown, options: SaveArtifactOptions): Promise<ArtifactInfo> {
    return this.#workspace.artifacts.save(name, data, options);
  }

  async loadArtifact(name: string): Promise<LoadedArtifact> {
    return this.#workspace.artifacts.get(name);
  }

  async streamArtifact(name: string): Promise<ReadableStream<Uint8Array>> {
    return (await this.#workspace.artifacts.store.stream(name)).stream;
  }

  async deleteArtifact(name: string): Promise<boolean> {
    return this.#workspace.artifacts.store.delete(name);
  }

  async problems(): Promise<readonly string[]> {
    const { tools, skills } = this.#fresh();
    await Promise.all([tools.refresh(), skills.refresh()]);
    return this.#workspace.problems();
  }

  /** Between runs, each question looks at the storage anew. */
  #fresh(): Workspace {
    this.#workspace.beginRun();
    return this.#workspace;
  }
}
