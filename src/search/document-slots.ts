import { hash } from 'node:crypto';

import type { SearchDocument } from '../contracts/search.ts';
import { capDocument } from './cap-document.ts';
import type { Pace } from './pace.ts';

/** A document that stands in a slot. */
export interface SlotEntry {
  /** What of it counts. */
  readonly document: SearchDocument;
  /** The hash of its content: all but the id. */
  readonly key: string;
  /** Where it stands in the list of documents. */
  readonly place: number;
}

/** Documents by slot: a document keeps its slot as long as its content stays the same. */
export type Slots = readonly (SlotEntry | undefined)[];

/** Puts the documents into slots: those that stood in one stay there, the others take free ones. */
export async function assignSlots(
  documents: readonly SearchDocument[],
  before: Slots,
  pace: Pace,
): Promise<(SlotEntry | undefined)[]> {
  const slotsByIdentity = Map.groupBy(
    before.keys().filter((slot) => before[slot] !== undefined),
    (slot) => identity(before[slot]),
  );
  const slots: (SlotEntry | undefined)[] = before.map(() => undefined);
  const newcomers: SlotEntry[] = [];
  for (const [place, given] of documents.entries()) {
    await pace.step();
    const document = capDocument(given);
    const entry = { document, key: contentKey(document), place };
    const slot = slotsByIdentity.get(identity(entry))?.pop();
    if (slot === undefined) newcomers.push(entry);
    else slots[slot] = entry;
  }
  let next = 0;
  for (const entry of newcomers) {
    while (slots[next] !== undefined) next++;
    slots[next] = entry;
  }
  return slots;
}

function identity(entry: SlotEntry | undefined): string {
  return `${entry?.key}${entry?.document.id}`;
}

function contentKey({ name, description, tags, parameters }: SearchDocument): string {
  const content = [name, description, tags, parameters.map((parameter) => [parameter.name, parameter.description])];
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 32);
}
