import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import type { Embedder } from '../../contracts/embedder.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { WordPieces } from '../word-pieces.ts';
import { importLibrary, memberOf } from './import-library.ts';
import { meanOfTokens } from './mean-of-tokens.ts';

const AT_ONCE = 16;
const DEFAULT_MAX_TOKENS = 256;

export interface OnnxEmbedderOptions {
  /** Names the model: vectors are kept under it. */
  readonly id: string;
  /** The model, an `.onnx` file. */
  readonly modelPath: string;
  /** The `tokenizer.json` that belongs to it. It must be an uncased WordPiece one: MiniLM, BGE, GTE, E5, … */
  readonly tokenizerPath: string;
  readonly dimensions: number;
  /** How much of a text is read. Default: 256. */
  readonly maxTokens?: number;
  /** See {@link Embedder.relatedFrom}. */
  readonly relatedFrom?: number;
}

/**
 * A BERT-like model in ONNX form, run by onnxruntime-node; the vector of a text is the mean of its tokens'.
 *
 * Needs `npm install onnxruntime-node`; files are read and the model loaded at first use.
 *
 * @example
 * const embedder = onnxEmbedder({
 *   id: 'bge-small-en-v1.5',
 *   modelPath: 'models/bge-small/model.onnx',
 *   tokenizerPath: 'models/bge-small/tokenizer.json',
 *   dimensions: 384,
 * });
 */
export function onnxEmbedder(options: OnnxEmbedderOptions): Embedder {
  const { id, dimensions, relatedFrom } = options;
  let loading: Promise<OnnxModel> | undefined;
  return {
    id: `onnx:${id}`,
    dimensions,
    ...(relatedFrom === undefined ? {} : { relatedFrom }),
    async embed(texts, { signal } = {}) {
      // What failed to load is tried again.
      loading ??= OnnxModel.load(options).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const model = await loading;
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += AT_ONCE) {
        signal?.throwIfAborted();
        vectors.push(...(await model.embed(texts.slice(from, from + AT_ONCE))));
      }
      return vectors;
    },
  };
}

/** What is used of onnxruntime-node. */
interface Tensor {
  readonly data: unknown;
  readonly dims: readonly number[];
}

interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

interface OnnxRuntime {
  readonly InferenceSession: { create(path: string): Promise<InferenceSession> };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => Tensor;
}

const tokenizerSchema = z.object({ model: z.object({ vocab: z.record(z.string(), z.int().nonnegative()) }) });

class OnnxModel {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;
  readonly #pieces: WordPieces;
  readonly #ends: readonly [start: number, end: number];
  readonly #options: OnnxEmbedderOptions;

  private constructor(
    options: OnnxEmbedderOptions,
    runtime: OnnxRuntime,
    session: InferenceSession,
    vocabulary: ReadonlyMap<string, number>,
  ) {
    this.#options = options;
    this.#runtime = runtime;
    this.#session = session;
    this.#pieces = new WordPieces(vocabulary);
    this.#ends = [vocabulary.get('[CLS]') ?? 0, vocabulary.get('[SEP]') ?? 0];
  }

  static async load(options: OnnxEmbedderOptions): Promise<OnnxModel> {
    const runtime = await importLibrary('onnxruntime-node', isOnnxRuntime);
    const tokenizer = await readFile(options.tokenizerPath, 'utf8');
    const { vocab } = tokenizerSchema.parse(JSON.parse(tokenizer)).model;
    const session = await runtime.InferenceSession.create(options.modelPath);
    return new OnnxModel(options, runtime, session, new Map(Object.entries(vocab)));
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    const { maxTokens = DEFAULT_MAX_TOKENS, dimensions } = this.#options;
    const [start, end] = this.#ends;
    const rows = texts.map((text) => [start, ...this.#pieces.split(text, maxTokens - 2), end]);
    const width = Math.max(...rows.map(({ length }) => length));
    const ids = new BigInt64Array(rows.length * width);
    const mask = new BigInt64Array(rows.length * width);
    for (const [row, numbers] of rows.entries()) {
      for (const [index, number] of numbers.entries()) {
        ids[row * width + index] = BigInt(number);
        mask[row * width + index] = 1n;
      }
    }
    const inputs = new Map([
      ['input_ids', ids],
      ['attention_mask', mask],
      ['token_type_ids', new BigInt64Array(ids.length)],
    ]);
    const feeds = this.#session.inputNames.map((name) => {
      const data = inputs.get(name) ?? new BigInt64Array(ids.length);
      return [name, new this.#runtime.Tensor('int64', data, [rows.length, width])] as const;
    });
    const output = (await this.#session.run(Object.fromEntries(feeds)))[this.#session.outputNames[0] ?? ''];
    if (!(output?.data instanceof Float32Array) || output.dims.at(-1) !== dimensions) {
      throw new CodeModeError(
        'EMBEDDER_FAILED',
        `Cannot embed with ${this.#options.modelPath}: its first output has the shape ${output?.dims.join(' x ')}; expected texts x tokens x ${dimensions} floats`,
      );
    }
    return meanOfTokens(output.data, mask, [rows.length, width, dimensions]);
  }
}

function isOnnxRuntime(module: unknown): module is OnnxRuntime {
  const create = memberOf(memberOf(module, 'InferenceSession'), 'create');
  return typeof create === 'function' && typeof memberOf(module, 'Tensor') === 'function';
}
