import { CodeModeError } from '../errors/code-mode-error.ts';

/**
 * A value as plain JSON, for whoever reads no more than that. What JSON has no form for takes the nearest one: bytes are base64 text, a Map
 * is a list of pairs, a Set a list, an Error its name and message, a bigint and a RegExp their text, a Date its ISO
 * text, NaN, Infinity and undefined are null, and a reference back to what contains it is the text "[Circular]".
 */
export function toJsonForm(value: unknown): unknown {
  return new JsonForm().of(value);
}

/** An object that is referred to twice is printed twice: a hostile value could be a billion lines. */
const MAX_VALUES = 1_000_000;

class JsonForm {
  #left = MAX_VALUES;
  readonly #parents = new Set<unknown>();

  of(value: unknown): unknown {
    this.#left -= 1;
    if (this.#left < 0) {
      throw new CodeModeError(
        'RESULT_LIMIT',
        `Cannot print the value: it holds more than ${MAX_VALUES} values; return less, or save it as an artifact`,
      );
    }
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return null;
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (this.#parents.has(value)) return '[Circular]';
    this.#parents.add(value);
    const form = this.#ofObject(value);
    this.#parents.delete(value);
    return form;
  }

  #ofObject(value: object): unknown {
    if (Array.isArray(value)) return value.map((member) => this.of(member));
    if (ArrayBuffer.isView(value)) {
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    }
    if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
    if (value instanceof Map) return [...value].map(([key, member]) => [this.of(key), this.of(member)]);
    if (value instanceof Set) return [...value].map((member) => this.of(member));
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof RegExp) return String(value);
    const ownError = value instanceof Error ? { name: value.name, message: value.message } : {};
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return { ...ownError, ...Object.fromEntries(members.map(([key, member]) => [key, this.of(member)])) };
  }
}
