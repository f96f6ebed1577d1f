import { z } from 'zod';

import type { Embedder } from '../../contracts/embedder.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { postJson } from './post-json.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 3;
const DEFAULT_BATCH_SIZE = 64;
/** Enough for what models read; endpoints refuse longer texts as a whole. */
const MAX_TEXT_LENGTH = 8_000;

/** What all endpoints have in common. */
export interface HttpEmbedderOptions {
  readonly model: string;
  /** How many numbers the model's vectors have. */
  readonly dimensions: number;
  readonly baseUrl?: string;
  /** For one attempt, in ms. Default: 30,000. */
  readonly timeoutMs?: number;
  /** How often a request is tried again, after 0.25 s, 0.5 s, 1 s, or what the server asks for. Default: 3. */
  readonly retries?: number;
  /** How many texts a request carries. Default: 64. */
  readonly batchSize?: number;
  /** See {@link Embedder.relatedFrom}. */
  readonly relatedFrom?: number;
}

/** How one kind of endpoint is spoken to. */
export interface Endpoint {
  readonly kind: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (texts: readonly string[]) => unknown;
  /** The vectors in the answer, in the order of the texts. */
  readonly vectors: z.ZodType<readonly (readonly number[])[]>;
}

const optionsSchema = z.object({
  model: z.string().min(1),
  dimensions: z.int().min(1).max(65_536),
  timeoutMs: z.int().positive().default(DEFAULT_TIMEOUT_MS),
  retries: z.int().nonnegative().default(DEFAULT_RETRIES),
  batchSize: z.int().positive().default(DEFAULT_BATCH_SIZE),
});

/** @throws {CodeModeError} `INVALID_OPTION`. */
export function httpEmbedder(given: HttpEmbedderOptions, endpoint: Endpoint): Embedder {
  const parsed = optionsSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CodeModeError(
      'INVALID_OPTION',
      `Cannot make an embedder: the option ${issue?.path.join('.')} is wrong: ${issue?.message}`,
    );
  }
  const { model, dimensions, timeoutMs, retries, batchSize } = parsed.data;
  const { url, headers } = withoutCredentials(endpoint);
  const embedBatch = async (texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> => {
    const { body, vectors } = endpoint;
    const cut = texts.map((text) => text.slice(0, MAX_TEXT_LENGTH));
    const answer = vectors.safeParse(await postJson(url, body(cut), { headers, timeoutMs, retries, signal }));
    const isWhole = answer.success && answer.data.length === texts.length;
    if (isWhole && answer.data.every(({ length }) => length === dimensions)) {
      return answer.data.map((vector) => Float32Array.from(vector));
    }
    const lengths = answer.success ? [...new Set(answer.data.map(({ length }) => length))].join(', ') : '';
    const got = answer.success ? `${answer.data.length} vectors of ${lengths} numbers` : 'an answer of another form';
    throw new CodeModeError(
      'EMBEDDER_FAILED',
      `Cannot embed with ${url.origin}${url.pathname}: got ${got}; expected ${texts.length} of ${dimensions}`,
    );
  };
  return {
    // Behind one host may be several services, told apart by the path.
    id: `${endpoint.kind}:${url.host}${url.pathname}:${model}`,
    dimensions,
    ...(given.relatedFrom === undefined ? {} : { relatedFrom: given.relatedFrom }),
    async embed(texts, { signal } = {}) {
      const all: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += batchSize) {
        all.push(...(await embedBatch(texts.slice(from, from + batchSize), signal)));
      }
      return all;
    },
  };
}

/** `fetch` takes no address with a user and a password in it: they become a header. */
function withoutCredentials({ url, headers }: Endpoint): Pick<Endpoint, 'url' | 'headers'> {
  if (url.username === '' && url.password === '') return { url, headers };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return { url: plain, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}`, ...headers } };
}

/** The endpoint's address under the base. @throws {CodeModeError} `INVALID_OPTION`. */
export function endpointUrl(baseUrl: string, path: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CodeModeError(
      'INVALID_OPTION',
      `Cannot make an embedder: the option baseUrl is ${JSON.stringify(baseUrl)}; expected an address that begins with http:// or https://`,
    );
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url;
}
