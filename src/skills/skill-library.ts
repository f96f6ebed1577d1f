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

/** What is known of one listed file. */
interface Slot {
  /** As it was listed; once it is read, as it was read. No listing has an empty one. */
  version: string;
  entry?: Entry | undefined;
  /** What the file was before it changed. */
  stale?: Entry | undefined;
  loading?: Promise<void>;
}

/** What `skills` has besides the skills: `skills.serach` may mean one. */
const MEMBERS = ['list', 'search', 'get', 'create', 'delete', 'invoke'];

/** What a file that is not loaded yet may be suggested by. */
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,99}$/u;

/** A store on another machine answers many reads at the price of one; and none keeps the other libraries waiting long. */
const LOADS_AT_ONCE = 32;

/** All libraries of a process parse in one thread. */
const sharedParser = new SkillParser();
/** And what they are to save in another: however much of it is refused, loading does not wait. */
const newSkillParser = new SkillParser();

/**
 * The skills of a store, parsed when they are asked for. Parsing executes nothing; a file that does not parse is a
 * problem and hurts no other.
 */
export class SkillLibrary {
  readonly #store: SkillStore;
  readonly #parser: SkillParser;
  #slots: ReadonlyMap<string, Slot> = new Map();
  #skills: readonly Skill[] = [];
  #looking: Promise<void> = Promise.resolve();

  constructor(store: SkillStore, parser: SkillParser = sharedParser) {
    this.#store = store;
    this.#parser = parser;
  }

  /**
   * Looks at the store again: what is new or changed is parsed when it is loaded, what is gone is forgotten.
   *
   * @throws {CodeModeError} `STORAGE` when the store can't be listed; what was known stays.
   */
  async look(): Promise<void> {
    // One after the other: an older listing must not win over a newer one.
    const looked = this.#looking.then(() => this.#look());
    this.#looking = looked.catch(() => undefined);
    await looked;
  }

  /** Loads one that the last look found, whatever the others are like. @throws {CodeModeError} as `get` */
  async load(name: string): Promise<LoadedSkill> {
    const slot = this.#slots.get(name);
    if (slot !== undefined) await this.#loadOnce(name, slot);
    return this.#found(name, slot?.entry);
  }

  /** Loads all that the last look found. */
  async loadAll(): Promise<void> {
    const atOnce = pLimit(LOADS_AT_ONCE);
    const waiting = [...this.#slots].filter(([, { entry }]) => entry === undefined);
    await Promise.all(waiting.map(([name, slot]) => atOnce(() => this.#loadOnce(name, slot))));
  }

  /** Looks, and loads all. @throws {CodeModeError} as `look` */
  async refresh(): Promise<void> {
    await this.look();
    await this.loadAll();
  }

  /** All that are loaded and parse, sorted by name. The same array until a skill changes. */
  list(): readonly Skill[] {
    // One that changed while the others were loaded is still there.
    const entries = [...this.#slots.values()].flatMap(({ entry, stale }) => entry ?? stale ?? []);
    const skills = entries.flatMap((entry) => ('loaded' in entry ? [entry.loaded.skill] : []));
    const isSame =
      skills.length === this.#skills.length && skills.every((skill, index) => skill === this.#skills[index]);
    if (!isSame) this.#skills = skills;
    return this.#skills;
  }

  /** The files that are loaded and are no skills, sorted by name. */
  problems(): readonly SkillProblem[] {
    return [...this.#slots.values()].flatMap(({ entry }) =>
      entry !== undefined && 'problem' in entry ? [entry.problem] : [],
    );
  }

  /** One that is loaded. @throws {CodeModeError} `UNKNOWN_SKILL`, with near names; what is wrong with it, when it does not parse. */
  get(name: string): LoadedSkill {
    return this.#found(name, this.#slots.get(name)?.entry);
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
    const parsed = await newSkillParser.parseNew({ ...draft, source });
    const comment = parsed.description === '' ? printDocComment(escapeTags(description)) : '';
    const complete = comment === '' ? source : `${comment}\n${source}`;
    const skill = comment === '' ? parsed : await newSkillParser.parseNew({ ...draft, source: complete });
    await this.#store.write(name, complete, { overwrite });
    await this.look();
    const stored = await this.load(name).catch(() => undefined);
    return stored?.skill ?? skill;
  }

  /**
   * True when there was one.
   *
   * @throws {CodeModeError} `INVALID_NAME`
   */
  async delete(name: string): Promise<boolean> {
    const existed = await this.#store.delete(name);
    await this.look();
    return existed;
  }

  async #look(): Promise<void> {
    const slots = new Map<string, Slot>();
    for (const { name, version } of await this.#store.list()) {
      const known = this.#slots.get(name);
      slots.set(name, known?.version === version ? known : { version, stale: known?.entry ?? known?.stale });
    }
    this.#slots = slots;
  }

  async #loadOnce(name: string, slot: Slot): Promise<void> {
    slot.loading ??= this.#fill(slot, name);
    await slot.loading;
  }

  async #fill(slot: Slot, name: string): Promise<void> {
    const entry = await this.#load({ name, version: slot.version });
    slot.entry = entry;
    slot.stale = undefined;
    slot.version = entry?.version ?? '';
  }

  #found(name: string, entry: Entry | undefined): LoadedSkill {
    if (entry === undefined) throw this.#unknownSkill(name);
    if ('problem' in entry) throw entry.problem.error;
    return entry.loaded;
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
    const names = [...this.#slots].flatMap(([key, { entry }]) => {
      const isCallable = IDENTIFIER.test(key) && (entry === undefined || 'loaded' in entry);
      return isCallable ? [key] : [];
    });
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
