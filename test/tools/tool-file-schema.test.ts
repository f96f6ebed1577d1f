import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { toolFileSchema } from '../../src/tools/adapter-kinds.ts';
import { isObject } from '../../src/tools/declarations/schema-reader.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = globSync(['test/tools/files/*.yaml', 'examples/**/tools/*.{yaml,yml}'], { cwd: root });
const validator = new Validator(toolFileSchema(), '7', false);

describe('the published schema of tool files', () => {
  it('is in the package', async () => {
    await expect(`${JSON.stringify(toolFileSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
      '../../schemas/tool.schema.json',
    );
  });

  it.each(files)('accepts %s', (file) => {
    const { errors } = validator.validate(parse(readFileSync(`${root}${file}`, 'utf8')));
    expect(errors).toEqual([]);
  });

  it.each([
    '{}',
    'name: a b',
    'name: a\ncomand: b',
    'name: a\ntimeout: x',
    'name: a\nschema: {options: {x: {type: bool}}}',
    'name: a\nschema: {positional: [{type: string}]}',
  ])('refuses %j', (text) => {
    expect(validator.validate(parse(text)).valid).toBe(false);
  });

  it('describes every field', () => {
    const undescribed: string[] = [];
    const visit = (part: unknown, path: string): void => {
      if (!isObject(part)) return;
      for (const [name, field] of Object.entries(isObject(part['properties']) ? part['properties'] : {})) {
        if (!isObject(field) || typeof field['description'] !== 'string') undescribed.push(`${path}/${name}`);
      }
      for (const [key, child] of Object.entries(part)) for (const item of [child].flat()) visit(item, `${path}/${key}`);
    };
    visit(toolFileSchema(), '#');
    expect(undescribed).toEqual([]);
  });
});
