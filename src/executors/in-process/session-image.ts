import { Buffer } from 'node:buffer';

/** Compared first: most of a memory is as it was. */
const PAGE_BYTES = 4096;
/** A count of references changes a few bytes here and there; whole pages of that are several times as much. */
const BLOCK_BYTES = 256;

/**
 * The memory of a VM as its difference from the base image: which stretches differ, and their bytes.
 * Plain data: it moves between threads, and can be kept instead of a live VM.
 */
export interface SessionImage {
  /** Size of the whole memory. */
  readonly memoryBytes: number;
  /** Where each stretch starts and ends, in blocks of 256 bytes, ascending: start, end, start, end, ... */
  readonly stretches: Uint32Array<ArrayBuffer>;
  /** The stretches, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Compares `memory` with `base`; what lies beyond the base's end is compared with zeros. */
export function captureImage(memory: Uint8Array, base: Uint8Array): SessionImage {
  const current = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
  const zeros = Buffer.alloc(PAGE_BYTES);
  const differs = (start: number, end: number): boolean =>
    start < base.length
      ? current.compare(base, start, end, start, end) !== 0
      : current.compare(zeros, 0, end - start, start, end) !== 0;
  const stretches: number[] = [];
  let blocks = 0;
  for (let page = 0; page < current.length; page += PAGE_BYTES) {
    const end = page + PAGE_BYTES;
    if (!differs(page, end)) continue;
    for (let offset = page; offset < end; offset += BLOCK_BYTES) {
      if (!differs(offset, offset + BLOCK_BYTES)) continue;
      const block = offset / BLOCK_BYTES;
      if (stretches.at(-1) === block) stretches[stretches.length - 1] = block + 1;
      else stretches.push(block, block + 1);
      blocks += 1;
    }
  }
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  const ends = Uint32Array.from(stretches);
  forEachStretch(ends, (start, end, at) => bytes.set(current.subarray(start, end), at));
  return { memoryBytes: current.length, stretches: ends, bytes };
}

/** The whole memory that an image stands for. */
export function expandImage(image: SessionImage | undefined, base: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(image?.memoryBytes ?? base.length);
  memory.set(base.subarray(0, memory.length));
  if (image !== undefined)
    forEachStretch(image.stretches, (start, end, at) => memory.set(image.bytes.subarray(at, at + end - start), start));
  return memory;
}

/** Calls back with where each stretch starts and ends in the memory, and where it is in the image's bytes. */
function forEachStretch(stretches: Uint32Array, visit: (start: number, end: number, at: number) => void): void {
  let at = 0;
  for (let index = 0; index + 1 < stretches.length; index += 2) {
    const start = (stretches[index] ?? 0) * BLOCK_BYTES;
    const end = (stretches[index + 1] ?? 0) * BLOCK_BYTES;
    visit(start, end, at);
    at += end - start;
  }
}
