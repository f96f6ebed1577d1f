/** A session server as a process of its own: takes its configuration as one line of JSON, answers with its address. */
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { z } from 'zod';
import { SessionServer } from '../../src/server/session-server.ts';
import { SCOPES } from '../../src/server/token-book.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { decodeAccess } from '../../src/storage/access-text.ts';

const config = z.object({
  access: z.string(),
  tokens: z.array(z.object({ name: z.string(), token: z.string(), basePath: z.string().optional() })),
  listen: z.union([z.object({ port: z.number() }), z.object({ socketPath: z.string() })]),
  options: z.record(z.string(), z.unknown()).default({}),
});

const [line] = z.tuple([z.string()]).parse(await once(createInterface(process.stdin), 'line'));
const { access, tokens, listen, options } = config.parse(JSON.parse(line));
const server = new SessionServer({
  ...options,
  storage: { access: () => decodeAccess(access) },
  tokens: tokens.map(({ name, token, basePath }) => ({
    name,
    token,
    scopes: [...SCOPES],
    ...(basePath === undefined ? {} : { storage: new FileStorage({ basePath }) }),
  })),
});
process.stdout.write(`${JSON.stringify(await server.listen(listen))}\n`);
process.on('SIGTERM', () => {
  void server.close({ graceMs: 5_000 }).then(() => process.exit(0));
});
