import { inspect } from 'node:util';

import type { Embedder } from '../contracts/embedder.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';

const MAX_DIMENSIONS = 65_536;

/**
 * Whether searches can go by what an embedder says of itself; what it answers is checked with each answer.
 *
 * @throws {CodeModeError} `INVALID_OPTION`.
 */
export function checkEmbedder(embedder: Embedder): void {
  const { id, dimensions } = embedder;
  if (typeof embedder.embed !== 'function') throw wrong('embed', typeof embedder.embed, 'a function');
  if (typeof id !== 'string' || id === '') throw wrong('id', show(id), 'the name of the model and its version');
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw wrong('dimensions', show(dimensions), `how many numbers a vector has, 1 to ${MAX_DIMENSIONS}`);
}

function show(value: unknown): string {
  return inspect(value, { depth: 0 });
}

function wrong(name: string, got: string, expected: string): CodeModeError {
  return new CodeModeError('INVALID_OPTION', `Cannot use the embedder: its ${name} is ${got}; expected ${expected}`);
}
