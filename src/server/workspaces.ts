import type { ArtifactStore } from '../contracts/artifact-store.ts';
import type { Facade } from '../contracts/facade.ts';
import type { Storage } from '../contracts/storage.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { acquireWorkspace } from '../workspace/shared-workspaces.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { WorkspaceFacade } from '../workspace/workspace-facade.ts';

interface OpenWorkspace {
  readonly workspace: Workspace;
  readonly facade: Facade;
}

/** The workspaces of a server's storages, opened when they are first asked for. */
export class Workspaces {
  readonly #open = new Map<Storage, Promise<OpenWorkspace>>();
  #state: 'open' | 'closed' = 'open';

  async facade(storage: Storage): Promise<Facade> {
    return (await this.#of(storage)).facade;
  }

  async artifacts(storage: Storage): Promise<ArtifactStore> {
    return (await this.#of(storage)).workspace.artifacts.store;
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    const opened = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    const workspaces = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value.workspace] : []));
    await Promise.all(workspaces.map((workspace) => workspace.release()));
  }

  #of(storage: Storage): Promise<OpenWorkspace> {
    if (this.#state === 'closed') throw new CodeModeError('UNAVAILABLE', 'Cannot answer: the server is going down');
    const known = this.#open.get(storage);
    if (known !== undefined) return known;
    const opening = open(storage);
    this.#open.set(storage, opening);
    // The next request tries again.
    opening.catch(() => this.#open.delete(storage));
    return opening;
  }
}

async function open(storage: Storage): Promise<OpenWorkspace> {
  const workspace = await acquireWorkspace(storage.access());
  return { workspace, facade: new WorkspaceFacade(workspace) };
}
