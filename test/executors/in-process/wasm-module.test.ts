import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { maximumPages, withMemoryMaximum } from '../../../src/executors/in-process/wasm-module.ts';

const engine = readFileSync(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm')));

it('gives the memory of the engine a maximum that it can not grow beyond', async () => {
  const { instance } = await WebAssembly.instantiate(withMemoryMaximum(engine, 40), imports());
  const { memory } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('the engine exports no memory');
  const pages = memory.buffer.byteLength / 65_536;
  expect(() => memory.grow(40 - pages)).not.toThrow();
  expect(() => memory.grow(1)).toThrow(RangeError);
});

it('is more than the heap, and never more than WebAssembly has', () => {
  expect(maximumPages(64 * 1024 * 1024)).toBe(1536);
  expect(maximumPages(Number.MAX_SAFE_INTEGER)).toBe(65_536);
});

it('refuses what is no engine', () => {
  expect(() => withMemoryMaximum(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), 40)).toThrow('no memory section');
});

/** The engine is not run here: whatever it imports may be any function. */
function imports(): WebAssembly.Imports {
  const all: WebAssembly.Imports = {};
  for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(engine))) {
    all[module] = { ...all[module], [name]: () => 0 };
  }
  return all;
}
