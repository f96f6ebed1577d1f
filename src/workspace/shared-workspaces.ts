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
 */
export async function acquireWorkspace(access: StorageAccess): Promise<Workspace> {
  const key = encodeAccess(access);
  const shared = workspaces.get(key) ?? open(key, access);
  shared.users += 1;
  try {
    return await shared.opening;
  } catch (error) {
    workspaces.delete(key);
    throw error;
  }
}

function open(key: string, access: StorageAccess): Shared {
  const shared: Shared = {
    users: 0,
    opening: Workspace.open(access, async (workspace) => {
      shared.users -= 1;
      if (shared.users > 0) return;
      if (workspaces.get(key) === shared) workspaces.delete(key);
      await workspace.close();
    }),
  };
  workspaces.set(key, shared);
  return shared;
}
