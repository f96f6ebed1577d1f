import type { Embedder } from '../contracts/embedder.ts';
import type { StorageAccess } from '../contracts/storage.ts';
import { encodeAccess } from '../storage/access-text.ts';
import { Workspace } from './workspace.ts';

interface Shared {
  readonly opening: Promise<Workspace>;
  users: number;
}

const workspaces = new Map<string, Shared>();

/**
 * Opens the workspace of a storage, or shares the one that is open in this process: a thousand sessions over one
 * folder load its tools once. Each call must be answered by one `release()`.
 *
 * @param embedder what searches compare meanings by; `null`: words alone; default: the one that comes with the package
 */
export async function acquireWorkspace(access: StorageAccess, embedder?: Embedder | null): Promise<Workspace> {
  const key = JSON.stringify([encodeAccess(access), embedder === null ? null : (embedder?.id ?? '')]);
  const shared = workspaces.get(key) ?? open(key, access, embedder);
  shared.users += 1;
  try {
    return await shared.opening;
  } catch (error) {
    workspaces.delete(key);
    throw error;
  }
}

function open(key: string, access: StorageAccess, embedder: Embedder | null | undefined): Shared {
  const shared: Shared = {
    users: 0,
    opening: Workspace.open({
      access,
      embedder,
      async onRelease(workspace) {
        shared.users -= 1;
        if (shared.users > 0) return;
        if (workspaces.get(key) === shared) workspaces.delete(key);
        await workspace.close();
      },
    }),
  };
  workspaces.set(key, shared);
  return shared;
}
