import { once } from 'node:events';
import { createServer } from 'node:http';

const CUSTOMERS = [
  { id: 1, name: 'Ada', country: 'UK' },
  { id: 2, name: 'Grace', country: 'US' },
  { id: 3, name: 'Konrad', country: 'DE' },
  { id: 4, name: 'Radia', country: 'US' },
];

const ORDERS = [
  { customer: 1, item: 'gears', total: 120.5 },
  { customer: 1, item: 'punched cards', total: 19.9 },
  { customer: 2, item: 'a moth trap', total: 42 },
  { customer: 3, item: 'relays', total: 399 },
  { customer: 3, item: 'film reels', total: 88.25 },
  { customer: 4, item: 'spanning trees', total: 510 },
];

/** Takes its time, as a server elsewhere would: calls in parallel make a difference. */
const ANSWER_MS = 150;

export interface ShopServer extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
}

/** A small shop on this machine: `/customers`, and `/customers/<id>/orders`. */
export async function startShopServer(): Promise<ShopServer> {
  const server = createServer((request, response) => {
    const answer = answerTo(request.url ?? '/');
    setTimeout(() => {
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { error: 'not found' }));
    }, ANSWER_MS);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answerTo(path: string): unknown {
  if (path === '/customers') return CUSTOMERS;
  const id = /^\/customers\/(\d+)\/orders$/.exec(path)?.[1];
  return id === undefined ? undefined : ORDERS.filter(({ customer }) => customer === Number(id));
}
