import { expect } from 'vitest';

/** Vitest's matchers are of type `any`; these are not. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
