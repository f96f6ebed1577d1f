import { describe, expect, it } from 'vitest';
import { oneLine, showable } from '../../src/cli/terminal.ts';

describe('showable', () => {
  it('keeps text, tabs, newlines and colours', () => {
    expect(showable('a\tb\n\u001B[31mred\u001B[39m é漢')).toBe('a\tb\n\u001B[31mred\u001B[39m é漢');
  });

  it.each([
    { text: '\u001B]0;title\u0007', shown: String.raw`\x1b]0;title\x07` },
    { text: '\u001B[2J', shown: String.raw`\x1b[2J` },
    { text: '\u009B31m', shown: String.raw`\x9b31m` },
    { text: 'safe\rrm -rf', shown: 'safe\nrm -rf' },
    { text: 'a\u202Eb', shown: String.raw`a\u202eb` },
    { text: '\b\u007F', shown: String.raw`\x08\x7f` },
  ])('shows $shown', ({ text, shown }) => {
    expect(showable(text)).toBe(shown);
  });

  it('makes one line of any text', () => {
    expect(oneLine(' a\n\tb\u001B[31m c ')).toBe('a b c');
  });
});
