import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { Session } from '../../src/session.ts';
import type { SessionOptions } from '../../src/session.ts';

/** A temporary folder that goes with `using`. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'ts-code-mode-'));

  /** Writes files by their path in the folder. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A session over a temporary folder that holds `files`; both go with `await using`. */
export async function openTempSession(
  files: Readonly<Record<string, string>> = {},
  options: Omit<SessionOptions, 'storage'> = {},
): Promise<Session & { readonly folder: TempFolder }> {
  const folder = new TempFolder();
  await folder.write(files);
  const session = await Session.open({ ...options, storage: new FileStorage({ basePath: folder.path }) });
  return Object.assign(session, {
    folder,
    async [Symbol.asyncDispose]() {
      await session.close();
      folder[Symbol.dispose]();
    },
  });
}
