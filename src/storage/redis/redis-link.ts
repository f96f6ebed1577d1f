import { setTimeout as sleep } from 'node:timers/promises';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import type { OwnClient } from './connect.ts';
import { send } from './redis-client.ts';
import type { RedisArgument, RedisClientLike } from './redis-client.ts';
import { isTransient, redisError, replyCode } from './redis-failure.ts';
import type { Script } from './scripts.ts';

/** How long a call is tried again in all. Well within a run's default time limit. */
const RETRY_MS = 15_000;
/** How long opening is tried: a wrong address should not take long to notice. */
const OPEN_MS = 5_000;
/** A reply that takes longer will not come: the connection is dead, or the server is stuck. */
const ATTEMPT_MS = 5_000;
const FIRST_DELAY_MS = 20;
const MAX_DELAY_MS = 500;
const CLOSE_MS = 2_000;
/** Whoever waits for it has waited long: what is not tidied up goes by itself later. */
const TIDY_MS = 2_000;

export type LinkSource = { readonly client: RedisClientLike } | { readonly make: () => Promise<OwnClient> };

interface OwnConnection {
  readonly client: OwnClient;
  readonly connected: Promise<unknown>;
  state: 'connecting' | 'connected' | 'failed';
}

/** A call that is tried again until it was answered. */
interface Attempts {
  readonly action: string;
  readonly retryMs: number;
  readonly attempt: (client: RedisClientLike, timeoutMs: number) => Promise<unknown>;
}

/**
 * The way to a Redis. A command that meets a cut connection is sent again, with back-off, for a bounded time: each must
 * be one that may be executed twice (see `scripts.ts`).
 */
export class RedisLink implements AsyncDisposable {
  readonly #source: LinkSource;
  readonly #closing = new AbortController();
  /** Ends the wait of each call under way. */
  readonly #waiting = new Set<(reason: Error) => void>();
  #own: OwnConnection | undefined;
  #making: Promise<OwnClient> | undefined;
  #lastError: unknown;
  /** Also keeps a client without any listener from ending the process when its connection is cut. */
  readonly #onError = (error: unknown): void => {
    this.#lastError = error;
  };

  private constructor(source: LinkSource) {
    this.#source = source;
    if ('client' in source) source.client.on('error', this.#onError);
  }

  /**
   * @param key one that the storage uses: where it is, and whether it may be read, is tried
   * @throws {CodeModeError} `STORAGE`, `UNSUPPORTED` when the client library is not installed
   */
  static async open(source: LinkSource, key: string): Promise<RedisLink> {
    const link = new RedisLink(source);
    try {
      await link.#persist({
        action: 'open the storage',
        retryMs: OPEN_MS,
        attempt: (client, timeoutMs) => send(client, key, ['EXISTS', key], timeoutMs),
      });
      return link;
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * @param action what it is for, for the message: `read skills/report.ts`
   * @param key where to send it
   * @throws {CodeModeError} `STORAGE`
   */
  async command(action: string, key: string, args: RedisArgument[]): Promise<unknown> {
    return this.#persist({
      action,
      retryMs: RETRY_MS,
      attempt: (client, timeoutMs) => send(client, key, args, timeoutMs),
    });
  }

  /** Tidies up where what it belongs to failed already: not for long, and without a word. */
  async tryCommand(key: string, args: RedisArgument[]): Promise<void> {
    const attempt: Attempts['attempt'] = (client, timeoutMs) => send(client, key, args, timeoutMs);
    await this.#persist({ action: 'tidy up', retryMs: TIDY_MS, attempt }).catch(() => undefined);
  }

  /** Runs a script on its keys, all of one slot. @throws {CodeModeError} `STORAGE` */
  async script(action: string, script: Script, keys: readonly string[], args: RedisArgument[] = []): Promise<unknown> {
    const [key = ''] = keys;
    const rest = [String(keys.length), ...keys, ...args];
    return this.#persist({
      action,
      retryMs: RETRY_MS,
      attempt: async (client, timeoutMs) => {
        try {
          return await send(client, key, ['EVALSHA', script.sha1, ...rest], timeoutMs);
        } catch (error) {
          if (replyCode(error) !== 'NOSCRIPT') throw error;
          return send(client, key, ['EVAL', script.source, ...rest], timeoutMs);
        }
      },
    });
  }

  /** Ends our own connection; the user's stays open. Calls under way fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const end of this.#waiting) end(new Error('closed'));
    if ('client' in this.#source) {
      this.#source.client.off('error', this.#onError);
      return;
    }
    await this.#making?.catch(() => undefined);
    await this.#drop();
  }

  async #persist(attempts: Attempts): Promise<unknown> {
    const { action, retryMs } = attempts;
    const deadline = performance.now() + retryMs;
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
      try {
        return await this.#attempt(attempts, Math.max(1, Math.min(ATTEMPT_MS, deadline - performance.now())));
      } catch (error) {
        if (error instanceof CodeModeError) throw error;
        if (this.#closing.signal.aborted) throw closed(action);
        if (!isTransient(error)) throw redisError(action, error);
        if (performance.now() + delayMs >= deadline) throw redisError(action, this.#lastError ?? error);
        await sleep(delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
      if (this.#closing.signal.aborted) throw closed(action);
    }
  }

  async #attempt({ attempt }: Attempts, timeoutMs: number): Promise<unknown> {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(Object.assign(new Error('no reply'), { code: 'ETIMEDOUT' }));
      // What was sent and not answered would hold up all that follows on that connection.
      void this.#drop();
    }, timeoutMs);
    this.#waiting.add(reject);
    try {
      const answer = this.#client().then((client) =>
        attempt(client, 'client' in this.#source ? Math.ceil(timeoutMs) : 0),
      );
      const result = await Promise.race([answer, failed]);
      this.#lastError = undefined;
      return result;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(reject);
    }
  }

  async #client(): Promise<RedisClientLike> {
    if ('client' in this.#source) {
      const { client } = this.#source;
      if (client.isOpen) return client;
      const message = 'Cannot use the Redis storage: the client is not connected; await its connect() first';
      throw new CodeModeError('STORAGE', message);
    }
    if (this.#own !== undefined && hasEnded(this.#own)) await this.#drop();
    if (this.#own === undefined) {
      this.#making ??= this.#source.make();
      const client = await this.#making;
      if (this.#own === undefined && !this.#closing.signal.aborted) this.#own = this.#connect(client);
      this.#making = undefined;
    }
    await this.#own?.connected;
    if (this.#own === undefined) throw new Error('the client is closed');
    return this.#own.client.client;
  }

  #connect(client: OwnClient): OwnConnection {
    client.client.on('error', this.#onError);
    const own: OwnConnection = { client, connected: client.connect(), state: 'connecting' };
    void this.#follow(own);
    return own;
  }

  async #follow(own: OwnConnection): Promise<void> {
    try {
      await own.connected;
      own.state = 'connected';
    } catch (error) {
      own.state = 'failed';
      this.#onError(error);
    }
  }

  async #drop(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    if (own === undefined) return;
    try {
      const destroyed = Promise.resolve(own.client.destroy());
      await Promise.race([destroyed, sleep(CLOSE_MS, undefined, { ref: false })]);
    } catch {
      // It was closed already.
    }
  }
}

/** A client that gave up for good (a wrong password) does not open again. */
function hasEnded({ client, state }: OwnConnection): boolean {
  return state === 'failed' || (state === 'connected' && !client.client.isOpen);
}

function closed(action: string): CodeModeError {
  return new CodeModeError('STORAGE', `Cannot ${action}: the storage is closed; open it again`);
}
