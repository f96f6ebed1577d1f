import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import type { ArtifactInfo, ArtifactStore } from '../../contracts/artifact-store.ts';
import { isCodeModeError } from '../../errors/code-mode-error.ts';
import type { CodeModeError } from '../../errors/code-mode-error.ts';
import { differenceOf } from './part.ts';
import type { CopyContext, CopyProblem, Difference, Part, Skipped, Unreadable } from './part.ts';

/** Each of them is in memory, whole, while it is compared or copied. */
const CONCURRENCY = 4;

/** Artifacts, with what is known of them. */
export class ArtifactPart implements Part {
  readonly kind = 'artifacts';
  readonly problems: CopyProblem[] = [];
  readonly skipped: readonly Skipped[] = [];
  readonly #source: ArtifactStore;
  readonly #target: ArtifactStore;
  readonly #context: CopyContext;
  readonly #infos = new Map<string, ArtifactInfo>();
  readonly #unreadable = new Map<string, Unreadable>();

  constructor(source: ArtifactStore, target: ArtifactStore, context: CopyContext) {
    this.#source = source;
    this.#target = target;
    this.#context = context;
  }

  get size(): number {
    return this.#infos.size;
  }

  get unreadable(): readonly Unreadable[] {
    return [...this.#unreadable.values()];
  }

  async load(): Promise<void> {
    const { artifacts, damaged } = await this.#source.list();
    for (const info of artifacts) this.#infos.set(info.name, info);
    for (const { name, reason } of damaged) this.#leaveOut(name, reason);
  }

  async compare(): Promise<Difference> {
    const { artifacts, damaged } = await this.#target.list();
    const infos = new Map(artifacts.map((info) => [info.name, info]));
    const inTarget = new Set([...infos.keys(), ...damaged.map(({ name }) => name)]);
    this.#refuseNesting(inTarget);
    const { signal, steps } = this.#context;
    const isSame = async (names: readonly string[]): Promise<ReadonlySet<string>> => {
      const same = new Set<string>();
      steps.begin('comparing artifacts', names.length);
      await pLimit(CONCURRENCY).map(names, async (name) => {
        signal.throwIfAborted();
        const isAlike = isSameRecord(this.#infos.get(name), infos.get(name));
        if (isAlike && (await this.#hasSameData(name))) same.add(name);
        steps.advance(1);
      });
      return same;
    };
    return differenceOf([...this.#infos.keys()], inTarget, isSame, new Set(this.#unreadable.keys()));
  }

  async write(names: readonly string[]): Promise<void> {
    const { signal, steps } = this.#context;
    steps.begin('writing artifacts', names.length);
    await pLimit(CONCURRENCY).map(names, async (name) => {
      signal.throwIfAborted();
      const found = await this.#load(name);
      if (found !== undefined) {
        const { description, metadata, createdAt } = found.info;
        await this.#target.save(name, found.content, { description, metadata, createdAt });
      }
      steps.advance(1);
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    const { signal, steps } = this.#context;
    steps.begin('removing artifacts', names.length);
    for (const name of names) {
      signal.throwIfAborted();
      await this.#target.delete(name);
      steps.advance(1);
    }
  }

  async #hasSameData(name: string): Promise<boolean> {
    const [ours, theirs] = await Promise.all([this.#load(name), this.#target.load(name).catch(ifDamaged)]);
    if (ours === undefined || theirs === undefined || isCodeModeError(theirs)) return false;
    return Buffer.compare(ours.content.data, theirs.content.data) === 0;
  }

  /** `undefined` for one whose data turns out to be damaged: no listing reads the data. */
  async #load(name: string): Promise<Awaited<ReturnType<ArtifactStore['load']>> | undefined> {
    const found = await this.#source.load(name).catch(ifDamaged);
    if (!isCodeModeError(found)) return found;
    this.#leaveOut(name, found.message);
    return undefined;
  }

  #leaveOut(name: string, reason: string): void {
    const file = `artifacts/${name}`;
    const problem = { file, message: `${file}: ${reason}` };
    this.#unreadable.set(name, { kind: this.kind, name, reason, problem });
  }

  /** What is an artifact can't be a folder, neither here nor there. */
  #refuseNesting(inTarget: ReadonlySet<string>): void {
    const all = new Set([...inTarget, ...this.#infos.keys()]);
    for (const name of all) {
      const steps = name.split('/');
      const folders = steps.map((_, depth) => steps.slice(0, depth).join('/'));
      const taken = folders.find((folder) => all.has(folder));
      // Both in the target: not of our making.
      if (taken === undefined || !(this.#infos.has(name) || this.#infos.has(taken))) continue;
      const message = `artifacts/${name}: "${taken}" is an artifact, in the source or the target; remove one of them`;
      this.problems.push({ file: `artifacts/${name}`, message });
    }
  }
}

/** Anything but damage ends the copy. */
function ifDamaged(error: unknown): CodeModeError {
  if (isCodeModeError(error, 'DAMAGED')) return error;
  throw error;
}

/** The time does not count: of a plain file it is that of the file, another on each machine. */
function isSameRecord(ours: ArtifactInfo | undefined, theirs: ArtifactInfo | undefined): boolean {
  if (ours === undefined || theirs === undefined) return false;
  return (
    ours.type === theirs.type &&
    ours.sizeBytes === theirs.sizeBytes &&
    ours.description === theirs.description &&
    isDeepStrictEqual(ours.metadata, theirs.metadata)
  );
}
