import { z } from 'zod';
import type { ArtifactInfo, ArtifactType } from '../../contracts/artifact-store.ts';
import { parseJson } from './parse-json.ts';

/**
 * An artifact's entry in the index, as py-code-mode has it, and what it does not have: a save's own name, so that two saves
 * never look alike, and the user's value of the one metadata key that py-code-mode takes for itself.
 */
const entrySchema = z.object({
  description: z.string().nullish(),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'not a time'),
  metadata: z.looseObject({ _data_type: z.enum(['bytes', 'text', 'json']).optional() }).nullish(),
  save_id: z.string().optional(),
  own_data_type: z.unknown().optional(),
});

/** What an entry tells; the size is that of the data. */
export type ArtifactEntry = Omit<ArtifactInfo, 'name' | 'type' | 'sizeBytes'> & {
  /** py-code-mode may have left it out. */
  readonly type: ArtifactType | undefined;
  /** False: written by py-code-mode, whose data may not be what its type says. */
  readonly isOurs: boolean;
};

export function encodeEntry({ type, description, metadata, createdAt }: ArtifactInfo, saveId: string): string {
  return JSON.stringify({
    description,
    // Older Pythons don't read the Z.
    created_at: createdAt.replace(/Z$/, '+00:00'),
    metadata: { ...metadata, _data_type: type },
    save_id: saveId,
    ...('_data_type' in metadata ? { own_data_type: metadata['_data_type'] } : {}),
  });
}

/** `undefined` for what is not readable. */
export function decodeEntry(data: Buffer): ArtifactEntry | undefined {
  const entry = entrySchema.safeParse(parseJson(data)).data;
  if (entry === undefined) return undefined;
  const { _data_type: type, ...metadata } = entry.metadata ?? {};
  const own = entry.own_data_type === undefined ? {} : { _data_type: entry.own_data_type };
  return {
    type,
    description: entry.description ?? '',
    metadata: { ...metadata, ...own },
    createdAt: new Date(entry.created_at).toISOString(),
    isOurs: entry.save_id !== undefined,
  };
}
