import { readFileSync } from 'node:fs';

import { CodeModeError } from '../../errors/code-mode-error.ts';

const PAGE_BYTES = 65_536;
const MEMORY_SECTION = 5;
const HEADER_BYTES = 8;

/**
 * What the linear memory may hold beside the guest's heap: the engine's own data, its stack, and the
 * fragmentation of an allocator that never gives pages back.
 */
const OVERHEAD_BYTES = 16 * 1024 * 1024;

/** The most pages a VM's memory may grow to when its heap is limited to `memoryBytes`. */
export function maximumPages(memoryBytes: number): number {
  return Math.min(65_536, Math.ceil((memoryBytes * 1.25 + OVERHEAD_BYTES) / PAGE_BYTES));
}

/**
 * The engine as a module whose memory has a maximum.
 *
 * The engine's own limit counts what its allocator hands out; the shipped module leaves the memory itself
 * unbounded, so an allocation that bypasses the allocator could take 4 GiB. With the maximum, growing fails instead.
 */
export async function compileEngine(memoryBytes: number): Promise<WebAssembly.Module> {
  const bytes = readFileSync(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm')));
  return WebAssembly.compile(withMemoryMaximum(bytes, maximumPages(memoryBytes)));
}

/** Rewrites the memory section, `[count, flags, minimum, maximum?]`, to carry a maximum. */
export function withMemoryMaximum(wasm: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  let offset = HEADER_BYTES;
  while (offset < wasm.length) {
    const id = wasm[offset];
    const size = readUnsigned(wasm, offset + 1);
    const end = size.end + size.value;
    if (id === MEMORY_SECTION) {
      const count = readUnsigned(wasm, size.end);
      const minimum = readUnsigned(wasm, count.end + 1);
      const body = [
        ...writeUnsigned(1),
        1,
        ...writeUnsigned(minimum.value),
        ...writeUnsigned(Math.max(pages, minimum.value)),
      ];
      return concatenate(
        wasm.subarray(0, offset),
        Uint8Array.of(MEMORY_SECTION, ...writeUnsigned(body.length), ...body),
        wasm.subarray(end),
      );
    }
    offset = end;
  }
  throw new CodeModeError(
    'INTERNAL',
    'Cannot limit the memory of the engine: its module has no memory section; reinstall quickjs-wasi',
  );
}

function readUnsigned(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let end = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[end++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if ((byte & 0x80) === 0) return { value, end };
  }
}

function writeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

function concatenate(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    result.set(chunk, offset);
    offset += chunk.length;
  }
  return result;
}
