import { isAlias, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import type { SourcePlace, ToolProblem } from './tool-problem.ts';

/** Where in a document: keys and list indexes from the top. */
export type DocumentPath = readonly PropertyKey[];

const MAX_FILE_CHARS = 1024 * 1024;
const MAX_SNIPPET_CHARS = 100;
/** Enough to share a few blocks; far from what an "alias bomb" needs. */
const MAX_ALIASES = 50;
const CORE_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/** The YAML of one tool file: plain data, and where in the text each part of it stands. */
export class ToolDocument {
  readonly origin: string;
  /** Plain data without cycles; meaningless when there are `syntaxProblems`. */
  readonly data: unknown;
  readonly syntaxProblems: readonly ToolProblem[];
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(origin: string, text: string) {
    this.origin = origin;
    const isTooLong = text.length > MAX_FILE_CHARS;
    this.#text = isTooLong ? '' : text;
    this.#document = parseDocument(this.#text, {
      version: '1.2',
      schema: 'core',
      stringKeys: true,
      uniqueKeys: true,
      prettyErrors: false,
      lineCounter: this.#lines,
      logLevel: 'error', // 'silent' would hide further documents,
    });
    const problems = isTooLong
      ? [this.#problemAt(0, `the file has ${text.length} characters`, `at most ${MAX_FILE_CHARS}`)]
      : [...this.#parserProblems(), ...this.#unwantedNodes()];
    if (problems.length === 0) {
      const { data, problem } = this.#toData();
      this.data = data;
      if (problem !== undefined) problems.push(problem);
    }
    this.syntaxProblems = problems;
  }

  /** A problem at `path`, or at the nearest part above it that is in the file. `'key'` points at the key itself. */
  problem(path: DocumentPath, message: string, expected?: string, target: 'key' | 'value' = 'value'): ToolProblem {
    return this.#problemAt(this.#offsetOf(path, target), message, expected);
  }

  place(path: DocumentPath): SourcePlace {
    return this.#placeAt(this.#offsetOf(path, 'value'));
  }

  #parserProblems(): ToolProblem[] {
    return this.#document.errors.map((error) => {
      if (error.code === 'MULTIPLE_DOCS')
        return this.#problemAt(error.pos[0], 'the file holds several documents', 'one tool a file');
      return this.#problemAt(error.pos[0], lowerFirst(error.message));
    });
  }

  /** Tags name types that only some YAML readers know; `__proto__` is no name that an object can safely carry. */
  #unwantedNodes(): ToolProblem[] {
    const problems: ToolProblem[] = [];
    visit(this.#document, {
      Node: (_key, node) => {
        if (isAlias(node) || node.tag === undefined || CORE_TAG.test(node.tag)) return;
        problems.push(
          this.#problemAt(node.range?.[0] ?? 0, `unknown tag ${node.tag}`, 'plain YAML without custom tags'),
        );
      },
      Pair: (_key, pair) => {
        if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
        problems.push(this.#problemAt(pair.key.range?.[0] ?? 0, 'key "__proto__"', 'another name'));
      },
    });
    return problems;
  }

  #toData(): { readonly data?: unknown; readonly problem?: ToolProblem } {
    try {
      const data: unknown = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
      JSON.stringify(data); // throws when an alias lies within its own anchor
      return { data };
    } catch (error) {
      const reason =
        error instanceof TypeError
          ? 'an alias refers to a block that contains it'
          : String(error instanceof Error ? error.message : error);
      return { problem: this.#problemAt(0, lowerFirst(reason)) };
    }
  }

  #offsetOf(path: DocumentPath, target: 'key' | 'value'): number {
    for (let length = path.length; length > 0; length--) {
      const part = path.slice(0, length);
      const offset = target === 'key' || length < path.length ? this.#keyOffset(part) : this.#valueOffset(part);
      if (offset !== undefined) return offset;
    }
    const contents = this.#document.contents;
    return contents?.range?.[0] ?? 0;
  }

  #valueOffset(path: DocumentPath): number | undefined {
    const node = this.#document.getIn(path, true);
    // A block's own range starts at its first child: its key says better what is meant.
    if (isCollection(node) && typeof path.at(-1) !== 'number') return this.#keyOffset(path);
    return isScalar(node) || isCollection(node) ? node.range?.[0] : this.#keyOffset(path);
  }

  #keyOffset(path: DocumentPath): number | undefined {
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    const key = path.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    }
    if (!isCollection(parent) || typeof key !== 'number') return undefined;
    const item = parent.items[key];
    return isScalar(item) || isCollection(item) ? item.range?.[0] : undefined;
  }

  #problemAt(offset: number, message: string, expected?: string): ToolProblem {
    return { origin: this.origin, ...this.#placeAt(offset), message, ...(expected === undefined ? {} : { expected }) };
  }

  #placeAt(offset: number): SourcePlace {
    const found = this.#lines.linePos(offset);
    const line = Math.max(1, found.line);
    const column = Math.max(1, found.col);
    const text = this.#text.split('\n', line)[line - 1]?.trimEnd() ?? '';
    const prefix = `${line} | `;
    const start = Math.max(0, column - MAX_SNIPPET_CHARS);
    const caret = ' '.repeat(prefix.length + column - 1 - start);
    return { line, column, snippet: `${prefix}${text.slice(start, start + 2 * MAX_SNIPPET_CHARS)}\n${caret}^` };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
