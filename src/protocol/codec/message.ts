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

/** Deeper nesting is refused: few programs that walk a value can stand more. */
export const MAX_DEPTH = 2_000;

/** Longer strings, in UTF-16 code units, are parts of their own. */
export const LONG_STRING = 1_024;
