import { charCodeAt, contains, slice, toRadix } from './text.ts';

const HEX = '0123456789ABCDEF';

/** A string as source code, in the quotes that it needs least escapes in: Node's choice. */
export function quoteText(text: string): string {
  const quotes = quotesFor(text);
  const quoteCode = charCodeAt(quotes, 0);
  let result = quotes;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = charCodeAt(text, i);
    if (isPlain(code, quoteCode)) continue;
    if (isPair(text, i)) {
      i++;
      continue;
    }
    result += slice(text, start, i) + escapeCode(code);
    start = i + 1;
  }
  return result + slice(text, start) + quotes;
}

function quotesFor(text: string): string {
  if (!contains(text, "'")) return "'";
  if (!contains(text, '"')) return '"';
  return contains(text, '`') || contains(text, '${') ? "'" : '`';
}

/** A property name as it would stand in an object literal. */
export function quoteKey(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return isIdentifier(key) ? key : quoteText(key);
}

function isPlain(code: number, quoteCode: number): boolean {
  if (code < 127) return code >= 32 && code !== quoteCode && code !== 92;
  return code > 159 && (code < 0xd800 || code > 0xdfff);
}

function isPair(text: string, index: number): boolean {
  const high = charCodeAt(text, index);
  const low = index + 1 < text.length ? charCodeAt(text, index + 1) : 0;
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

function escapeCode(code: number): string {
  switch (code) {
    case 8:
      return '\\b';
    case 9:
      return '\\t';
    case 10:
      return '\\n';
    case 12:
      return '\\f';
    case 13:
      return '\\r';
    case 39:
      return "\\'";
    case 92:
      return '\\\\';
    default:
      return code > 255 ? '\\u' + toRadix(code, 16) : '\\x' + (HEX[code >> 4] ?? '') + (HEX[code & 15] ?? '');
  }
}

function isIdentifier(key: string): boolean {
  if (key === '') return false;
  for (let i = 0; i < key.length; i++) {
    const char = key[i] ?? '';
    const isLetter = (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_';
    if (!isLetter && !(i > 0 && char >= '0' && char <= '9')) return false;
  }
  return true;
}
