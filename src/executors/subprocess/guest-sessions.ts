import type { EngineName, SliceEnd, SliceToChild } from './messages.ts';

/** The sessions of a child, in one engine or the other. */
export interface GuestSessions {
  readonly engine: EngineName;
  slice(slice: SliceToChild): SliceEnd | Promise<SliceEnd>;
  /** Forgets a session, variables and all. */
  drop(session: number): void;
}
