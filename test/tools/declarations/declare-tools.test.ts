import { describe, expect, it } from 'vitest';
import type { JsonSchema, JsonSchemaObject } from '../../../src/contracts/json-schema.ts';
import type { Tool, ToolCallable } from '../../../src/contracts/tool.ts';
import { declareTools } from '../../../src/tools/declarations/declare-tools.ts';
import { printCall, printSignature } from '../../../src/tools/declarations/signature.ts';
import { describeCallables, describeTool } from '../../../src/tools/describe-tool.ts';
import { exampleFile, loadTool } from '../load.ts';
import { compilerErrors } from './check-types.ts';

const FILES = ['curl.yaml', 'jq.yaml', 'git-log.yaml'];

function tool(name: string, ...callables: readonly Partial<ToolCallable>[]): Tool {
  const full = callables.map((callable) => ({
    name: '',
    description: '',
    inputSchema: { type: 'object' },
    ...callable,
  }));
  return { name, description: '', tags: [], callables: full, origin: `tools/${name}.yaml`, warnings: [] };
}

const NODE: JsonSchemaObject = {
  $ref: '#/$defs/node',
  $defs: {
    node: {
      type: 'object',
      properties: { value: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
      required: ['value'],
    },
  },
};
/** Definitions that name each other outside of any object: a circle that TypeScript refuses. */
const KNOT: JsonSchema = {
  $ref: '#/$defs/a',
  $defs: {
    a: { anyOf: [{ properties: { p: { $ref: '#/$defs/b' } } }, { $ref: '#/$defs/b' }] },
    b: { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/c' }, { type: 'string' }] },
    c: { $ref: '#/$defs/c' },
  },
};

describe('declareTools', () => {
  it('prints what an agent should see', () => {
    const declared = declareTools([loadTool(exampleFile('curl.yaml')).tool]);
    expect(declared.slice(declared.indexOf('declare'))).toBe(`declare const tools: {
  /** Make HTTP requests */
  curl: {
    /** Make HTTP requests */
    (args: {
      url: string;
      /** Silent mode */
      silent?: boolean;
      /** HTTP headers */
      header?: string[];
    }): Promise<string>;
    /** Simple GET request */
    get(args: {
      url: string;
      /**
       * Silent mode
       * @default true
       */
      silent?: boolean;
      /** HTTP headers */
      header?: string[];
      /**
       * Passes --location.
       * @default true
       */
      location?: boolean;
    }): Promise<string>;
    /** What can be called of this tool, with the parameters. */
    list(): Promise<CallableListing[]>;
  };
  /** All tools. */
  list(): Promise<ToolListing[]>;
  /** The tools and callables that fit a few words, best first. */
  search(query: string, limit?: number): Promise<ToolHit[]>;
};
`);
  });

  it('checks the calls of an agent', async () => {
    const tools = [
      ...FILES.map((file) => loadTool(exampleFile(file)).tool),
      tool('tree', { inputSchema: NODE, outputSchema: NODE }),
    ];
    const calls: readonly [code: string, isRight: boolean][] = [
      ["const text: string = await tools.curl({ url: 'x', header: ['a'] });", true],
      ["await tools.curl.get({ url: 'x', silent: false, location: false });", true],
      ['await tools.curl.get({});', false],
      ['await tools.curl.get();', false],
      ["await tools.curl.get({ url: 'x', ulr: 'x' });", false],
      ["await tools.curl.get({ url: 'x', header: 'a' });", false],
      ['const lines: string[] = await tools.git_log.subjects();', true],
      ["await tools.git_log({ date: 'iso', 'max-count': 3 });", true],
      ["await tools.git_log({ date: 'ISO' });", false],
      ["await tools.jq({ filter: '.', input: new Uint8Array(1) });", true],
      ["await tools.jq({ filter: '.', input: 'text' });", true],
      ["await tools.jq({ filter: '.', input: 5 });", false],
      [
        "const name: string = (await tools.tree({ value: 'a', children: [{ value: 'b', children: [] }] })).children?.[0]?.children?.[0]?.value ?? '';",
        true,
      ],
      ["await tools.tree({ value: 'a', children: [{ value: 5 }] });", false],
      ['const signature: string | undefined = (await tools.list())[0]?.callables[0]?.signature;', true],
      ['const id: string | undefined = (await tools.search("x", 3))[0]?.id;', true],
      ['const type: string | undefined = (await tools.curl.list())[0]?.parameters[0]?.type;', true],
      [`const listing: ToolListing[] = ${JSON.stringify(tools.map(describeTool))};`, true],
      [`const callables: CallableListing[] = ${JSON.stringify(tools.flatMap(describeCallables))};`, true],
    ];
    const declared = declareTools(tools);
    const files = Object.fromEntries(calls.map(([code], index) => [`call-${index}.ts`, `${code}\nexport {};\n`]));
    const errors = await compilerErrors({ 'tools.d.ts': declared, ...files });
    const refused = new Set(errors.map((line) => line.split('(')[0]));
    expect(calls.map(([code], index) => [code, !refused.has(`call-${index}.ts`)])).toEqual(
      calls.map(([code, isRight]) => [code, isRight]),
    );
    expect(errors.filter((line) => line.startsWith('tools.d.ts'))).toEqual([]);
  });

  it('is TypeScript, whatever the tools say', async () => {
    const hostile = '*/ evil(); /* \u202E `${x}` \\ \n@default "\u2028';
    const declared = declareTools([
      { ...tool('list_less', { description: hostile }), description: hostile },
      tool('class', {
        name: 'delete',
        inputSchema: { properties: { 'a b': { description: hostile, default: hostile, const: hostile }, new: {} } },
      }),
      tool('odd-name', { name: '1st', outputSchema: { enum: [hostile, 1e300, -0] } }),
      tool('knot', { inputSchema: { type: 'object', properties: { x: KNOT } }, outputSchema: KNOT }),
      tool(
        'knot2',
        { outputSchema: KNOT },
        { name: 'again', outputSchema: { anyOf: [structuredClone(KNOT), { type: 'null' }], ...structuredClone(KNOT) } },
      ),
      tool('root', {
        outputSchema: { properties: { next: { $ref: '#' } }, anyOf: [{ $ref: '#' }, { type: 'object' }] },
      }),
      tool('promise', { outputSchema: { $ref: '#/$defs/Promise', $defs: { Promise: { type: 'string' } } } }),
      tool('junk', {
        inputSchema: { properties: 5, required: 'x', type: 7 },
        outputSchema: { anyOf: [5, null], items: [], type: [{}], enum: {} },
      }),
    ]);
    expect(await compilerErrors({ 'tools.d.ts': declared })).toEqual([]);
    expect(declared).not.toContain('\u202E');
    expect(declared).not.toMatch(/^\s*evil/mu);
  });

  it('prints a shared definition once', () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 40 }, (_, level) => {
        const next = { $ref: `#/$defs/d${level + 1}` };
        return [`d${level}`, { properties: { a: next, b: next } }];
      }),
    );
    expect(declareTools([tool('t', { outputSchema: { $ref: '#/$defs/d0', $defs: definitions } })]).length).toBeLessThan(
      5_000,
    );
  });
});

describe('a signature', () => {
  it('is one line', () => {
    const [, get] = loadTool(exampleFile('curl.yaml')).tool.callables;
    if (get === undefined) throw new Error('No recipe');
    expect(printSignature('curl.get', get)).toBe(
      'curl.get(args: { url: string; silent?: boolean; header?: string[]; location?: boolean }): Promise<string>',
    );
    expect(printCall('t', { inputSchema: { type: 'object', properties: {}, additionalProperties: false } })).toBe(
      't(args?: Record<string, never>)',
    );
    expect(
      printSignature('t', { inputSchema: { type: 'object', anyOf: [{ properties: { a: true }, required: ['a'] }] } }),
    ).toBe('t(args: { a: unknown }): Promise<unknown>');
  });
});

describe('describeTool', () => {
  it('is plain data', () => {
    const { tool: curl } = loadTool(exampleFile('curl.yaml'));
    expect(describeTool(curl)).toEqual({
      name: 'curl',
      description: 'Make HTTP requests',
      tags: ['http'],
      callables: [
        {
          name: '',
          description: 'Make HTTP requests',
          signature: 'curl(args: { url: string; silent?: boolean; header?: string[] }): Promise<string>',
        },
        {
          name: 'get',
          description: 'Simple GET request',
          signature:
            'curl.get(args: { url: string; silent?: boolean; header?: string[]; location?: boolean }): Promise<string>',
        },
      ],
    });
    expect(describeCallables(curl)[1]?.parameters).toEqual([
      { name: 'url', type: 'string', required: true, description: '' },
      { name: 'silent', type: 'boolean', required: false, description: 'Silent mode', default: true },
      { name: 'header', type: 'string[]', required: false, description: 'HTTP headers' },
      { name: 'location', type: 'boolean', required: false, description: 'Passes --location.', default: true },
    ]);
  });
});
