import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';

const FINE = 'export const run = () => "fine"';

/** A few bytes; each level doubles the time that parsing takes. */
const doubling = (levels: number): string =>
  `export function run() { return ${'a?(b):c=>('.repeat(levels)}d${')'.repeat(levels)} }`;

const described = (characters: number): string =>
  `/** ${'w '.repeat(characters / 2)}*/\nexport function run(a: string) {}`;

/** Files of skills that are the same. */
function copies(count: number, source: string): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `skills/a${index}.ts`);
  return Object.fromEntries(names.map((name) => [name, source] as const));
}

describe('skills that take long to parse', () => {
  it.each([18, 60])('are not saved: %d levels', async (levels) => {
    await using session = await openTempSession({ 'skills/fine.ts': FINE });
    const made = await session.run(`await skills.create('slow', ${JSON.stringify(doubling(levels))})`);
    expect(made).toMatchObject({ ok: false, error: { code: 'INVALID_SKILL' } });
    expect(await readdir(join(session.folder.path, 'skills'))).toEqual(['fine.ts']);
    expect(await session.run('await skills.fine()')).toMatchObject({ ok: true, value: 'fine' });
    expect(await session.run('(await skills.list()).length')).toMatchObject({ ok: true, value: 1 });
  });

  it('do not keep a session from calling the others, however many there are', async () => {
    await using session = await openTempSession({ ...copies(100, doubling(60)), 'skills/fine.ts': FINE });
    // To parse them all would take minutes.
    const limits = { timeoutMs: 20_000 };
    expect(await session.run('await skills.fine()', limits)).toMatchObject({ ok: true, value: 'fine' });
    expect(await session.run('(await skills.get("fine")).source', limits)).toMatchObject({ ok: true, value: FINE });
    const made = await session.run(
      `await skills.create('own', 'export const run = () => 1'); await skills.own()`,
      limits,
    );
    expect(made).toMatchObject({ ok: true, value: 1 });
    const missing = await session.run('await skills.fin()', limits);
    expect(missing).toMatchObject({ ok: false, error: { code: 'UNKNOWN_SKILL' } });
  });

  it('are not taken for honest ones: the largest file is saved', async () => {
    await using session = await openTempSession();
    const line =
      'const f = (a: number, b?: { c: string[] }): string => `n${a}` + [1, 2].map((y) => y * a).join(",");\n';
    const source = `export function run() {\n${`{ ${line} }`.repeat(2_400)}}`;
    expect(source.length).toBeGreaterThan(240_000);
    await expect(session.addSkill('large', source)).resolves.toMatchObject({ name: 'large' });
  });
});

describe('skills that say too much of themselves', () => {
  it('are not saved', async () => {
    await using session = await openTempSession();
    const made = await session.run(`await skills.create('loud', ${JSON.stringify(described(240_000))})`);
    expect(made).toMatchObject({ ok: false, error: { code: 'INVALID_SKILL' } });
    expect(made.ok ? '' : made.error.message).toContain('its description (the first paragraph of the doc comment) is');
    expect(await session.run('(await skills.list()).length')).toMatchObject({ ok: true, value: 0 });
  });

  it('are listed with less, when they are there all the same', async () => {
    await using session = await openTempSession(copies(80, described(240_000)));
    const lengths = '[...new Set((await skills.list()).map(({ description }) => description.length))]';
    expect(await session.run(lengths)).toMatchObject({ ok: true, value: [1_000] });
    expect(await session.run('(await skills.search("w")).length')).toMatchObject({ ok: true, value: 10 });
    expect(await session.run('await skills.a3("x")')).toMatchObject({ ok: true });
  });
});
