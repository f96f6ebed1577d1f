import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, PAGES, readPages, ROOT } from './markdown.ts';

const OTHERS = readPages(['CONTRIBUTING.md', 'CHANGELOG.md', 'examples/*/README.md']);
const ALL = [...PAGES, ...OTHERS];

describe('links of the documentation', () => {
  it.each(ALL.map((page) => [page.path, page] as const))('%s leads to files and headings that exist', (_, page) => {
    const broken = linksOf(page)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page.path : relative(ROOT, join(ROOT, dirname(page.path), file));
        if (!existsSync(join(ROOT, path))) return true;
        const linked = ALL.find((candidate) => candidate.path === path);
        return anchor !== undefined && linked !== undefined && !anchorsOf(linked).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('lead from the index to every page', () => {
    const index = PAGES.find(({ path }) => path === 'docs/README.md');
    const pages = PAGES.filter(({ path }) => path.startsWith('docs/') && path !== 'docs/README.md');
    expect(index === undefined ? [] : linksOf(index).toSorted()).toEqual(
      pages.map(({ path }) => path.slice('docs/'.length)).toSorted(),
    );
  });
});
