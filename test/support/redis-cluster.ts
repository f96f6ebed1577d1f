import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, redisProgram, RedisServer } from './redis-server.ts';

const READY_MS = 15_000;

/** A Redis Cluster of three masters. */
export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<RedisCluster> {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    const nodes = await Promise.all([0, 1, 2].map(() => RedisServer.start({ args })));
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    nodes[0]?.cli('--cluster', 'create', ...addresses, '--cluster-yes');
    await until(() => nodes.every((node) => node.cli('CLUSTER', 'INFO').includes('cluster_state:ok')));
    return new RedisCluster(nodes);
  }

  get urls(): readonly string[] {
    return this.nodes.map(({ url }) => url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}

/** A master, a replica, and a sentinel that makes the replica the master when the master is gone. */
export class RedisWithSentinel implements AsyncDisposable {
  static readonly masterName = 'mymaster';
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinelPort: number;
  readonly #sentinel: ChildProcess;

  private constructor(servers: readonly [RedisServer, RedisServer], sentinelPort: number, sentinel: ChildProcess) {
    [this.master, this.replica] = servers;
    this.sentinelPort = sentinelPort;
    this.#sentinel = sentinel;
  }

  static async start(): Promise<RedisWithSentinel> {
    const master = await RedisServer.start();
    const replica = await RedisServer.start({ args: ['--replicaof', '127.0.0.1', `${master.port}`] });
    const port = await freePort();
    const name = RedisWithSentinel.masterName;
    const config = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${master.folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 300`,
      `sentinel failover-timeout ${name} 3000`,
    ];
    const path = join(master.folder, 'sentinel.conf');
    await writeFile(path, `${config.join('\n')}\n`);
    const sentinel = spawn(redisProgram(), [path, '--sentinel'], { stdio: 'ignore' });
    const ask = (...args: string[]): string => replica.cli('-p', `${port}`, ...args);
    await until(() => replica.cli('INFO', 'replication').includes('master_link_status:up'));
    await until(() => ask('SENTINEL', 'replicas', name).includes('name'));
    return new RedisWithSentinel([master, replica], port, sentinel);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.sentinelPort}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#sentinel, 'exit');
    this.#sentinel.kill('SIGKILL');
    await exit;
    await Promise.all([this.master, this.replica].map((server) => server[Symbol.asyncDispose]()));
  }
}

async function until(isReady: () => boolean): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    try {
      if (isReady()) return;
    } catch {
      // It does not answer yet.
    }
    await sleep(50);
  }
  throw new Error(`Not ready after ${READY_MS} ms`);
}
