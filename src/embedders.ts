import './errors/require-node.ts';

/** Embedders for search, one line away: each loads what it needs at first use. */
export { miniLmEmbedder } from './search/embedders/minilm-embedder.ts';
export { ollamaEmbedder } from './search/embedders/ollama-embedder.ts';
export { onnxEmbedder } from './search/embedders/onnx-embedder.ts';
export type { OnnxEmbedderOptions } from './search/embedders/onnx-embedder.ts';
export { openAiEmbedder } from './search/embedders/openai-embedder.ts';
export type { OpenAiEmbedderOptions } from './search/embedders/openai-embedder.ts';
export { transformersEmbedder } from './search/embedders/transformers-embedder.ts';
export type { TransformersEmbedderOptions } from './search/embedders/transformers-embedder.ts';
export type { HttpEmbedderOptions } from './search/embedders/http-embedder.ts';
export type { EmbedOptions, Embedder } from './contracts/embedder.ts';
export { tokenTableEmbedder } from './search/token-table-embedder.ts';
