import { afterAll, beforeAll, describe, it } from 'vitest';
import { join } from 'node:path';
import { RemoteExecutor } from '../../src/executors/remote/remote-executor.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { describeExecutor } from '../../src/testing/executor-conformance.ts';
import { ServerProcess } from '../support/server-process.ts';
import { TempFolder } from '../support/temp-session.ts';

/** A storage for each test: a token stands for it. */
const STORAGES = 40;

for (const way of ['port', 'socket'] as const) {
  const folder = new TempFolder();
  const socketPath = join(folder.path, 'server.sock');
  const tokens = Array.from({ length: STORAGES }, (_, index) => ({
    name: `client${index}`,
    token: `token-of-client-${index}`,
    basePath: join(folder.path, `storage${index}`),
  }));
  let server: ServerProcess;
  let next = -1;

  beforeAll(async () => {
    const storage = new FileStorage({ basePath: join(folder.path, 'unused') });
    server = await ServerProcess.start({ storage, tokens, ...(way === 'socket' ? { socketPath } : {}) });
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    folder[Symbol.dispose]();
  });

  describeExecutor(
    `RemoteExecutor by ${way}`,
    {
      create() {
        const token = tokens[next]?.token ?? '';
        return new RemoteExecutor(way === 'socket' ? { socketPath, token } : { url: server.url, token });
      },
      async storage(files) {
        next += 1;
        const basePath = tokens[next]?.basePath ?? '';
        await folder.write(
          Object.fromEntries(Object.entries(files).map(([name, text]) => [`storage${next}/${name}`, text])),
        );
        return Object.assign(new FileStorage({ basePath }), { [Symbol.asyncDispose]: async () => undefined });
      },
    },
    { describe, it },
  );
}
