import { z } from 'zod';
import type { StorageAccess } from '../contracts/storage.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { maskSecrets, MASK } from './redis/mask-secrets.ts';

const path = z.string().min(1);
const quota = { artifactQuotaBytes: z.int().positive().exactOptional() };
const secret = z
  .string()
  .refine((text) => text !== MASK, 'a masked secret: the access was printed, not encoded')
  .exactOptional();

const fileAccess = z.strictObject({
  kind: z.literal('file'),
  basePath: path,
  toolsPath: path,
  skillsPath: path,
  artifactsPath: path,
  ...quota,
});

const redisAccess = z.strictObject({
  kind: z.literal('redis'),
  server: z
    .strictObject({
      topology: z.enum(['single', 'cluster', 'sentinel']),
      nodes: z.array(z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) })).min(1),
      username: z.string().exactOptional(),
      password: secret,
      database: z.int().nonnegative().exactOptional(),
      tls: z
        .strictObject({
          ca: z.string().exactOptional(),
          cert: z.string().exactOptional(),
          key: secret,
          passphrase: secret,
          servername: z.string().exactOptional(),
          rejectUnauthorized: z.boolean().exactOptional(),
        })
        .exactOptional(),
      sentinel: z
        .strictObject({ name: z.string().min(1), username: z.string().exactOptional(), password: secret })
        .exactOptional(),
    })
    .exactOptional(),
  client: z.string().exactOptional(),
  prefixes: z.strictObject({ tools: path, skills: path, artifacts: path }),
  ...quota,
});

const accessSchema = z.discriminatedUnion('kind', [fileAccess, redisAccess]);

/** An access as text for another process, secrets included: send it where they may go, and print it nowhere. */
export function encodeAccess(access: StorageAccess): string {
  // A copy has lost what masks the secrets.
  return JSON.stringify(structuredClone(access));
}

/** @throws {CodeModeError} `INVALID_OPTION` for a text that {@link encodeAccess} did not make. */
export function decodeAccess(text: string): StorageAccess {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw notAnAccess('it is not JSON');
  }
  const { data, error } = accessSchema.safeParse(given);
  if (data === undefined) {
    const [issue] = error.issues;
    throw notAnAccess(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not an access'}`);
  }
  return data.kind === 'redis' ? maskSecrets(data) : data;
}

function notAnAccess(problem: string): CodeModeError {
  return new CodeModeError('INVALID_OPTION', `Cannot open the storage: ${problem}; expected what encodeAccess made`);
}
