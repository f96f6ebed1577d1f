import type { Embedder } from '../../contracts/embedder.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { importLibrary, memberOf } from './import-library.ts';

const AT_ONCE = 16;

export interface TransformersEmbedderOptions {
  /** A model of the hub in ONNX form, or a folder. Default: `Xenova/all-MiniLM-L6-v2`. */
  readonly model?: string;
  /** Default: 384. */
  readonly dimensions?: number;
  /** How a text's vector is made of its tokens': `mean` for most models, `cls` for BGE. Default: `mean`. */
  readonly pooling?: 'mean' | 'cls';
  /** What else its `pipeline` takes: `dtype`, `device`, `local_files_only`, … */
  readonly pipelineOptions?: Readonly<Record<string, unknown>>;
  /** See {@link Embedder.relatedFrom}. */
  readonly relatedFrom?: number;
}

/**
 * A model run by transformers.js, which fetches it from the hub at first use unless told otherwise.
 *
 * Needs `npm install @huggingface/transformers`.
 *
 * @example
 * const embedder = transformersEmbedder({ model: 'Xenova/bge-small-en-v1.5', pooling: 'cls' });
 */
export function transformersEmbedder(options: TransformersEmbedderOptions = {}): Embedder {
  const { model = 'Xenova/all-MiniLM-L6-v2', dimensions = 384, pooling = 'mean', relatedFrom } = options;
  let loading: Promise<Extractor> | undefined;
  return {
    id: `transformers:${model}:${pooling}`,
    dimensions,
    ...(relatedFrom === undefined ? {} : { relatedFrom }),
    async embed(texts, { signal } = {}) {
      // What failed to load is tried again.
      loading ??= load(model, options.pipelineOptions).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const extract = await loading;
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += AT_ONCE) {
        signal?.throwIfAborted();
        const some = texts.slice(from, from + AT_ONCE);
        vectors.push(...rowsOf(await extract(some, { pooling, normalize: true }), some.length, dimensions));
      }
      return vectors;
    },
  };
}

type Extractor = (
  texts: readonly string[],
  options: { readonly pooling: string; readonly normalize: boolean },
) => Promise<unknown>;

interface Library {
  pipeline(task: 'feature-extraction', model: string, options?: Readonly<Record<string, unknown>>): Promise<Extractor>;
}

async function load(model: string, options: Readonly<Record<string, unknown>> | undefined): Promise<Extractor> {
  const library = await importLibrary('@huggingface/transformers', isLibrary);
  return library.pipeline('feature-extraction', model, options);
}

function isLibrary(module: unknown): module is Library {
  return typeof memberOf(module, 'pipeline') === 'function';
}

function rowsOf(tensor: unknown, count: number, dimensions: number): Float32Array[] {
  const data = memberOf(tensor, 'data');
  if (!(data instanceof Float32Array) || data.length !== count * dimensions) {
    throw new CodeModeError(
      'EMBEDDER_FAILED',
      `Cannot embed with transformers.js: got ${data instanceof Float32Array ? data.length : 'no'} numbers; expected ${count} x ${dimensions}`,
    );
  }
  return Array.from({ length: count }, (_, row) => data.slice(row * dimensions, (row + 1) * dimensions));
}
