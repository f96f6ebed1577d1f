import { Buffer } from 'node:buffer';

const PAGE_BYTES = 4096;

/**
 * The memory of a VM as its difference from the base image: which 4 KiB pages differ, and their bytes.
 * Plain data: it moves between threads, and can be kept instead of a live VM.
 */
export interface SessionImage {
  /** Size of the whole memory. */
  readonly memoryBytes: number;
  /** Index of each page in `bytes`, ascending. */
  readonly pages: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Compares `memory` with `base`; what lies beyond the base's end is compared with zeros. */
export function captureImage(memory: Uint8Array, base: Uint8Array): SessionImage {
  const current = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
  const zeros = Buffer.alloc(PAGE_BYTES);
  const changed: number[] = [];
  for (let offset = 0; offset < current.length; offset += PAGE_BYTES) {
    const end = Math.min(offset + PAGE_BYTES, current.length);
    const same =
      offset < base.length
        ? current.compare(base, offset, end, offset, end) === 0
        : current.compare(zeros, 0, end - offset, offset, end) === 0;
    if (!same) changed.push(offset / PAGE_BYTES);
  }
  const bytes = new Uint8Array(changed.length * PAGE_BYTES);
  changed.forEach((page, index) => {
    bytes.set(current.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), index * PAGE_BYTES);
  });
  return { memoryBytes: current.length, pages: Uint32Array.from(changed), bytes };
}

/** The whole memory that an image stands for. */
export function expandImage(image: SessionImage | undefined, base: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(image?.memoryBytes ?? base.length);
  memory.set(base.subarray(0, memory.length));
  image?.pages.forEach((page, index) => {
    memory.set(image.bytes.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES), page * PAGE_BYTES);
  });
  return memory;
}
