import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Where a connection is cut: the server never gets the command, or executes it and the reply is lost. */
export type CutPlace = 'before' | 'after';

/** Stands between a client and a Redis, counts the commands, and cuts the connection at one of them. */
export class CuttingProxy implements AsyncDisposable {
  /** Commands that came, those of connecting included. */
  commands = 0;
  /** How often a connection was cut at a command. */
  cuts = 0;
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #cut: { readonly at: number; readonly place: CutPlace } | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#serve(client));
  }

  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('No port');
    return `redis://127.0.0.1:${address.port}`;
  }

  /** Cuts the connection at the command of that number, counted from 1 and from now on. */
  cutAt(at: number, place: CutPlace): void {
    this.commands = 0;
    this.cuts = 0;
    this.#cut = { at, place };
  }

  /** Cuts all connections now. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(client: Socket): void {
    const server = createConnection({ port: this.#target, host: '127.0.0.1' });
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    let received: Buffer = Buffer.alloc(0);
    let isReplyLost = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', end);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    server.on('data', (data) => {
      if (isReplyLost) end();
      else client.write(data);
    });
    client.on('data', (data) => {
      received = Buffer.concat([received, data]);
      for (let length = commandLength(received); length > 0; length = commandLength(received)) {
        const command = received.subarray(0, length);
        received = received.subarray(length);
        this.commands += 1;
        const place = this.commands === this.#cut?.at ? this.#cut.place : undefined;
        if (place !== undefined) this.cuts += 1;
        if (place === 'before') return end();
        isReplyLost ||= place === 'after';
        server.write(command);
      }
    });
  }
}

/** How long the first command is, `*2\r\n$4\r\nLLEN\r\n$1\r\na\r\n`, in bytes; 0 while it is not complete. */
function commandLength(data: Buffer): number {
  const first = lineAt(data, 0);
  if (first === undefined) return 0;
  let { end } = first;
  for (let index = 0; index < first.number; index += 1) {
    const line = lineAt(data, end);
    if (line === undefined) return 0;
    end = line.end + line.number + 2;
  }
  return end <= data.byteLength ? end : 0;
}

function lineAt(data: Buffer, at: number): { readonly number: number; readonly end: number } | undefined {
  const end = data.indexOf('\r\n', at);
  return end === -1 ? undefined : { number: Number(data.toString('latin1', at + 1, end)), end: end + 2 };
}
