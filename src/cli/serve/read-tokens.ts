import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { SCOPES } from '../../server/token-book.ts';
import type { ServerToken } from '../../server/token-book.ts';
import { FileStorage } from '../../storage/file/file-storage.ts';
import { fileProblem } from '../file-problem.ts';
import { usageError } from '../usage-error.ts';
import type { ServeFlags } from './serve-flags.ts';

export interface Tokens {
  readonly auth: 'token' | 'none';
  readonly tokens: readonly ServerToken[];
}

/** Those that hold a token. */
const VARIABLES = ['TS_CODE_MODE_TOKEN', 'CONTAINER_AUTH_TOKEN'];

const entries = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      token: z.string().min(1),
      scopes: z.array(z.enum(SCOPES)).min(1),
      maxSessions: z.int().positive().optional(),
      base: z.string().min(1).optional(),
    }),
  )
  .min(1);

/** Who may come in. Tokens leave `env`, and are in no message. @throws {CodeModeError} `INVALID_OPTION` */
export async function readTokens({ tokenFile, auth }: ServeFlags, env: NodeJS.ProcessEnv): Promise<Tokens> {
  const inEnvironment = VARIABLES.map((name) => env[name]?.trim() ?? '').find((token) => token !== '');
  for (const name of VARIABLES) Reflect.deleteProperty(env, name);
  if (tokenFile !== undefined) {
    if (!auth) throw usageError('Cannot use both --token-file and --no-auth');
    return { auth: 'token', tokens: await readTokenFile(tokenFile) };
  }
  if (!auth) return { auth: 'none', tokens: [] };
  if (inEnvironment !== undefined) return { auth: 'token', tokens: [wholeToken(inEnvironment)] };
  if (env['CONTAINER_AUTH_DISABLED']?.toLowerCase() === 'true') return { auth: 'none', tokens: [] };
  throw usageError(
    'Cannot serve: there is no token; expected --token-file FILE or TS_CODE_MODE_TOKEN ("openssl rand -hex 32" makes one), or --no-auth to let in everybody who reaches the server',
  );
}

async function readTokenFile(file: string): Promise<readonly ServerToken[]> {
  const text = (await readText(file)).trim();
  if (text === '') throw usageError(`Cannot use --token-file ${file}: it is empty; expected a token, or JSON`);
  if (!text.startsWith('[')) return [wholeToken(text)];
  const { data, error } = entries.safeParse(parse(file, text));
  if (data === undefined) {
    const [issue] = error.issues;
    throw usageError(
      `Cannot use --token-file ${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`,
    );
  }
  return data.map(({ name, token, scopes, maxSessions, base }) => ({
    name,
    token,
    scopes,
    ...(maxSessions === undefined ? {} : { maxSessions }),
    ...(base === undefined ? {} : { storage: new FileStorage({ basePath: resolve(base) }) }),
  }));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`Cannot use --token-file ${file}: ${fileProblem(error, 'there is no such file')}`);
  }
}

/** The parser's own words may quote a token. */
function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`Cannot use --token-file ${file}: it begins with [ and is no JSON`);
  }
}

function wholeToken(token: string): ServerToken {
  return { name: 'default', token, scopes: SCOPES };
}
