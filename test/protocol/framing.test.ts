import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeFrame, encodeFrame, FrameError, FrameReader, SIZE_BYTES } from '../../src/protocol/framing.ts';
import type { Frame } from '../../src/protocol/framing.ts';

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
const anyFrame: fc.Arbitrary<Frame> = fc.record({
  head: anyText,
  parts: fc.array(
    fc.oneof(
      anyText,
      fc.uint8Array({ maxLength: 2_000 }).map((bytes) => new Uint8Array(bytes).buffer),
    ),
  ),
});

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 300 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeFrame));
        const reader = new FrameReader();
        const read: Frame[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const end = at + (cuts[turn % Math.max(1, cuts.length)] ?? stream.length);
          read.push(...reader.push(stream.subarray(at, end), 1_000_000));
          at = end;
        }
        expect(read).toEqual(frames);
      }),
    );
  });

  it('that are damaged are refused, or are other frames', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), fc.integer({ min: 0, max: 255 }), (frame, where, byte) => {
        const bytes = encodeFrame(frame).subarray(SIZE_BYTES);
        bytes[where % bytes.length] = byte;
        const outcome = attempt(() => decodeFrame(bytes).parts.length);
        expect(outcome instanceof FrameError || (typeof outcome === 'number' && outcome <= bytes.length)).toBe(true);
      }),
    );
  });

  it('that say they are too large are refused before they come', () => {
    const size = Buffer.alloc(SIZE_BYTES);
    size.writeUInt32LE(1_001);
    expect(() => new FrameReader().push(size, 1_000)).toThrow(/says that it takes 1001 bytes; expected at most 1000/);
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
