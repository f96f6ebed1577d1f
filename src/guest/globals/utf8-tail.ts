import { typedArrayBytes } from '../../protocol/codec/intrinsics.ts';

const LONGEST_PREFIX = 3;

/** How many bytes at the end are the start of a UTF-8 character that more bytes could complete. */
export function incompleteTail(bytes: Uint8Array): number {
  const length = typedArrayBytes(bytes);
  for (let tail = 1; tail <= LONGEST_PREFIX && tail <= length; tail++) {
    const lead = bytes[length - tail] ?? 0;
    if ((lead & 0xc0) === 0x80) continue;
    const complete = characterLength(lead) <= tail;
    return complete || (tail > 1 && !canFollow(lead, bytes[length - tail + 1] ?? 0)) ? 0 : tail;
  }
  return 0;
}

function characterLength(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** After these four, not every continuation byte may stand second. */
function canFollow(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xf0) return second >= 0x90;
  return lead !== 0xf4 || second < 0x90;
}
