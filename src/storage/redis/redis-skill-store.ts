import { z } from 'zod';
import type { PythonSkill, SkillSource, SkillStore } from '../../contracts/skill-store.ts';
import type { StoredEntry } from '../../contracts/storage.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { checkSkillName } from '../names.ts';
import { skillExists } from '../skill-exists.ts';
import { EntryHash } from './entry-hash.ts';
import type { HashEntry } from './entry-hash.ts';
import { parseJson } from './parse-json.ts';
import type { RedisLink } from './redis-link.ts';

const MAX_RECORD_BYTES = 1024 * 1024;

const parameterSchema = z.object({
  name: z.string(),
  description: z.string().nullish(),
  required: z.boolean().nullish(),
});

/** As py-code-mode has it, and the language: it never writes one, and its skills are Python. */
const recordSchema = z.object({
  source: z.string(),
  description: z.unknown().optional(),
  parameters: z.unknown().optional(),
  language: z.unknown().optional(),
});

/** Skills as a hash of JSON records by name. */
export class RedisSkillStore implements SkillStore {
  readonly #hash: EntryHash;

  /** @param prefix `myapp:skills` */
  constructor(link: RedisLink, prefix: string) {
    this.#hash = new EntryHash(link, {
      prefix,
      key: `${prefix}:__skills__`,
      listing: 'list skills/',
      // Names that are no skill's names are listed: reading one says what is wrong.
      nameOf: (name) => (/^[_.]/.test(name) ? undefined : name),
    });
  }

  async list(): Promise<readonly StoredEntry[]> {
    return this.#hash.list();
  }

  /** @throws {CodeModeError} `INVALID_NAME`; `INVALID_SKILL` for a record that can't be read. */
  async read(name: string): Promise<SkillSource | undefined> {
    checkSkillName(name);
    const entry = await this.#hash.read(`read skills/${name}.ts`, name);
    if (entry === undefined) return undefined;
    const { value, version } = entry;
    const record = value.byteLength > MAX_RECORD_BYTES ? undefined : recordSchema.safeParse(parseJson(value)).data;
    if (record === undefined) {
      const problem = `its record has ${value.byteLength} bytes and is not as expected`;
      throw new CodeModeError('INVALID_SKILL', `Cannot load skills/${name}: ${problem}; save the skill again`);
    }
    const { source, language } = record;
    if (language === 'typescript') return { name, version, source, origin: `skills/${name}.ts` };
    return { name, version, source, origin: `skills/${name}.py`, python: pythonPart(record) };
  }

  async write(name: string, source: string, options: { readonly overwrite?: boolean } = {}): Promise<void> {
    checkSkillName(name);
    const mode = options.overwrite === true ? 'replace' : 'create';
    const isWritten = await this.#hash.write(`write skills/${name}.ts`, name, entryOf(name, source), mode);
    if (!isWritten) throw skillExists(name, 'there is one of that name');
  }

  async writeAll(sources: ReadonlyMap<string, string>): Promise<void> {
    for (const name of sources.keys()) checkSkillName(name);
    const entries = sources.entries().map(([name, source]) => [name, entryOf(name, source)] as const);
    await this.#hash.writeAll('write skills/', entries);
  }

  async delete(name: string): Promise<boolean> {
    checkSkillName(name);
    return this.#hash.delete(`delete skills/${name}.ts`, name);
  }
}

/** What is not as expected is left out: the skill is listed all the same. */
function pythonPart({ description, parameters }: z.infer<typeof recordSchema>): PythonSkill {
  const known = z.array(parameterSchema).safeParse(parameters).data ?? [];
  return {
    description: typeof description === 'string' ? description : '',
    parameters: known.map((parameter) => ({
      name: parameter.name,
      description: parameter.description ?? '',
      required: parameter.required ?? true,
    })),
  };
}

function entryOf(name: string, source: string): HashEntry {
  const record = { name, description: '', source, parameters: [], language: 'typescript' };
  return { value: JSON.stringify(record), source: '' };
}
