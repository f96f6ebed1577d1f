import { describe, expect, it } from 'vitest';
import type { Skill } from '../../src/contracts/skill.ts';
import type { Tool } from '../../src/contracts/tool.ts';
import { skillDocuments, toolDocuments } from '../../src/search/documents.ts';
import { SearchEngine } from '../../src/search/search-engine.ts';

const CURL: Tool = {
  name: 'curl',
  description: 'Transfer data',
  tags: ['http'],
  callables: [
    {
      name: '',
      description: 'Transfer data',
      inputSchema: { type: 'object', properties: { url: { description: 'Where' } } },
    },
    {
      name: 'get',
      description: 'Fetch a page',
      inputSchema: { type: 'object', properties: { url: true, __proto__x: { description: 7 } } },
    },
    { name: 'odd', description: '', inputSchema: { properties: ['a'] } },
  ],
  origin: 'tools/curl.yaml',
  warnings: [],
};

const REPORT: Skill = {
  name: 'weeklyReport',
  description: 'Writes a report',
  tags: ['git'],
  parameters: [{ name: 'repo', description: 'A folder', optional: false, rest: false }],
  isAsync: true,
  typeDeclarations: '',
  origin: 'skills/weeklyReport.ts',
  version: '1',
};

describe('toolDocuments', () => {
  it('has each tool and each of its callables', () => {
    expect(toolDocuments([CURL])).toEqual([
      {
        id: 'curl',
        name: 'curl',
        description: 'Transfer data',
        tags: ['http'],
        parameters: [{ name: 'url', description: 'Where' }],
      },
      {
        id: 'curl.get',
        name: 'curl.get',
        description: 'Fetch a page',
        tags: ['http'],
        parameters: [{ name: 'url' }, { name: '__proto__x' }],
      },
      { id: 'curl.odd', name: 'curl.odd', description: '', tags: ['http'], parameters: [] },
    ]);
  });

  it('has a tool that can only be called by recipe', () => {
    const [tool] = toolDocuments([{ ...CURL, callables: CURL.callables.slice(1) }]);
    expect(tool).toMatchObject({ id: 'curl', parameters: [] });
  });
});

describe('skillDocuments', () => {
  it('finds skills by name, tag and parameter', async () => {
    const engine = new SearchEngine({ embedder: null });
    engine.update(skillDocuments([REPORT]));
    for (const query of ['report weekly', 'git', 'repo', 'folders'])
      expect(await engine.search(query)).toMatchObject([{ id: 'weeklyReport' }]);
  });
});
