import type { GuestPlatform } from './platform.ts';

const DRAWN_AT_ONCE = 512;
const BYTES_EACH = 8;
const IntrinsicDataView = DataView;
const getUint32 = DataView.prototype.getUint32;
const call = Reflect.apply;

/**
 * `Math.random` from the operating system's generator. The engine's own starts from the clock, and copies of one
 * memory go on with the same numbers.
 */
export function makeRandom(platform: GuestPlatform): { readonly random: () => number; readonly forget: () => void } {
  let drawn: DataView | undefined;
  let next = DRAWN_AT_ONCE;
  return {
    random() {
      if (drawn === undefined || next >= DRAWN_AT_ONCE) {
        drawn = new IntrinsicDataView(platform.randomBytes(DRAWN_AT_ONCE * BYTES_EACH));
        next = 0;
      }
      const offset = next++ * BYTES_EACH;
      // 53 bits: the mantissa of a double in [0, 1).
      const high = call(getUint32, drawn, [offset]) >>> 5;
      const low = call(getUint32, drawn, [offset + 4]) >>> 6;
      return (high * 67_108_864 + low) / 9_007_199_254_740_992;
    },
    forget() {
      drawn = undefined;
    },
  };
}
