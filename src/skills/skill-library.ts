import pLimit from 'p-limit';

import type { Skill } from '../contracts/skill.ts';
import type { SkillSource, SkillStore } from '../contracts/skill-store.ts';
import type { StoredEntry } from '../contracts/storage.ts';
import { CodeModeError, isCodeModeError } from '../errors/code-mode-error.ts';
import { nearestNames } from '../errors/nearest.ts';
import { shorten } from '../errors/shorten.ts';
import { escapeTags, printDocComment } from './doc-comment.ts';
import { pythonSkill } from './python-skill.ts';
import { SkillParser } from './skill-parser.ts';

/** A file that is no skill, and why. */
export interface SkillProblem {
  readonly name: string;
  /** `skills/report.ts`. */
  readonly origin: string;
  /** With file, line, column and a code frame, where there is a place in the file. */
  readonly message: string;
  readonly error: CodeModeError;
}

/** A skill, and what it is made of. */
export interface LoadedSkill {
  readonly skill: Skill;
  readonly source: string;
}

export interface CreateSkillOptions {
  /** Written into the source as its doc comment, when it has no description of its own. */
  readonly description?: string;
  /** Replace a skill of that name. Default: false. */
  readonly overwrite?: boolean;
}

/** One file as it was last read. */
type Entry =
  | { readonly version: string; readonly loaded: LoadedSkill }
  | { readonly version: string; readonly problem: SkillProblem };

/** What `skills` has besides the skills: `skills.serach` may mean one. */
const MEMBERS = ['list', 'search', 'get', 'create', 'delete', 'invoke'];

/** A store on another machine answers many reads at the price of one; and none keeps the other libraries waiting long. */
const LOADS_AT_ONCE = 32;

/** All libraries of a process parse in one thread. */
const sharedParser = new SkillParser();

/** The skills of a store, parsed. Parsing executes nothing; a file that does not parse is a problem and hurts no other. */
export class SkillLibrary {
  readonly #store: SkillStore;
  readonly #parser: SkillParser;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #skills: readonly Skill[] = [];
  #refreshing: Promise<void> = Promise.resolve();

  constructor(store: SkillStore, parser: SkillParser = sharedParser) {
    this.#store = store;
    this.#parser = parser;
  }

  /**
   * Looks at the store again: parses what is new or changed, forgets what is gone.
   *
   * @throws {CodeModeError} `STORAGE` when the store can't be listed; what was known stays.
   */
  async refresh(): Promise<void> {
    // One after the other: an older listing must not win over a newer one.
    const refreshed = this.#refreshing.then(() => this.#refresh());
    this.#refreshing = refreshed.catch(() => undefined);
    await refreshed;
  }

  /** All that parse, sorted by name. The same array until a skill changes. */
  list(): readonly Skill[] {
    return this.#skills;
  }

  /** The files that are no skills, sorted by name. */
  problems(): readonly SkillProblem[] {
    return [...this.#entries.values()].flatMap((entry) => ('problem' in entry ? [entry.problem] : []));
  }

  /** @throws {CodeModeError} `UNKNOWN_SKILL`, with near names; what is wrong with it, when it does not parse. */
  get(name: string): LoadedSkill {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw this.#unknownSkill(name);
    if ('problem' in entry) throw entry.problem.error;
    return entry.loaded;
  }

  /**
   * Checks and stores a skill.
   *
   * @throws {CodeModeError} `INVALID_NAME`, `SKILL_EXISTS`; `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX` or `INVALID_SKILL` for
   * a source that is no skill. Then nothing was written.
   */
  async create(name: string, source: string, options: CreateSkillOptions = {}): Promise<Skill> {
    const { description = '', overwrite = false } = options;
    const draft = { name, origin: `skills/${name}.ts`, version: '' };
    const parsed = await this.#parser.parse({ ...draft, source });
    const comment = parsed.description === '' ? printDocComment(escapeTags(description)) : '';
    const complete = comment === '' ? source : `${comment}\n${source}`;
    const skill = comment === '' ? parsed : await this.#parser.parse({ ...draft, source: complete });
    await this.#store.write(name, complete, { overwrite });
    await this.refresh();
    const entry = this.#entries.get(name);
    return entry !== undefined && 'loaded' in entry ? entry.loaded.skill : skill;
  }

  /**
   * True when there was one.
   *
   * @throws {CodeModeError} `INVALID_NAME`
   */
  async delete(name: string): Promise<boolean> {
    const existed = await this.#store.delete(name);
    await this.refresh();
    return existed;
  }

  async #refresh(): Promise<void> {
    const atOnce = pLimit(LOADS_AT_ONCE);
    const loaded = await Promise.all(
      (await this.#store.list()).map(async (stored): Promise<[string, Entry | undefined]> => {
        const known = this.#entries.get(stored.name);
        const isSame = known?.version === stored.version;
        return [stored.name, isSame ? known : await atOnce(() => this.#load(stored))];
      }),
    );
    const entries = new Map<string, Entry>();
    for (const [name, entry] of loaded) if (entry !== undefined) entries.set(name, entry);
    const skills = [...entries.values()].flatMap((entry) => ('loaded' in entry ? [entry.loaded.skill] : []));
    const isSame =
      skills.length === this.#skills.length && skills.every((skill, index) => skill === this.#skills[index]);
    this.#entries = entries;
    if (!isSame) this.#skills = skills;
  }

  /** `undefined` when the file is gone since it was listed. */
  async #load(stored: StoredEntry): Promise<Entry | undefined> {
    let source: SkillSource | undefined;
    try {
      source = await this.#store.read(stored.name);
      if (source === undefined) return undefined;
      const { python } = source;
      const skill = python === undefined ? await this.#parser.parse(source) : pythonSkill(source, python);
      return { version: source.version, loaded: { skill, source: source.source } };
    } catch (thrown) {
      const origin = source?.origin ?? `skills/${stored.name}.ts`;
      const error = asCodeModeError(thrown, origin);
      const problem = { name: stored.name, origin, message: error.message, error };
      // What the storage could not do now, it may do the next time: no listing has an empty version.
      const version = error.code === 'STORAGE' ? '' : (source?.version ?? stored.version);
      return { version, problem };
    }
  }

  #unknownSkill(name: string): CodeModeError {
    const names = this.#skills.map((skill) => skill.name);
    const nearest = nearestNames(name, [...names, ...MEMBERS]);
    const meant = nearest.map((near) => (names.includes(near) ? near : `skills.${near}()`));
    const hint = meant.length > 0 ? `did you mean ${meant.join(', ')}?` : 'see skills.list()';
    return new CodeModeError(
      'UNKNOWN_SKILL',
      `Cannot find skill ${JSON.stringify(shorten(name))}: there is none of that name; ${hint}`,
      { details: { nearest } },
    );
  }
}

function asCodeModeError(thrown: unknown, origin: string): CodeModeError {
  if (isCodeModeError(thrown)) return thrown;
  return new CodeModeError('STORAGE', `Cannot read ${origin}: ${String(thrown)}; expected a readable file`, {
    cause: thrown,
  });
}
