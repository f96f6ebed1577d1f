import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadToolFile } from '../../src/tools/load-tool-file.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['examples/tools', 'examples/quickstart/storage/tools'];
const FILES = FOLDERS.flatMap((folder) => {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.yaml'));
  return names.map((name) => join(folder, name));
});

describe('example tools', () => {
  it.each(FILES)('%s loads without a warning and names its schema', (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const loaded = loadToolFile({ name: path, origin: path, version: '1', text }, { basePath: ROOT, env: {} });
    expect(loaded).toMatchObject({ adapter: { tool: { warnings: [] } } });
    const schema = /^# yaml-language-server: \$schema=(?<path>\S+)\n/.exec(text)?.groups?.['path'] ?? '';
    expect(resolve(ROOT, dirname(path), schema)).toBe(join(ROOT, 'schemas', 'tool.schema.json'));
  });
});
