import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block. */
export interface Block {
  /** What stands behind the fence: `ts cell`. */
  readonly info: string;
  readonly text: string;
  /** Of the fence; starts at 1. */
  readonly line: number;
}

/** A page of the documentation. */
export interface Page {
  /** From the root: `docs/tools.md`. */
  readonly path: string;
  /** The text outside of fenced blocks. */
  readonly prose: string;
  readonly blocks: readonly Block[];
}

/** What users read: the README and `docs/`. */
export const PAGES: readonly Page[] = readPages(['README.md', 'docs/*.md']);

export function readPages(patterns: readonly string[]): Page[] {
  return globSync(patterns, { cwd: ROOT })
    .toSorted()
    .map((path) => parsePage(path, readFileSync(join(ROOT, path), 'utf8')));
}

export function pageAt(path: string): Page {
  const page = PAGES.find((candidate) => candidate.path === path);
  if (page === undefined) throw new Error(`there is no ${path}`);
  return page;
}

function parsePage(path: string, source: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { fence: string; info: string; lines: string[]; line: number } | undefined;
  for (const [index, line] of source.split('\n').entries()) {
    const [, fence, info = ''] = /^(`{3,})(.*)$/.exec(line) ?? [];
    if (open === undefined && fence !== undefined) open = { fence, info: info.trim(), lines: [], line: index + 1 };
    else if (open === undefined) prose.push(line);
    else if (line === open.fence) {
      blocks.push({ info: open.info, text: `${open.lines.join('\n')}\n`, line: open.line });
      open = undefined;
    } else open.lines.push(line);
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block is not closed`);
  return { path, prose: prose.join('\n'), blocks };
}

/** A table under a heading, by its number from 0, without its head: cells as Markdown text. */
export function tableUnder(page: Page, heading: string, index = 0): string[][] {
  const lines = page.prose.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`${page.path} has no heading "${heading}"`);
  const paragraphs = lines
    .slice(start + 1)
    .join('\n')
    .split(/\n{2,}/);
  const table = paragraphs.filter((paragraph) => paragraph.trimStart().startsWith('|'))[index] ?? '';
  const [, , ...rows] = table.trim().split('\n');
  return rows.map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** The texts between backticks. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Targets of the page's links. */
export function linksOf({ prose }: Page): string[] {
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors that GitHub gives to a page's headings. */
export function anchorsOf({ prose }: Page): string[] {
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
