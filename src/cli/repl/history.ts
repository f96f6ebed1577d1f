import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stateFolder } from '../base-folder.ts';
import { printWarning } from '../output.ts';

const MAX_LINES = 1_000;

/** The lines typed so far, over all REPLs of this user. It holds what was typed: readable by its owner alone. */
export class History {
  readonly #file = join(stateFolder(), 'repl-history');
  #state: 'usable' | 'unusable' = 'usable';
  #written: Promise<void> = Promise.resolve();

  /** Newest first, as readline wants them. */
  async load(): Promise<string[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const kept = lines.slice(-MAX_LINES);
    if (lines.length > 2 * MAX_LINES)
      await this.#write(() => writeFile(this.#file, `${kept.join('\n')}\n`, { mode: 0o600 }));
    return kept.toReversed();
  }

  /** Appended at once: several REPLs may be open, and one may crash. */
  add(line: string): void {
    if (line.trim() === '') return;
    this.#written = this.#written.then(() => this.#write(() => appendFile(this.#file, `${line}\n`, { mode: 0o600 })));
  }

  /** Resolves when all that was added is in the file. */
  async flush(): Promise<void> {
    await this.#written;
  }

  async #write(write: () => Promise<void>): Promise<void> {
    if (this.#state === 'unusable') return;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      await write();
    } catch (error) {
      this.#state = 'unusable';
      printWarning(`the history is not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
