import pLimit from 'p-limit';
import type { StoredEntry, Stores } from '../../contracts/storage.ts';
import { isCodeModeError } from '../../errors/code-mode-error.ts';
import type { CodeModeError } from '../../errors/code-mode-error.ts';
import { differenceOf } from './part.ts';
import type { CompareOptions, CopyContext, CopyProblem, Difference, Part, Skipped, Unreadable } from './part.ts';
import { problemOf } from './copy-problems.ts';

/** A server answers many at once in one round trip; for files more than a few make no difference. */
const CONCURRENCY = 256;
/** Between two batches a copy can be interrupted. */
const BATCH_SIZE = 1_000;
const BATCH_CHARS = 8 * 1024 * 1024;

/** Tools and skills are both text by name. */
interface TextStore {
  list(): Promise<readonly StoredEntry[]>;
  read(name: string): Promise<StoredText | undefined>;
  writeAll(texts: ReadonlyMap<string, string>): Promise<void>;
  delete(name: string): Promise<boolean>;
}

interface StoredText {
  readonly text: string;
  readonly isPython: boolean;
}

/** Tool files, or skills. All of the source's are in memory while they are copied. */
export class TextPart implements Part {
  readonly kind: 'tools' | 'skills';
  readonly problems: CopyProblem[] = [];
  readonly skipped: Skipped[] = [];
  readonly unreadable: Unreadable[] = [];
  readonly #source: TextStore;
  readonly #target: TextStore;
  readonly #context: CopyContext;
  /** What the source has, without what is left out. */
  readonly texts = new Map<string, string>();
  readonly #python = new Map<string, string>();

  constructor(kind: 'tools' | 'skills', source: TextStores, target: TextStores, context: CopyContext) {
    this.kind = kind;
    this.#source = textStore(source, kind);
    this.#target = textStore(target, kind);
    this.#context = context;
  }

  get size(): number {
    return this.texts.size;
  }

  async load(): Promise<void> {
    const names = (await this.#source.list()).map(({ name }) => name);
    for (const [name, found] of await this.#read(this.#source, names, 'reading')) {
      if (!isCodeModeError(found)) (found.isPython ? this.#python : this.texts).set(name, found.text);
      else {
        const problem = problemOf(`${this.kind}/${name}`, found);
        this.unreadable.push({ kind: this.kind, name, reason: found.message, problem });
      }
    }
  }

  async compare({ toCopy }: CompareOptions): Promise<Difference> {
    if (toCopy) this.#leavePythonOut();
    const listed = new Set((await this.#target.list()).map(({ name }) => name));
    if (this.#context.foldsCase && this.kind === 'skills') this.#refuseTwins(listed);
    const isSame = async (names: readonly string[]): Promise<ReadonlySet<string>> => {
      const found = await this.#read(this.#target, names, 'comparing');
      const same = names.filter((name) => {
        const text = found.get(name);
        if (text === undefined || isCodeModeError(text)) return false;
        return text.text === (text.isPython ? this.#python : this.texts).get(name);
      });
      return new Set(same);
    };
    const left = new Set([...this.skipped, ...this.unreadable].map(({ name }) => name));
    return differenceOf([...this.texts.keys(), ...this.#python.keys()], listed, isSame, left);
  }

  #leavePythonOut(): void {
    for (const name of this.#python.keys())
      this.skipped.push({ kind: this.kind, name, reason: 'it is written in Python' });
    this.#python.clear();
  }

  async write(names: readonly string[]): Promise<void> {
    const { signal, steps } = this.#context;
    steps.begin(`writing ${this.kind}`, names.length);
    for (const batch of this.#batchesOf(names)) {
      signal.throwIfAborted();
      await this.#target.writeAll(batch);
      steps.advance(batch.size);
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    const { signal, steps } = this.#context;
    steps.begin(`removing ${this.kind}`, names.length);
    await pLimit(CONCURRENCY).map(names, async (name) => {
      signal.throwIfAborted();
      try {
        await this.#target.delete(name);
      } catch (error) {
        // Another program put it there under a name that no tool or skill can have here.
        if (!isCodeModeError(error, 'INVALID_NAME')) throw error;
        this.skipped.push({ kind: this.kind, name, reason: 'it can’t be removed: its name is not valid' });
      }
      steps.advance(1);
    });
  }

  async #read(
    store: TextStore,
    names: readonly string[],
    doing: 'reading' | 'comparing',
  ): Promise<ReadonlyMap<string, StoredText | CodeModeError>> {
    const { signal, steps } = this.#context;
    steps.begin(`${doing} ${this.kind}`, names.length);
    const found = await pLimit(CONCURRENCY).map(names, async (name) => {
      signal.throwIfAborted();
      const text = await store.read(name).catch(contentError);
      steps.advance(1);
      return [name, text] as const;
    });
    // One may be gone since it was listed.
    return new Map(found.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
  }

  #batchesOf(names: readonly string[]): Map<string, string>[] {
    const batches: Map<string, string>[] = [];
    let chars = 0;
    for (const name of names) {
      const text = this.texts.get(name) ?? '';
      const last = batches.at(-1);
      chars += text.length;
      if (last !== undefined && last.size < BATCH_SIZE && chars <= BATCH_CHARS) last.set(name, text);
      else {
        batches.push(new Map([[name, text]]));
        chars = text.length;
      }
    }
    return batches;
  }

  /** Where case does not count in file names, one would replace the other. */
  #refuseTwins(inTarget: ReadonlySet<string>): void {
    const alike = Map.groupBy(new Set([...inTarget, ...this.texts.keys()]), (name) => name.toLowerCase());
    for (const name of this.texts.keys()) {
      const twin = alike.get(name.toLowerCase())?.find((other) => other !== name);
      if (twin === undefined) continue;
      const file = `skills/${name}`;
      this.problems.push({ file, message: `${file}: "${twin}" differs only in upper and lower case` });
    }
  }
}

type TextStores = Pick<Stores, 'tools' | 'skills'>;

function textStore({ tools, skills }: TextStores, kind: 'tools' | 'skills'): TextStore {
  const isTools = kind === 'tools';
  const store = isTools ? tools : skills;
  return {
    list: () => store.list(),
    read: (name) => (isTools ? readTool(tools, name) : readSkill(skills, name)),
    writeAll: (texts) => store.writeAll(texts),
    delete: (name) => store.delete(name),
  };
}

async function readTool(tools: Stores['tools'], name: string): Promise<StoredText | undefined> {
  const found = await tools.read(name);
  return found === undefined ? undefined : { text: found.text, isPython: false };
}

async function readSkill(skills: Stores['skills'], name: string): Promise<StoredText | undefined> {
  const found = await skills.read(name);
  return found === undefined ? undefined : { text: found.source, isPython: found.python !== undefined };
}

/** What is wrong with one entry; anything else ends the copy. */
function contentError(error: unknown): CodeModeError {
  if (isCodeModeError(error) && error.code !== 'STORAGE') return error;
  throw error;
}
