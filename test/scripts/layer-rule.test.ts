import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ROOT } from '../../scripts/root.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-code-mode-layers-'));
  const plugin = join(ROOT, 'scripts', 'layer-rule.ts');
  write('.oxlintrc.json', JSON.stringify({ jsPlugins: [plugin], rules: { 'layers/downward': 'error' } }));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** Lints one file of a project and answers what the linter printed, one line a fault. */
function lint(file: string, text: string): string {
  write(file, text);
  const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
  return spawnSync(process.execPath, [oxlint, '--format=unix'], { cwd: folder, encoding: 'utf8' }).stdout;
}

describe('the layer rule', () => {
  it.each([
    ['a type', `import type { main } from '../cli/main.ts';\nexport type A = typeof main;`],
    ['a re-export', `export { main } from '../cli/main.ts';`],
    ['a star', `export * from '../cli/main.ts';`],
    ['a late import', `export const load = () => import('../cli/main.ts');`],
    ['an inline type', `export type A = typeof import('../cli/main.ts');`],
  ])('refuses an import upwards: %s', (_kind, text) => {
    expect(lint('src/storage/file.ts', text)).toMatch(/file\.ts:1:\d+: .*leads up to src\/cli/);
  });

  it('refuses an import from a sibling', () => {
    expect(lint('src/typescript/a.ts', `export * from '../search/a.ts';`)).toContain('leads to src/search, a sibling');
    const text = `import { a } from '../../skills/a.ts';\nexport const b = a;`;
    expect(lint('src/tools/cli/adapter.ts', text)).toContain(
      'leads to src/skills, a sibling; siblings meet in src/contracts',
    );
  });

  it('refuses a folder without a layer, on either side', () => {
    expect(lint('src/utils/a.ts', `export * from '../errors/a.ts';`)).toContain('has no layer itself');
    expect(lint('src/cli/a.ts', `export * from '../utils/a.ts';`)).toContain('leads to src/utils, which has no layer');
  });

  it('refuses a path out of src', () => {
    expect(lint('src/cli/a.ts', `export * from '../../test/a.ts';`)).toContain('is outside src');
  });

  it('allows imports downwards, within a part, of packages, and anything outside src', () => {
    const text = [
      `export * from '../contracts/tool.ts';`,
      `export * from './registry.ts';`,
      `export * from '../typescript/strip-types.ts';`,
      `export * from 'yaml';`,
      `export * from '#guest-prelude';`,
    ].join('\n');
    expect(lint('src/tools/index.ts', text)).toBe('');
    expect(lint('src/session.ts', `export * from './executors/a.ts';`)).toBe('');
    expect(lint('test/a.test.ts', `export * from '../src/cli/main.ts';`)).toBe('');
  });
});
