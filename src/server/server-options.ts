import { z } from 'zod';
import type { Executor } from '../contracts/executor.ts';
import { DEFAULT_LIMITS } from '../contracts/limits.ts';
import type { Limits } from '../contracts/limits.ts';
import type { Storage } from '../contracts/storage.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { SCOPES } from './token-book.ts';
import type { ServerToken } from './token-book.ts';

export interface SessionServerOptions {
  /** Where tools, skills and artifacts live, for every token that has no storage of its own. */
  readonly storage: Storage;
  /** Where code runs. Default: an InProcessExecutor. One that is given is not closed by the server. */
  readonly executor?: Executor;
  /** Who may come in. Required, unless `auth` is `'none'`. */
  readonly tokens?: readonly ServerToken[];
  /** `'none'`: everybody who reaches the server may do everything. Default: `'token'`. */
  readonly auth?: 'token' | 'none';
  /** What a run may use at most, and uses unless it asks for less. Default: DEFAULT_LIMITS. */
  readonly limits?: Partial<Limits>;
  /** Sessions at a time. Default: 256. */
  readonly maxSessions?: number;
  /** A session that nobody uses for so long is closed, in milliseconds. Default: 3,600,000. */
  readonly idleMs?: number;
  /** Runs of one session that wait or are under way. Default: 64. */
  readonly maxQueuedRuns?: number;
  /** How long the result of a run can be asked for again, in milliseconds. Default: 600,000. */
  readonly keepResultsMs?: number;
  /** Memory for results and events that can be asked for again, of all sessions, in bytes. Default: 128 MiB. */
  readonly keepResultsBytes?: number;
  /** Largest request, other than an artifact, in bytes. Default: 2 MiB. */
  readonly maxRequestBytes?: number;
  /** Largest artifact that can be sent, in bytes. Default: 64 MiB. */
  readonly maxArtifactBytes?: number;
  /** Told of faults of the server itself: clients only learn that there was one. Default: a process warning. */
  readonly onError?: (error: unknown) => void;
}

const MIB = 1024 * 1024;
/** The longest delay of a timer. */
const MAX_MS = 2_147_483_647;

const count = z.int().positive();
const bytes = z.int().positive();
const ms = z.int().positive().max(MAX_MS);
const isStorage = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'access' in value && typeof value.access === 'function';
const isExecutor = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'start' in value && typeof value.start === 'function';
const storage = z.custom<Storage>(isStorage, 'expected a Storage such as new FileStorage({ basePath })');

/** RFC 6750 allows visible characters only: others can't be sent. */
const tokenShape = z.strictObject({
  name: z.string().min(1).max(100),
  token: z.string().regex(/^[\x21-\x7E]{1,4096}$/, 'expected visible ASCII characters'),
  scopes: z.array(z.enum(SCOPES)).min(1),
  storage: storage.exactOptional(),
  maxSessions: count.exactOptional(),
});

const shape = z.strictObject({
  storage,
  executor: z.custom<Executor>(isExecutor, 'expected an Executor such as new InProcessExecutor()').exactOptional(),
  tokens: z.array(tokenShape).default([]),
  auth: z.enum(['token', 'none']).default('token'),
  limits: z
    .strictObject(
      Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, z.int().positive().exactOptional()])),
    )
    .default({}),
  maxSessions: count.default(256),
  idleMs: ms.default(3_600_000),
  maxQueuedRuns: count.default(64),
  keepResultsMs: ms.default(600_000),
  keepResultsBytes: bytes.default(128 * MIB),
  maxRequestBytes: bytes.default(2 * MIB),
  maxArtifactBytes: bytes.default(64 * MIB),
  onError: z
    .custom<(error: unknown) => void>((value) => typeof value === 'function', 'expected a function')
    .default(() => warnOfFault),
});

/** Options with their defaults. */
export type ServerSettings = Omit<z.output<typeof shape>, 'limits' | 'tokens'> & {
  readonly limits: Limits;
  readonly tokens: readonly ServerToken[];
};

/** @throws {CodeModeError} `INVALID_OPTION`, naming the option; secrets are not shown. */
export function resolveOptions(options: SessionServerOptions): ServerSettings {
  const { data, error } = shape.safeParse(options);
  if (data === undefined) {
    const [issue] = error.issues;
    const path = issue?.path.join('.') || 'options';
    throw new CodeModeError('INVALID_OPTION', `Cannot make a SessionServer: ${path}: ${issue?.message ?? 'not valid'}`);
  }
  checkTokens(data.auth, data.tokens);
  return { ...data, limits: { ...DEFAULT_LIMITS, ...data.limits } };
}

/** Fail-closed: a server that nobody locked does not start. */
function checkTokens(auth: 'token' | 'none', tokens: readonly ServerToken[]): void {
  const problem = tokensProblem(auth, tokens);
  if (problem !== undefined) throw new CodeModeError('INVALID_OPTION', `Cannot make a SessionServer: ${problem}`);
}

function tokensProblem(auth: 'token' | 'none', tokens: readonly ServerToken[]): string | undefined {
  if (auth === 'none')
    return tokens.length > 0 ? "auth is 'none' and there are tokens; expected one of the two" : undefined;
  if (tokens.length === 0)
    return "there are no tokens; expected at least one, or auth: 'none' to let in everybody who reaches the server";
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length) return 'two tokens have the same name';
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) return 'two names have the same token';
  return undefined;
}

function warnOfFault(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
