import { Session } from '../session.ts';
import { FileStorage } from '../storage/file/file-storage.ts';
import { findBaseFolder } from './base-folder.ts';

/** Opens a session over the base folder for as long as `use` takes. */
export async function withSession<Result>(
  base: string | undefined,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  await using session = await Session.open({ storage: new FileStorage({ basePath: findBaseFolder(base) }) });
  return await use(session);
}
