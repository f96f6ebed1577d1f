import type { CreateSkillOptions, SkillHit, SkillWithSource } from '../contracts/facade.ts';
import type { Skill } from '../contracts/skill.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { shorten } from '../errors/shorten.ts';
import type { HostCall } from '../protocol/host-call.ts';
import { skillDocuments } from '../search/documents.ts';
import { SearchEngine } from '../search/search-engine.ts';
import type { SearchEngineOptions } from '../search/search-engine.ts';
import { declareSkills } from '../skills/declarations.ts';
import { refusePython } from '../skills/python-skill.ts';
import type { LoadedSkill, SkillLibrary, SkillProblem } from '../skills/skill-library.ts';
import { Freshness } from './freshness.ts';
import { searchArguments } from './search-arguments.ts';
import { unknownMember } from './unknown-member.ts';

const MEMBERS = ['list', 'search', 'get', 'create', 'delete', 'invoke'];

/** `skills`: the library as the guest and the host see it. Nothing here runs a skill. */
export class SkillsNamespace {
  readonly #library: SkillLibrary;
  readonly #freshness: Freshness;
  readonly #engine: SearchEngine;
  /** What the engine was last given. */
  #searched: readonly Skill[] | undefined;

  constructor(library: SkillLibrary, search: SearchEngineOptions = {}) {
    this.#library = library;
    this.#engine = new SearchEngine(search);
    this.#freshness = new Freshness(() => library.look());
  }

  /** The next use looks at the store again. */
  expire(): void {
    this.#freshness.expire();
  }

  /** Loads all: a call of one skill does not. */
  async refresh(): Promise<void> {
    await this.#freshness.ensure();
    await this.#library.loadAll();
  }

  async call({ path, args }: HostCall): Promise<unknown> {
    const [member = ''] = path;
    const [first, second, third] = args;
    if (path.length > 1) throw unknownMember('skills', path.join('.'), MEMBERS);
    if (member === 'list') return this.list();
    if (member === 'search') return this.search(...searchArguments('skills', args));
    if (member === 'get') return this.get(nameOf('get', first));
    if (member === 'delete') return this.delete(nameOf('delete', first));
    if (member !== 'create') return this.#load(member, first);
    if (typeof second !== 'string')
      throw new CodeModeError(
        'INVALID_ARGUMENTS',
        `Cannot call skills.create: the source is ${typeof second}; expected TypeScript text that exports run`,
      );
    return this.create(nameOf('create', first), second, createOptions(third));
  }

  async list(): Promise<readonly Skill[]> {
    await this.refresh();
    return this.#library.list();
  }

  async get(name: string): Promise<SkillWithSource> {
    const { skill, source } = await this.#loadOne(name);
    return { ...skill, source };
  }

  async search(query: string, limit?: number): Promise<readonly SkillHit[]> {
    const skills = await this.list();
    if (this.#searched !== skills) {
      this.#searched = skills;
      this.#engine.update(skillDocuments(skills));
    }
    const hits = await this.#engine.search(query, limit);
    const descriptions = new Map(this.#searched.map(({ name, description }) => [name, description]));
    return hits.map((hit) => ({ ...hit, description: descriptions.get(hit.id) ?? '' }));
  }

  async create(name: string, source: string, options: CreateSkillOptions = {}): Promise<Skill> {
    const skill = await this.#library.create(name, source, options);
    this.expire();
    return skill;
  }

  async delete(name: string): Promise<boolean> {
    const existed = await this.#library.delete(name);
    this.expire();
    return existed;
  }

  problems(): readonly SkillProblem[] {
    return this.#library.problems();
  }

  warnings(): readonly string[] {
    return this.problems().map(({ origin, message }) => `A skill does not load: ${origin}: ${message}`);
  }

  /** Why searches go by words alone, when they do. */
  get searchProblem(): CodeModeError | undefined {
    return this.#engine.problem;
  }

  declarations(): string {
    return declareSkills(this.#library.list());
  }

  async #loadOne(name: string): Promise<LoadedSkill> {
    await this.#freshness.ensure();
    return this.#library.load(name);
  }

  /** What the guest needs to run a skill; without the source when it has that version. */
  async #load(name: string, knownVersion: unknown): Promise<unknown> {
    const { skill, source } = await this.#loadOne(name);
    refusePython(skill);
    const { version, origin } = skill;
    return version === knownVersion ? { version, origin } : { version, origin, source };
  }
}

function nameOf(member: string, name: unknown): string {
  if (typeof name === 'string') return name;
  throw new CodeModeError(
    'INVALID_ARGUMENTS',
    `Cannot call skills.${member}: the name is ${name === null ? 'null' : typeof name}; expected a string`,
  );
}

/** The third argument of `skills.create`: a description, or `{ description, overwrite }`. */
function createOptions(given: unknown): CreateSkillOptions {
  if (given === undefined) return {};
  if (typeof given === 'string') return { description: given };
  if (typeof given !== 'object' || given === null)
    throw new CodeModeError(
      'INVALID_ARGUMENTS',
      `Cannot call skills.create: the options are ${given === null ? 'null' : typeof given}; expected { description, overwrite }`,
    );
  const { description, overwrite, ...unknown }: Record<string, unknown> = { ...given };
  const [stray] = Object.keys(unknown);
  if (stray !== undefined)
    throw new CodeModeError(
      'INVALID_ARGUMENTS',
      `Cannot call skills.create: there is no option ${shorten(stray)}; expected { description, overwrite }`,
    );
  if (description !== undefined && typeof description !== 'string')
    throw new CodeModeError('INVALID_ARGUMENTS', 'Cannot call skills.create: description is no string');
  if (overwrite !== undefined && typeof overwrite !== 'boolean')
    throw new CodeModeError('INVALID_ARGUMENTS', 'Cannot call skills.create: overwrite is neither true nor false');
  return { ...(description === undefined ? {} : { description }), ...(overwrite === undefined ? {} : { overwrite }) };
}
