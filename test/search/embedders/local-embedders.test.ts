import { describe, expect, it } from 'vitest';

import { onnxEmbedder, transformersEmbedder } from '../../../src/embedders.ts';
import { isCodeModeError } from '../../../src/errors/code-mode-error.ts';
import { meanOfTokens } from '../../../src/search/embedders/mean-of-tokens.ts';

const EMBEDDERS = [
  {
    library: 'onnxruntime-node',
    embedder: onnxEmbedder({
      id: 'none',
      modelPath: '/no/model.onnx',
      tokenizerPath: '/no/tokenizer.json',
      dimensions: 8,
    }),
  },
  {
    library: '@huggingface/transformers',
    embedder: transformersEmbedder({ model: '/no/model', pipelineOptions: { local_files_only: true } }),
  },
];

describe.each(EMBEDDERS)('an embedder on $library', ({ library, embedder }) => {
  it('says what is missing: the package, or the model', async () => {
    const failure: unknown = await embedder.embed(['a']).catch((error: unknown) => error);
    const isInstalled = await import(library).then(
      () => true,
      () => false,
    );
    expect(isCodeModeError(failure, 'UNSUPPORTED')).toBe(!isInstalled);
    expect(String(failure)).toContain(isInstalled ? '/no/' : `npm install ${library}`);
  });
});

describe('meanOfTokens', () => {
  it('adds up the tokens that count', () => {
    const hidden = [1, 2, 3, 4, 100, 100, 5, 6, 7, 8, 9, 10];
    const mask = [1n, 1n, 0n, 1n, 0n, 1n];
    expect(meanOfTokens(hidden, mask, [2, 3, 2])).toEqual([Float32Array.of(4, 6), Float32Array.of(14, 16)]);
  });
});
