import { CodeModeError } from '../../errors/code-mode-error.ts';
import { ConfinedChild } from './confined-child.ts';
import type { ChildEvents } from './confined-child.ts';
import { confine, OPTIONAL_LAYERS } from './confinement.ts';
import type { IsolationLayer, OptionalLayer } from './confinement.ts';
import type { EngineName, Ready } from './messages.ts';

/** What confines the children of an executor. */
export interface Isolation {
  readonly engine: EngineName;
  /** Those that are on. */
  readonly layers: readonly IsolationLayer[];
  /** Why others are not. */
  readonly missing: Readonly<Partial<Record<IsolationLayer, string>>>;
}

export interface ChildSize {
  /** Of each session. */
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** How many it may take. */
  readonly sessions: number;
}

const MIB = 1024 * 1024;
/** What a child holds beside its guests: Node, the compiler, what lies between two collections. */
const OWN_MEMORY_BYTES = 256 * MIB;
/** What the kernel counts as its data besides: V8 sets 512 MiB aside for the code of each isolate, and Node's is one. */
const OWN_DATA_BYTES = 768 * MIB;
const ISOLATE_DATA_BYTES = 528 * MIB;
/** V8's limit is soft: it is met when garbage has been collected. */
const SOFTNESS = 3;

/** Resident memory at which a child is ended whose sessions may have `memoryBytes` together. */
export function residentLimitBytes(memoryBytes: number): number {
  return OWN_MEMORY_BYTES + SOFTNESS * memoryBytes;
}

function dataLimitBytes({ memoryBytes, sessions }: ChildSize): number {
  // One isolate more: a spare, and what is not freed yet.
  return OWN_DATA_BYTES + ISOLATE_DATA_BYTES * (sessions + 1) + SOFTNESS * memoryBytes * sessions;
}

/** Starts confined children, by what the machine offers and the caller requires. */
export class ChildStarter {
  readonly #engine: EngineName;
  readonly #required: ReadonlySet<IsolationLayer>;
  /** Layers with which children do not start here, and why. */
  readonly #without = new Map<OptionalLayer, string>();
  #isolation: Isolation | undefined;

  constructor(engine: EngineName, required: readonly IsolationLayer[]) {
    this.#engine = engine;
    this.#required = new Set(required);
  }

  /** Known when a child has started. */
  get isolation(): Isolation | undefined {
    return this.#isolation;
  }

  /** @throws {CodeModeError} `UNSUPPORTED` without a layer that is required, `SANDBOX_CRASHED` when none starts. */
  async start(size: ChildSize, events: ChildEvents): Promise<ConfinedChild> {
    const without = new Map(this.#without);
    for (;;) {
      const { memoryBytes, stackBytes } = size;
      const confinement = confine({ engine: this.#engine, stackBytes, dataBytes: dataLimitBytes(size), without });
      const child = new ConfinedChild(confinement, residentLimitBytes(memoryBytes), events);
      child.ref();
      try {
        const ready = await child.ready;
        this.#accept(child, ready, without);
        child.unref();
        return child;
      } catch (error) {
        await child.close();
        const layer = OPTIONAL_LAYERS.find((each) => confinement.layers.includes(each) && !this.#required.has(each));
        if (layer === undefined || error instanceof CodeModeError) throw startError(error);
        without.set(layer, error instanceof Error ? error.message : String(error));
      }
    }
  }

  #accept(child: ConfinedChild, ready: Ready, without: ReadonlyMap<OptionalLayer, string>): void {
    const { engine, reason, permission } = ready;
    const layers: IsolationLayer[] = [engine === 'v8' ? 'v8-isolate' : 'quickjs'];
    if (permission) layers.push('permission');
    layers.push(...child.layers);
    const missing: Partial<Record<IsolationLayer, string>> = Object.fromEntries(without);
    if (engine === 'quickjs') missing['v8-isolate'] = reason;
    for (const layer of ['bubblewrap', 'process-limits', 'seccomp', 'memory-watchdog'] as const)
      if (!layers.includes(layer)) missing[layer] ??= 'not on this machine';
    const lacking = [...this.#required].filter((layer) => !layers.includes(layer));
    if (lacking.length > 0) {
      const why = lacking.map((layer) => `${layer} (${missing[layer] ?? 'off'})`).join(', ');
      throw new CodeModeError(
        'UNSUPPORTED',
        `Cannot start the sandbox: requireIsolation asks for ${why}; install what is missing, or ask for less`,
        { details: { lacking } },
      );
    }
    for (const [layer, cause] of without) this.#without.set(layer, cause);
    this.#isolation = { engine, layers, missing };
  }
}

function startError(error: unknown): CodeModeError {
  if (error instanceof CodeModeError) return error;
  return new CodeModeError('SANDBOX_CRASHED', error instanceof Error ? error.message : String(error), { cause: error });
}
