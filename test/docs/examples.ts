import { inspect } from 'node:util';
import type { ExecutionResult } from '../../src/contracts/execution.ts';
import type { Block, Page } from './markdown.ts';

/**
 * What the blocks of a page are, told by their first words:
 *
 * - `yaml` that begins with `# tools/<file>`: a tool that loads. `yaml broken`: one that does not; the `text` block behind
 *   it is what `tools check` says.
 * - `ts` that begins with `// skills/<file>`: a skill. With an import of this package: a program that compiles and runs, as
 *   the file that its first line names (`// main.mts`), beside the page's tools and skills in `storage/`.
 * - `ts cell`: cells that run in one session for the page, with the page's tools and skills. `// => ` shows the value of
 *   the code before it, `// => throws CODE` how it failed.
 * - `console`: commands of the shell, after `$ `, and what they print; `…` stands for anything.
 */
export type BlockKind = 'tool' | 'broken tool' | 'skill' | 'program' | 'cells' | 'console' | 'other';

export function kindOf({ info, text }: Block): BlockKind | undefined {
  if (info === 'yaml') return text.startsWith('# tools/') ? 'tool' : undefined;
  if (info === 'yaml broken') return 'broken tool';
  if (info === 'ts cell') return 'cells';
  if (info === 'ts') {
    if (text.startsWith('// skills/')) return 'skill';
    return /from 'ts-code-mode(?:\/\w+)?';/.test(text) ? 'program' : undefined;
  }
  if (info === 'console') return 'console';
  return ['sh', 'text'].includes(info) ? 'other' : undefined;
}

export function blocksOf(page: Page, kind: BlockKind): Block[] {
  return page.blocks.filter((block) => kindOf(block) === kind);
}

/** The tools and skills of a page, by their path; `folder` is that of the storage. */
export function storageFilesOf(page: Page, folder = ''): Record<string, string> {
  const files = [...blocksOf(page, 'tool'), ...blocksOf(page, 'skill')];
  return Object.fromEntries(files.map(({ text }) => [`${folder}${nameIn(text)}`, text.slice(text.indexOf('\n') + 1)]));
}

/** `tools/curl.yaml` from the first line. */
export function nameIn(text: string): string {
  return /^(?:#|\/\/) (\S+)\n/.exec(text)?.[1] ?? '';
}

/** A piece of code and what it comes to; undefined: nothing is said of it. */
export interface Cell {
  readonly code: string;
  readonly expected: string | undefined;
}

/** Cuts a block after each `// => `. */
export function cellsOf({ text }: Block): Cell[] {
  const cells: Cell[] = [];
  let lines: string[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const at = line.indexOf('// => ');
    lines.push(at === -1 ? line : line.slice(0, at));
    if (at === -1) continue;
    cells.push({ code: lines.join('\n'), expected: line.slice(at + '// => '.length).trim() });
    lines = [];
  }
  return lines.length > 0 ? [...cells, { code: lines.join('\n'), expected: undefined }] : cells;
}

/** How a result is written behind `// => `. */
export function shown(result: ExecutionResult): string {
  if (result.ok) return inspect(result.value, { breakLength: Infinity, depth: 8 }).replaceAll(/\s+/g, ' ');
  const { code, name } = result.error;
  return `throws ${code === 'GUEST_ERROR' ? name : code}`;
}

/** The lines that a program is to print. */
export function expectedLines({ text }: Block): string[] {
  return [...text.matchAll(/\/\/ => (.*)$/gm)].map(([, line = '']) => line.trimEnd());
}
