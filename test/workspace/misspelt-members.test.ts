import { describe, expect, it } from 'vitest';
import { openTempSession } from '../support/temp-session.ts';

const FILES = {
  'tools/sort.yaml': 'name: sort\nschema: { stdin: text }',
  'skills/report.ts': 'export const run = () => 1;',
};

describe('a misspelt member', () => {
  it.each([
    ["tools.serach('x')", 'UNKNOWN_TOOL', 'Unknown tool: serach. Available: sort. Did you mean search?'],
    ["tools.srot('x')", 'UNKNOWN_TOOL', 'Unknown tool: srot. Available: sort. Did you mean sort?'],
    [
      "tools.sort.lits('x')",
      'UNKNOWN_CALLABLE',
      'Unknown callable: sort.lits. Available: sort. Did you mean sort.list?',
    ],
    ["tools.sort.list.x('x')", 'UNKNOWN_CALLABLE', 'Available: sort'],
    ["skills.serach('x')", 'UNKNOWN_SKILL', 'did you mean skills.search()?'],
    ["skills.creat('x', 'export const run = () => 1')", 'UNKNOWN_SKILL', 'did you mean skills.create()?'],
    ["skills.repotr('x')", 'UNKNOWN_SKILL', 'did you mean report?'],
    ["artifacts.lod('x')", 'INVALID_ARGUMENTS', 'did you mean artifacts.load'],
    [`artifacts['${'x'.repeat(500)}']('x')`, 'INVALID_ARGUMENTS', `artifacts.${'x'.repeat(100)}... (500 characters): `],
  ])('%s names what is near', async (code, errorCode, message) => {
    await using session = await openTempSession(FILES);
    const result = await session.run(`await ${code}`);
    expect(result).toMatchObject({ ok: false, error: { code: errorCode } });
    expect(result.ok ? '' : result.error.message).toContain(message);
  });

  it('is told before the arguments are looked at, and what is spelt right is not', async () => {
    await using session = await openTempSession(FILES);
    const result = await session.run("await tools.sort('x')");
    expect(result.ok ? '' : result.error.message).toContain('it got a string; expected one object');
  });
});
