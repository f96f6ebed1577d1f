import { Session } from '../session.ts';
import { findStorage } from './find-storage.ts';
import type { Place } from './find-storage.ts';

/** Opens a session over the store to work on, for as long as `use` takes. */
export async function withSession<Result>(place: Place, use: (session: Session) => Promise<Result>): Promise<Result> {
  const { storage } = await findStorage(place);
  await using session = await Session.open({ storage });
  return await use(session);
}
