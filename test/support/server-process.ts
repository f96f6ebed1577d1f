import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Storage } from '../../src/contracts/storage.ts';
import { encodeAccess } from '../../src/storage/access-text.ts';

const ENTRY = fileURLToPath(new URL('server-entry.ts', import.meta.url));

export interface ServerProcessOptions {
  readonly storage: Storage;
  readonly tokens: readonly { readonly name: string; readonly token: string; readonly basePath?: string }[];
  readonly socketPath?: string;
  /** 0: any that is free. */
  readonly port?: number;
  /** Of the SessionServer; plain data. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A session server in another process. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start({
    storage,
    tokens,
    socketPath,
    port = 0,
    options = {},
    env,
  }: ServerProcessOptions): Promise<ServerProcess> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ENTRY], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const listen = socketPath === undefined ? { port } : { socketPath };
    child.stdin.end(`${JSON.stringify({ access: encodeAccess(storage.access()), tokens, listen, options })}\n`);
    const [line] = z.tuple([z.string()]).parse(await once(createInterface(child.stdout), 'line'));
    const { url } = z.object({ url: z.string().default('') }).parse(JSON.parse(line));
    return new ServerProcess(url, child);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}
