/**
 * An encoded value: what crosses between guest and host, and between threads.
 *
 * `text` is JSON with tags (see `encode.ts`), or plain JSON when `plain` is set. Bytes and long strings
 * stand apart in `parts`, so that they are copied, never escaped or base64-ed.
 */
export interface EncodedValue {
  readonly text: string;
  readonly plain: boolean;
  readonly parts: readonly (ArrayBuffer | string)[];
}

/** Deeper nesting is refused on both sides: encoding and decoding recurse. */
export const MAX_DEPTH = 2_000;
