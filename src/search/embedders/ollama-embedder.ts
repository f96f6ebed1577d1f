import { z } from 'zod';

import type { Embedder } from '../../contracts/embedder.ts';
import { endpointUrl, httpEmbedder } from './http-embedder.ts';
import type { HttpEmbedderOptions } from './http-embedder.ts';

/**
 * A model that Ollama serves: posts to `api/embed` under the base, by default `http://127.0.0.1:11434`.
 *
 * @throws {CodeModeError} `INVALID_OPTION`.
 * @example
 * const embedder = ollamaEmbedder({ model: 'nomic-embed-text', dimensions: 768 });
 */
export function ollamaEmbedder(options: HttpEmbedderOptions): Embedder {
  const { baseUrl = 'http://127.0.0.1:11434', model } = options;
  return httpEmbedder(options, {
    kind: 'ollama',
    url: endpointUrl(baseUrl, 'api/embed'),
    headers: {},
    body: (input) => ({ model, input, truncate: true }),
    vectors: answerSchema,
  });
}

const answerSchema = z.object({ embeddings: z.array(z.array(z.number())) }).transform(({ embeddings }) => embeddings);
