import fc from 'fast-check';
import { expect, it } from 'vitest';

import { captureImage, expandImage } from '../../../src/executors/in-process/session-image.ts';

const PAGE = 4096;

it('gives back any memory, however it differs from the base', () => {
  const pages = fc.integer({ min: 1, max: 6 });
  const writes = fc.array(fc.tuple(fc.nat({ max: 8 * PAGE - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 20 });
  fc.assert(
    fc.property(pages, fc.integer({ min: 0, max: 2 }), writes, writes, (count, more, inBase, inMemory) => {
      const base = new Uint8Array(count * PAGE);
      for (const [offset, byte] of inBase) if (offset < base.length) base[offset] = byte;
      const memory = new Uint8Array((count + more) * PAGE);
      memory.set(base);
      for (const [offset, byte] of inMemory) if (offset < memory.length) memory[offset] = byte;
      expect(expandImage(captureImage(memory, base), base)).toEqual(memory);
    }),
  );
});

it('holds what differs alone', () => {
  const base = new Uint8Array(100 * PAGE).fill(1);
  const memory = new Uint8Array(101 * PAGE);
  memory.set(base);
  memory[5 * PAGE] = 2;
  memory[7 * PAGE - 1] = 2;
  memory[7 * PAGE] = 2;
  const image = captureImage(memory, base);
  expect([...image.stretches]).toEqual([80, 81, 111, 113]);
  expect(image.bytes.length).toBe(3 * 256);
});
