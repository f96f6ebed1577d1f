import type { ListenAddress, ListenOptions } from '../../server/node-listener.ts';
import { SessionServer } from '../../server/session-server.ts';
import type { GlobalOptions } from '../invocation.ts';
import { usageError } from '../usage-error.ts';
import { readTokens } from './read-tokens.ts';
import type { ServeFlags } from './serve-flags.ts';
import { findServedStorage } from './served-storage.ts';

export interface StartedServer extends AsyncDisposable {
  readonly address: ListenAddress;
  /** What is served, without passwords. */
  readonly storage: string;
  /** It has no tokens. */
  readonly isOpen: boolean;
  /** Resolves when a signal has ended the server. */
  readonly ended: Promise<void>;
}

const DEFAULT_PORT = 8080;
const DEFAULT_GRACE_S = 10;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Starts a server as options and environment say. What is secret leaves `env`: no command of a tool inherits it. */
export async function startServer(options: ServeFlags & GlobalOptions, env: NodeJS.ProcessEnv): Promise<StartedServer> {
  const listen = listenOptions(options, env);
  const timeoutMs = timeoutOf(options, env);
  const { auth, tokens } = await readTokens(options, env);
  await using resources = new AsyncDisposableStack();
  const served = resources.use(await findServedStorage(options, env));
  const server = resources.use(
    new SessionServer({
      storage: served.storage,
      auth,
      tokens,
      ...(timeoutMs === undefined ? {} : { limits: { timeoutMs } }),
      ...(options.maxSessions === undefined ? {} : { maxSessions: options.maxSessions }),
      ...(options.idle === undefined ? {} : { idleMs: Math.ceil(options.idle * 1000) }),
    }),
  );
  const address = await server.listen(listen);
  const owned = resources.move();
  return {
    address,
    storage: served.shown,
    isOpen: auth === 'none',
    ended: untilSignal(server, (options.grace ?? DEFAULT_GRACE_S) * 1000),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A second signal ends the process at once, as ever. */
async function untilSignal(server: SessionServer, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
    resolve();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  await promise;
  await server.close({ graceMs });
}

function listenOptions(options: ServeFlags, env: NodeJS.ProcessEnv): ListenOptions {
  const { host, port, socket } = options;
  if (socket !== undefined) {
    if (host !== undefined || port !== undefined) throw usageError('Cannot use both --socket and --host or --port');
    return { socketPath: socket };
  }
  const chosen = port ?? numberIn(env, 'PORT') ?? DEFAULT_PORT;
  if (!Number.isInteger(chosen) || chosen > 65_535)
    throw usageError(`Cannot listen on port ${chosen}: expected 0 to 65535`);
  return { host: host ?? (env['HOST'] || '127.0.0.1'), port: chosen };
}

function timeoutOf({ timeout }: ServeFlags, env: NodeJS.ProcessEnv): number | undefined {
  const seconds = timeout ?? numberIn(env, 'DEFAULT_TIMEOUT');
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
}

function numberIn(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name]?.trim() ?? '';
  if (text === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw usageError(`Cannot use the environment variable ${name}: it is ${JSON.stringify(text)}; expected a number`);
}
