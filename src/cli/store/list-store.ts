import pLimit from 'p-limit';
import type { ArtifactListing } from '../../contracts/artifact-store.ts';
import { toErrorData } from '../../errors/error-data.ts';
import type { Kind } from './kinds.ts';
import type { OpenStore } from './open-store.ts';

const CONCURRENCY = 256;

/** What a store holds. */
export interface StoreListing extends Partial<ArtifactListing> {
  readonly tools?: readonly Listed[];
  readonly skills?: readonly Listed[];
}

export interface Listed {
  readonly name: string;
  /** `skills/report.ts`, `skills/report.py` */
  readonly origin: string;
  /** Why it can't be read. */
  readonly problem?: string;
}

export async function listStore(store: OpenStore, kinds: readonly Kind[], signal: AbortSignal): Promise<StoreListing> {
  const atOnce = pLimit(CONCURRENCY);
  const { tools, skills, artifacts } = store;
  const listed = async (folder: string, from: typeof tools | typeof skills): Promise<readonly Listed[]> =>
    atOnce.map(await from.list(), async ({ name }) => {
      signal.throwIfAborted();
      try {
        const origin = (await from.read(name))?.origin ?? `${folder}/${name}`;
        return { name, origin };
      } catch (error) {
        return { name, origin: `${folder}/${name}`, problem: toErrorData(error).message };
      }
    });
  return {
    ...(kinds.includes('tools') ? { tools: await listed('tools', tools) } : {}),
    ...(kinds.includes('skills') ? { skills: await listed('skills', skills) } : {}),
    ...(kinds.includes('artifacts') ? await artifacts.list() : {}),
  };
}
