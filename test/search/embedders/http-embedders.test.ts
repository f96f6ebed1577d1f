import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ollamaEmbedder, openAiEmbedder } from '../../../src/embedders.ts';

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly model: string; readonly input: readonly string[] };
}

const bodySchema = z.object({ model: z.string(), input: z.array(z.string()) });

type Answer = (asked: Asked, response: ServerResponse) => void;

/** A real server that answers each request by the next of `answers`, the last one again and again. */
class EmbeddingServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #answers: readonly Answer[];

  private constructor(answers: readonly Answer[]) {
    this.#answers = answers;
  }

  static async start(...answers: readonly Answer[]): Promise<EmbeddingServer> {
    const server = new EmbeddingServer(answers);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += String(part);
    const asked: Asked = {
      path: request.url ?? '',
      headers: request.headers,
      body: bodySchema.parse(JSON.parse(text)),
    };
    this.asked.push(asked);
    this.#answers[Math.min(this.asked.length, this.#answers.length) - 1]?.(asked, response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A vector that says how long the text is. */
const vectorOf = (text: string): number[] => [text.length, 0, 1];

const openAi: Answer = ({ body }, response) => {
  const data = body.input.map((text, index) => ({ index, embedding: vectorOf(text) }));
  response.end(JSON.stringify({ data: data.toReversed() }));
};
const ollama: Answer = ({ body }, response) =>
  void response.end(JSON.stringify({ embeddings: body.input.map(vectorOf) }));
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end('{"error":"no"}');
const text =
  (answer: string): Answer =>
  (_, response) =>
    void response.end(answer);

const openAiAt = (baseUrl: string, more = {}): ReturnType<typeof openAiEmbedder> =>
  openAiEmbedder({ baseUrl, model: 'm', dimensions: 3, apiKey: 'sk-secret', ...more });

describe('openAiEmbedder', () => {
  it('embeds, in the order of the texts, with the key', async () => {
    await using server = await EmbeddingServer.start(openAi);
    const vectors = await openAiAt(`${server.url}/v1/`).embed(['a', 'bb', 'ccc']);
    expect(vectors).toEqual([1, 2, 3].map((length) => Float32Array.of(length, 0, 1)));
    expect(server.asked[0]).toMatchObject({
      path: '/v1/embeddings',
      headers: { authorization: 'Bearer sk-secret' },
      body: { model: 'm', input: ['a', 'bb', 'ccc'] },
    });
  });

  it('asks in batches', async () => {
    await using server = await EmbeddingServer.start(openAi);
    const texts = ['a', 'bb', 'ccc', 'dddd', 'eeeee'];
    const vectors = await openAiAt(server.url, { batchSize: 2 }).embed(texts);
    expect(vectors.map(([length]) => length)).toEqual([1, 2, 3, 4, 5]);
    expect(server.asked.map(({ body }) => body.input.length)).toEqual([2, 2, 1]);
  });

  it('names the address and the model in its id, so that their vectors are never mixed', () => {
    const idOf = (baseUrl: string): string => openAiEmbedder({ baseUrl, model: 'm' }).id;
    expect(idOf('http://here:1/v1')).toBe('openai:here:1/v1/embeddings:m');
    expect(idOf('http://here:1/v1/?key=secret')).toBe(idOf('http://here:1/v1'));
    expect(idOf('http://here:1/other/v1')).not.toBe(idOf('http://here:1/v1'));
    expect(openAiEmbedder().dimensions).toBe(1536);
  });
});

describe('ollamaEmbedder', () => {
  it('embeds', async () => {
    await using server = await EmbeddingServer.start(ollama);
    const vectors = await ollamaEmbedder({ baseUrl: server.url, model: 'nomic', dimensions: 3 }).embed(['a', 'bb']);
    expect(vectors).toEqual([Float32Array.of(1, 0, 1), Float32Array.of(2, 0, 1)]);
    expect(server.asked[0]).toMatchObject({ path: '/api/embed', body: { model: 'nomic', input: ['a', 'bb'] } });
  });
});

describe('an embedder over HTTP', () => {
  it.each([429, 503])('tries again after status %i', async (code) => {
    await using server = await EmbeddingServer.start(status(code, { 'retry-after': '0' }), openAi);
    expect(await openAiAt(server.url).embed(['a'])).toHaveLength(1);
    expect(server.asked).toHaveLength(2);
  });

  it('tries again after a connection that broke', async () => {
    await using server = await EmbeddingServer.start((_, response) => void response.destroy(), openAi);
    expect(await openAiAt(server.url).embed(['a'])).toHaveLength(1);
  });

  it('gives up after so many tries', async () => {
    await using server = await EmbeddingServer.start(status(500, { 'retry-after': '0' }));
    await expect(openAiAt(server.url, { retries: 2 }).embed(['a'])).rejects.toMatchObject({
      code: 'EMBEDDER_FAILED',
      details: { status: 500 },
    });
    expect(server.asked).toHaveLength(3);
  });

  it('does not try again what is wrong for good, and tells no secret', async () => {
    await using server = await EmbeddingServer.start(status(401));
    const baseUrl = server.url.replace('http://', 'http://user:hunter2@');
    const embedders = [openAiAt(server.url), ollamaEmbedder({ baseUrl, model: 'm', dimensions: 3 })];
    for (const embedder of embedders) {
      const failure: unknown = await embedder.embed(['a']).catch((error: unknown) => error);
      expect(String(failure)).toMatch(/status 401/);
      expect(`${String(failure)} ${embedder.id}`).not.toMatch(/hunter2|sk-secret/);
    }
    expect(server.asked).toHaveLength(2);
    expect(server.asked[1]?.headers.authorization).toBe(`Basic ${btoa('user:hunter2')}`);
  });

  it('ends an attempt that takes too long', async () => {
    await using server = await EmbeddingServer.start(() => {});
    await expect(openAiAt(server.url, { timeoutMs: 50, retries: 0 }).embed(['a'])).rejects.toThrow(
      /no answer in 50 ms/,
    );
  });

  it('ends when its caller says so', async () => {
    await using server = await EmbeddingServer.start(() => {});
    const signal = AbortSignal.timeout(50);
    await expect(openAiAt(server.url).embed(['a'], { signal })).rejects.toThrow(/timeout/i);
    expect(server.asked).toHaveLength(1);
  });

  it('says that nobody is there', async () => {
    const gone = await EmbeddingServer.start(openAi);
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    await expect(openAiAt(url, { retries: 0 }).embed(['a'])).rejects.toThrow(/ECONNREFUSED/);
  });

  it.each([
    ['no JSON', text('<html>')],
    ['another form', text('{"data":[{"index":0,"embedding":["1"]}]}')],
    ['too few vectors', text('{"data":[]}')],
    ['vectors of other dimensions', text('{"data":[{"index":0,"embedding":[1,2]}]}')],
    ['a number that is none', text('{"data":[{"index":0,"embedding":[1,2,null]}]}')],
  ])('refuses an answer with %s', async (_, answer) => {
    await using server = await EmbeddingServer.start(answer);
    await expect(openAiAt(server.url).embed(['a'])).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' });
    expect(server.asked).toHaveLength(1);
  });

  it('refuses an answer without end', async () => {
    await using server = await EmbeddingServer.start((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(1024 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    await expect(openAiAt(server.url).embed(['a'])).rejects.toThrow(/more than \d+ bytes/);
  });

  it.each([
    ['dimensions', { dimensions: 0 }],
    ['batchSize', { batchSize: 0.5 }],
    ['baseUrl', { baseUrl: 'file:///etc/passwd' }],
    ['baseUrl', { baseUrl: 'nowhere' }],
  ])('refuses a wrong %s', (name, options) => {
    expect(() => openAiEmbedder(options)).toThrow(new RegExp(`option ${name}`));
  });
});
