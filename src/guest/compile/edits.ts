import { buildColumnMap } from './column-map.ts';
import type { ColumnMap, Insertion } from './column-map.ts';

/**
 * Changes to a source that keep its lines: text is overwritten with as much text, or inserted within a line. So the
 * positions that the engine names lead back to the agent's by a small map of columns.
 */
export class Edits {
  readonly #code: string;
  readonly #insertions: Insertion[] = [];
  readonly #overwrites: Insertion[] = [];

  constructor(code: string) {
    this.#code = code;
  }

  /** What is inserted at the same offset stays in the order of the calls. */
  insert(at: number, text: string): void {
    this.#insertions.push({ at, text });
  }

  /** Puts `text` over as many characters. */
  overwrite(at: number, text: string): void {
    this.#overwrites.push({ at, text });
  }

  /** Puts `by`, then spaces, over a range; its line breaks stay. */
  erase(start: number, end: number, by = ';'): void {
    const spaces = this.#code.slice(start + by.length, end).replaceAll(/[^\r\n]/g, ' ');
    this.overwrite(start, by + spaces);
  }

  /** The changed code, with `opening` in front of it. */
  apply(opening: string): { readonly code: string; readonly map: ColumnMap } {
    const insertions = [{ at: 0, text: opening }, ...this.#insertions.toSorted((a, b) => a.at - b.at)];
    const code = this.#overwritten();
    const parts: string[] = [];
    let done = 0;
    for (const { at, text } of insertions) {
      parts.push(code.slice(done, at), text);
      done = at;
    }
    parts.push(code.slice(done));
    return { code: parts.join(''), map: buildColumnMap(code, insertions) };
  }

  #overwritten(): string {
    const parts: string[] = [];
    let done = 0;
    for (const { at, text } of this.#overwrites.toSorted((a, b) => a.at - b.at)) {
      parts.push(this.#code.slice(done, at), text);
      done = at + text.length;
    }
    parts.push(this.#code.slice(done));
    return parts.join('');
  }
}
