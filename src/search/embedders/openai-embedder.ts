import { z } from 'zod';

import type { Embedder } from '../../contracts/embedder.ts';
import { endpointUrl, httpEmbedder } from './http-embedder.ts';
import type { HttpEmbedderOptions } from './http-embedder.ts';

export interface OpenAiEmbedderOptions extends Partial<HttpEmbedderOptions> {
  readonly apiKey?: string;
}

/**
 * OpenAI, and what speaks like it (vLLM, LM Studio, LiteLLM, llama.cpp): posts to `embeddings` under the base.
 * Default: `text-embedding-3-small`, of 1536 dimensions, at `https://api.openai.com/v1`.
 *
 * @throws {CodeModeError} `INVALID_OPTION`.
 * @example
 * const embedder = openAiEmbedder({ apiKey: process.env.OPENAI_API_KEY });
 */
export function openAiEmbedder(options: OpenAiEmbedderOptions = {}): Embedder {
  const {
    baseUrl = 'https://api.openai.com/v1',
    model = 'text-embedding-3-small',
    dimensions = 1536,
    apiKey,
  } = options;
  return httpEmbedder(
    { ...options, model, dimensions },
    {
      kind: 'openai',
      url: endpointUrl(baseUrl, 'embeddings'),
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      body: (input) => ({ model, input, encoding_format: 'float' }),
      vectors: answerSchema,
    },
  );
}

/** The order of the entries is theirs to choose; their index says which text each is for. */
const answerSchema = z
  .object({ data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })) })
  .transform(({ data }) => data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding));
