import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 10_000;
const MAX_ATTEMPTS = 3;

let program: string | undefined;

/**
 * Finds `redis-server`; on Debian, root installs it.
 *
 * @throws when there is none, with what is missing
 */
export function redisProgram(): string {
  program ??= findProgram();
  return program;
}

function findProgram(): string {
  const isThere = (): boolean => spawnSync('redis-server', ['--version']).status === 0;
  if (isThere()) return 'redis-server';
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env, stdio: 'ignore' });
    if (isThere()) return 'redis-server';
  }
  throw new Error('redis-server is missing: install it (Debian: apt-get install redis-server)');
}

export interface RedisServerOptions {
  /** More arguments: `['--requirepass', 'secret']`. */
  readonly args?: readonly string[];
  /** Arguments of `redis-cli` that it can be asked with: user and password, certificates. */
  readonly cliArgs?: readonly string[];
  /** Keeps no plain port. */
  readonly tls?: boolean;
  /** Writes every change to the disk before it answers. */
  readonly durable?: boolean;
}

/** A Redis of its own: a free port, a temporary folder. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly #options: RedisServerOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: RedisServerOptions) {
    this.port = port;
    this.folder = folder;
    this.#options = options;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'ts-code-mode-redis-'));
    // A port that was free a moment ago may be another test's by now.
    for (let attempts = 1; ; attempts += 1) {
      const server = new RedisServer(await freePort(), folder, options);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.kill();
        if (attempts === MAX_ATTEMPTS) throw error;
      }
    }
  }

  get url(): string {
    return `${this.#options.tls === true ? 'rediss' : 'redis'}://127.0.0.1:${this.port}`;
  }

  /** Starts it again over what it left in its folder. */
  async start(): Promise<void> {
    const { args = [], durable = false, tls = false } = this.#options;
    const ports = tls ? ['--port', '0', '--tls-port', `${this.port}`] : ['--port', `${this.port}`];
    const persistence = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const shared = ['--bind', '127.0.0.1', '--dir', this.folder, '--save', '', '--daemonize', 'no'];
    const child = spawn(redisProgram(), [...ports, ...shared, ...persistence, ...args], { stdio: 'ignore' });
    this.#process = child;
    const deadline = performance.now() + START_MS;
    while (performance.now() < deadline && child.exitCode === null) {
      if (this.#answers(child.pid)) return;
      await sleep(10);
    }
    throw new Error('redis-server did not start');
  }

  /** Ends it as a power failure would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Keeps the process, which answers nothing any more until `resume`. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** What `redis-cli` answers. */
  cli(...args: string[]): string {
    return execFileSync('redis-cli', ['-p', `${this.port}`, ...(this.#options.cliArgs ?? []), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Whether it is this process that answers, and has loaded its data. */
  #answers(pid: number | undefined): boolean {
    try {
      const info = this.cli('INFO');
      return info.includes(`process_id:${pid}\r`) && info.includes('loading:0');
    } catch {
      return false;
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port');
  // The port of a cluster's bus is 10,000 higher.
  return address.port > 55_000 ? freePort() : address.port;
}
