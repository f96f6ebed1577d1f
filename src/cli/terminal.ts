import { stripVTControlCharacters } from 'node:util';

/** Colours, which {@link styleText} and Node's inspector make; harmless. */
const COLOUR = new RegExp(`(${String.fromCodePoint(27)}\\[[\\d;]*m)`, 'u');
/** All control characters but tab and newline, and those that reorder text. */
const CONTROL = /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu;

/**
 * Makes text fit to be shown: what tools and the agent's code print is not to move the cursor, rename the window or
 * fill the clipboard. Control characters become visible escapes; colours stay.
 */
export function showable(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(CONTROL, escapeOf)))
    .join('');
}

/** One line of plain text: for cells of a table, for names. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').trim();
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}
