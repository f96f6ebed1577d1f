import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import type { ArtifactInfo, ArtifactStore } from '../../contracts/artifact-store.ts';
import { differenceOf } from './part.ts';
import type { CopyContext, CopyProblem, Difference, Part, Skipped } from './part.ts';

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

  constructor(source: ArtifactStore, target: ArtifactStore, context: CopyContext) {
    this.#source = source;
    this.#target = target;
    this.#context = context;
  }

  get size(): number {
    return this.#infos.size;
  }

  async load(): Promise<void> {
    const { artifacts, damaged } = await this.#source.list();
    for (const info of artifacts) this.#infos.set(info.name, info);
    for (const { name, reason } of damaged) {
      this.problems.push({ file: `artifacts/${name}`, message: `artifacts/${name}: ${reason}` });
    }
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
    return differenceOf([...this.#infos.keys()], inTarget, isSame);
  }

  async write(names: readonly string[]): Promise<void> {
    const { signal, steps } = this.#context;
    steps.begin('writing artifacts', names.length);
    await pLimit(CONCURRENCY).map(names, async (name) => {
      signal.throwIfAborted();
      const { content, info } = await this.#source.load(name);
      const { description, metadata, createdAt } = info;
      await this.#target.save(name, content, { description, metadata, createdAt });
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
    const [ours, theirs] = await Promise.all([this.#source.load(name), this.#target.load(name)]);
    return Buffer.compare(ours.content.data, theirs.content.data) === 0;
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
