import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Lies between a client and a server, and breaks connections. */
export class TcpProxy implements AsyncDisposable {
  /** After so many bytes from the server on one connection, it is cut. */
  cutAfterBytes = Infinity;
  /** New connections are cut at once. */
  isDown = false;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer((client) => this.#serve(client, target));
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('No port');
    return `http://127.0.0.1:${address.port}`;
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket, target: number): void {
    this.connections += 1;
    if (this.isDown) {
      client.destroy();
      return;
    }
    const server = createConnection({ port: target, host: '127.0.0.1' });
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', end);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    let bytes = 0;
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      const left = this.cutAfterBytes - bytes;
      bytes += data.byteLength;
      if (left >= data.byteLength) client.write(data);
      else client.write(data.subarray(0, Math.max(0, left)), end);
    });
  }
}
