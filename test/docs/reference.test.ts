import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADAPTER_KINDS, toolFileSchema } from '../../src/tools/adapter-kinds.ts';
import { DEFAULT_LIMITS } from '../../src/contracts/limits.ts';
import type { Limits } from '../../src/contracts/limits.ts';
import { ERROR_CODES } from '../../src/errors/code-mode-error.ts';
import { Session } from '../../src/session.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { CommandLine } from '../cli/command-line.ts';
import { openTempSession } from '../support/temp-session.ts';
import { codesIn, pageAt, ROOT, tableUnder } from './markdown.ts';

const MIB = 1024 * 1024;

interface Excess {
  readonly code: string;
  readonly source: string;
  readonly limits?: Partial<Limits>;
  readonly signal?: () => AbortSignal;
}

/** A way into each limit. */
const EXCESSES: readonly Excess[] = [
  { code: 'CPU_LIMIT', source: 'while (true) {}', limits: { cpuTimeMs: 50 } },
  { code: 'TIMEOUT', source: 'await new Promise((done) => setTimeout(done, 60_000))', limits: { timeoutMs: 50 } },
  {
    code: 'ABORTED',
    source: 'await new Promise((done) => setTimeout(done, 60_000))',
    signal: () => AbortSignal.timeout(50),
  },
  { code: 'OUTPUT_LIMIT', source: "console.log('too much')", limits: { stdoutBytes: 4 } },
  { code: 'CALL_LIMIT', source: 'await artifacts.list(); await artifacts.list()', limits: { hostCalls: 1 } },
  { code: 'MEMORY_LIMIT', source: 'const all = []; while (true) all.push(new Array(1_000).fill(1))' },
  { code: 'STACK_LIMIT', source: 'function deeper() { return deeper() + 1; } deeper()' },
  { code: 'CALL_SIZE_LIMIT', source: "await artifacts.save('a', 'too much')", limits: { callArgumentBytes: 4 } },
  { code: 'SKILL_DEPTH', source: 'await skills.deeper()', limits: { skillDepth: 2 } },
  { code: 'RESULT_LIMIT', source: "'too much'", limits: { resultBytes: 4 } },
  { code: 'SOURCE_LIMIT', source: "'too much'", limits: { sourceBytes: 4 } },
];

/** The words in backticks in a column of a table; several in one cell count one by one. */
function namesIn(path: string, heading: string, column = 0): string[] {
  return tableUnder(pageAt(path), heading).flatMap((row) => codesIn(row[column] ?? ''));
}

describe('docs/sandbox-and-limits.md', () => {
  const page = pageAt('docs/sandbox-and-limits.md');

  it('lists the limits, with their defaults and codes', () => {
    const table = tableUnder(page, 'Limits').map(([limit = '', value = '', unit = '', code = '']) => ({
      limit: codesIn(limit)[0],
      value: numberIn(value),
      isBytes: unit === 'bytes',
      isMs: unit === 'ms',
      code: codesIn(code)[0],
    }));
    const codes = limitCodes();
    const limits = Object.entries<number>({ ...DEFAULT_LIMITS }).map(([limit, value]) => ({
      limit,
      value,
      isBytes: limit.endsWith('Bytes'),
      isMs: limit.endsWith('Ms'),
      code: codes.get(limit),
    }));
    expect(table).toEqual(limits);
  });

  it('gives the least and the most that a limit may be', () => {
    const ranges = tableUnder(page, 'Limits').flatMap(([limit = '', , , , bounds = '']) => {
      const [, least = '', most = ''] = /; from ([\d,]+ \w+) to ([\d,]+ \w+)$/.exec(bounds) ?? [];
      return least === '' ? [] : [{ name: codesIn(limit)[0] ?? '', least: numberIn(least), most: numberIn(most) }];
    });
    expect(ranges.map(({ name }) => name)).toEqual(['memoryBytes', 'stackBytes']);
    const storage = new FileStorage({ basePath: ROOT });
    for (const { name, least, most } of ranges) {
      for (const value of [least, most])
        expect(() => new Session({ storage, limits: { [name]: value } })).not.toThrow();
      for (const value of [least - 1, most + 1]) {
        expect(() => new Session({ storage, limits: { [name]: value } })).toThrow(`from ${least} to ${most}`);
      }
    }
  });

  it('says of every limit what becomes of the variables', async () => {
    const rows = tableUnder(page, 'Limits', 1);
    const kept = new Map(
      rows.flatMap(([codes = '', , fate]) => codesIn(codes).map((code) => [code, fate === 'are kept'])),
    );
    expect([...kept.keys()].toSorted()).toEqual([...new Set([...limitCodes().values(), 'ABORTED'])].toSorted());
    await using session = await openTempSession({ 'skills/deeper.ts': 'export const run = () => skills.deeper();' });
    for (const { code, source, limits, signal } of EXCESSES) {
      await session.run('let changed = false');
      const options = { ...limits, ...(signal === undefined ? {} : { signal: signal() }) };
      const result = await session.run(`changed = true;\n${source}`, options);
      expect(result.ok ? undefined : result.error.code).toBe(code);
      const after = await session.run('changed');
      expect(after.ok && after.value, code).toBe(kept.get(code));
    }
    expect(EXCESSES.map(({ code }) => code).toSorted()).toEqual([...kept.keys()].toSorted());
  });

  it('lists the globals of the sandbox', async () => {
    const [, section = ''] = /## Globals\n(.*)$/su.exec(page.prose) ?? [];
    const listed = codesIn(section.slice(section.indexOf('\n- '), section.indexOf('\n\n`Intl`')));
    await using session = await openTempSession();
    const result = await session.run('Object.getOwnPropertyNames(globalThis).sort()');
    expect(listed.toSorted()).toEqual(result.ok ? result.value : result.error);
  });
});

describe('other pages', () => {
  it('name the defaults as they are', () => {
    const { cpuTimeMs, timeoutMs, memoryBytes, skillDepth, callArgumentBytes, callResultBytes } = DEFAULT_LIMITS;
    const textOf = (path: string): string => pageAt(path).prose.replaceAll(/\s+/g, ' ');
    expect(textOf('README.md')).toContain(
      `${cpuTimeMs / 1000} s of CPU time, ${timeoutMs / 1000} s in all and ${memoryBytes / MIB} MiB of memory`,
    );
    expect(textOf('docs/skills.md')).toContain(`\`skillDepth\` (${skillDepth})`);
    expect(callResultBytes).toBe(callArgumentBytes);
    expect(textOf('docs/artifacts.md')).toContain(
      `\`callArgumentBytes\` and \`callResultBytes\` (${callResultBytes / MIB} MiB each)`,
    );
  });
});

describe('docs/errors.md', () => {
  it('lists the codes', () => {
    expect(namesIn('docs/errors.md', 'Codes').toSorted()).toEqual(ERROR_CODES.toSorted());
  });

  it('lists the fields, and an error has no others', async () => {
    await using session = await openTempSession();
    const result = await session.run(
      "try {\n  await artifacts.load('nothing');\n} catch (cause) {\n  throw Object.assign(new Error('outer', { cause }), { details: {} });\n}",
    );
    const [fields = ''] = pageAt('docs/errors.md').prose.split('## Codes');
    const listed = [...fields.matchAll(/^\| `(\w+)`/gmu)].map(([, name = '']) => name);
    expect(Object.keys(result.ok ? {} : result.error).toSorted()).toEqual(listed.toSorted());
  });

  it('says where: from 1, and of a call that failed where it was made', async () => {
    await using session = await openTempSession({
      'skills/fails.ts': "export const run = () => {\n  throw new Error('no');\n};",
    });
    const located = async (code: string): Promise<unknown> => {
      const result = await session.run(code);
      return result.ok ? result.value : result.error.location;
    };
    expect(await located('undefined.x')).toEqual({ file: 'run-1.ts', line: 1, column: 1 });
    expect(await located("1;\n\n  await artifacts.load('nothing')")).toEqual({ file: 'run-2.ts', line: 3, column: 19 });
    expect(await located('await skills.fails()')).toMatchObject({ file: 'skills/fails.ts', line: 2 });
  });
});

describe('docs/tools.md', () => {
  const schema = asObject(toolFileSchema());

  it('lists the keys of a file, with their defaults', () => {
    const rows = tableUnder(pageAt('docs/tools.md'), 'The file');
    expect(rows.map(([key = '']) => codesIn(key)[0])).toEqual(keysAt(schema, []));
    const defaults = Object.entries(asObject(schema['properties'])).flatMap(([key, value]) => {
      const given = asObject(value)['default'];
      return typeof given === 'string' || typeof given === 'number' ? [[key, String(given)]] : [];
    });
    const documented = new Map(rows.map(([key = '', , value = '']) => [codesIn(key)[0], codesIn(value)[0]]));
    expect(defaults.map(([key]) => [key, documented.get(key)])).toEqual(defaults);
    expect(namesIn('docs/tools.md', 'The file', 1)).toEqual(expect.arrayContaining([...ADAPTER_KINDS.keys()]));
  });

  it('lists the keys of its parts', () => {
    const parameterKeys = [
      ...keysAt(schema, ['schema', 'options', '*']),
      ...keysAt(schema, ['schema', 'positional', '*']),
    ];
    expect(namesIn('docs/tools.md', 'Schema')).toEqual(keysAt(schema, ['schema']));
    expect(namesIn('docs/tools.md', 'Parameters').toSorted()).toEqual([...new Set(parameterKeys)].toSorted());
    expect(namesIn('docs/tools.md', 'Recipes')).toEqual(keysAt(schema, ['recipes', '*']));
    const ofParams = codesIn(tableUnder(pageAt('docs/tools.md'), 'Recipes').at(-1)?.at(-1) ?? '');
    expect([...ofParams, 'type'].toSorted()).toEqual(keysAt(schema, ['recipes', '*', 'params', '*']).toSorted());
  });
});

describe('docs/architecture.md', () => {
  it('lists every part of the sources, in the order of the layer rule', () => {
    const listed = namesIn('docs/architecture.md', 'Layers');
    const rule = readFileSync(join(ROOT, 'scripts/layer-rule.ts'), 'utf8');
    const [, layers = ''] = /const LAYERS = \[\n(.*?)\n\];/su.exec(rule) ?? [];
    const ruled = [...layers.matchAll(/\[(.*)\]/g)].map(([, names = '']) => names.replaceAll(/[' ]/g, '').split(','));
    const rankOf = (name: string): number => ruled.findIndex((names) => names.includes(name));
    expect(listed.toSorted()).toEqual(ruled.flat().toSorted());
    const ranks = listed.map(rankOf);
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    const parts = readdirSync(join(ROOT, 'src')).map((name) => name.replace(/\.ts$/, ''));
    expect(parts.filter((name) => !listed.includes(name))).toEqual([]);
  });
});

describe('docs/command-line.md', () => {
  it('lists the commands', async () => {
    await using commandLine = await CommandLine.open();
    const groups = await commandsIn(commandLine, []);
    const commands: string[] = [];
    for (const name of groups) {
      const inside = ['tools', 'skills', 'artifacts', 'store'].includes(name)
        ? await commandsIn(commandLine, [name])
        : [];
      if (inside.length === 0) commands.push(name);
      for (const sub of inside) commands.push(`${name} ${sub}`);
    }
    const documented = namesIn('docs/command-line.md', 'Commands').map((usage) => usage.replace(/ [<[].*$/, ''));
    expect(documented.toSorted()).toEqual(commands.toSorted());
  });
});

/** The names of commands that the help lists. */
async function commandsIn(commandLine: CommandLine, path: readonly string[]): Promise<string[]> {
  const { stdout } = await commandLine.call([...path, '--help']);
  const [, section = ''] = /Commands:\n((?: {2}.*\n)+)/u.exec(stdout) ?? [];
  return [...section.matchAll(/^ {2}([a-z]+)/gmu)].flatMap(([, name = '']) => (name === 'help' ? [] : [name]));
}

/** `5,000`, `64 MiB`. */
function numberIn(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,]+)(?: (KiB|MiB|GiB))?$/.exec(text) ?? [];
  return Number(digits.replaceAll(',', '')) * ({ KiB: 1024, MiB: MIB, GiB: 1024 * MIB }[unit] ?? 1);
}

/** The codes that the doc comments of the limits name. */
function limitCodes(): Map<string, string> {
  const source = readFileSync(join(ROOT, 'src/contracts/limits.ts'), 'utf8');
  const fields = source.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*readonly (\w+):/gsu);
  return new Map(
    [...fields].map(([, comment = '', name = '']) => [
      name,
      codesIn(comment).find((code) => /^[A-Z_]+$/.test(code)) ?? '',
    ]),
  );
}

/** The keys of an object schema at a path; `*` is any entry of a record or list. */
function keysAt(schema: Record<string, unknown>, path: readonly string[]): string[] {
  let part = schema;
  for (const step of path) {
    const child = step === '*' ? (part['items'] ?? part['additionalProperties']) : asObject(part['properties'])[step];
    part = withoutNull(asObject(child));
  }
  return Object.keys(asObject(part['properties']));
}

/** What an optional part is when it is given. */
function withoutNull(schema: Record<string, unknown>): Record<string, unknown> {
  const choices = Object.values(asObject(schema['anyOf'])).map(asObject);
  return choices.find((choice) => choice['type'] !== 'null') ?? schema;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
