const MAX_NAME_CHARS = 100;

/** A name or value of the caller's as a message shows it: what is longer than `maxChars` (default 100) is cut, visibly. */
export function shorten(text: string, maxChars: number = MAX_NAME_CHARS): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}... (${text.length} characters)` : text;
}
