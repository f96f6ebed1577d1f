import { expect } from 'vitest';

/** The runner's matchers, for use inside of what is expected: its own types are `any`. */
export const ANY_TEXT: unknown = expect.any(String);
export const ANY_NUMBER: unknown = expect.any(Number);

export function textWith(part: string): unknown {
  return expect.stringContaining(part);
}

export function textLike(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function listWith(...members: readonly unknown[]): unknown {
  return expect.arrayContaining([...members]);
}
