import { constants } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Interface } from 'node:readline/promises';
import { toErrorData } from '../../errors/error-data.ts';
import type { Session } from '../../session.ts';
import { exitCodeOf } from '../exit-code.ts';
import {
  inspectValue,
  printData,
  printError,
  printJson,
  printLine,
  printNote,
  printTable,
  printWarning,
  styled,
} from '../output.ts';
import { printEvent } from '../run-code.ts';
import { limitsOf } from '../run-flags.ts';
import type { RunFlags } from '../run-flags.ts';
import { oneLine } from '../terminal.ts';
import { complete, REPL_COMMANDS } from './complete.ts';
import { History } from './history.ts';
import { isIncomplete } from './is-incomplete.ts';

const PROMPT = '> ';
const CONTINUATION = '... ';
const HELP = `Type TypeScript; tools, skills and artifacts are at hand, and what you declare stays.
  .types  the declarations of what is at hand
  .tools  what can be called
  .reset  forget what was declared
  .exit   end (also Ctrl-D)
Ctrl-C cancels what runs, or what was typed. Tab completes.`;

export interface ReplOptions {
  readonly flags: RunFlags;
  /** One JSON document a line for each result. */
  readonly json: boolean;
}

/** Reads cells from stdin and runs them, until the input ends. */
export class Repl {
  readonly #session: Session;
  readonly #options: ReplOptions;
  readonly #isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  readonly #history = new History();
  #lines: string[] = [];
  /** Lines that were typed and are yet to be looked at: the reader hands them on a little later. */
  #waiting = 0;
  /** How many of them a Ctrl-C has cancelled. */
  #cancelled = 0;
  #running: AbortController | undefined;
  #state: 'reading' | 'ending' = 'reading';
  #exitCode = 0;

  constructor(session: Session, options: ReplOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** @returns the exit code: that of the last cell that failed when the input is no terminal, 130 when interrupted */
  async start(): Promise<number> {
    const input = await this.#open();
    const onInterrupt = (): void => this.#onInterrupt(input);
    const onTerminate = (signal: NodeJS.Signals): void => this.#end(input, 128 + constants.signals[signal]);
    input.on('SIGINT', onInterrupt);
    input.on('line', () => (this.#waiting += 1));
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate);
    try {
      if (this.#isTerminal) printNote('.help says what there is; Ctrl-D ends.');
      this.#prompt(input);
      for await (const line of input) {
        this.#waiting -= 1;
        if (this.#state === 'ending') break;
        if (this.#cancelled > 0) this.#cancelled -= 1;
        else if ((await this.#take(line)) === 'exit') break;
        this.#prompt(input);
      }
      // What is left when the input ends is run as it is: the error says what is missing.
      if (this.#lines.length > 0 && this.#state === 'reading') await this.#run(this.#lines.join('\n'));
    } finally {
      input.close();
      await this.#history.flush();
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate);
    }
    return this.#exitCode;
  }

  async #open(): Promise<Interface> {
    const terminal = this.#isTerminal;
    return createInterface({
      input: process.stdin,
      terminal,
      // Prompts are no data.
      ...(terminal
        ? { output: process.stderr, history: await this.#history.load(), removeHistoryDuplicates: true }
        : {}),
      completer: (line: string) => this.#complete(line),
    });
  }

  /** While code runs the session can't be asked. */
  async #complete(line: string): Promise<[string[], string]> {
    if (this.#running !== undefined) return [[], line];
    return complete(line, this.#session).catch((): [string[], string] => [[], line]);
  }

  #prompt(input: Interface): void {
    if (!this.#isTerminal) return;
    input.setPrompt(this.#lines.length === 0 ? PROMPT : CONTINUATION);
    input.prompt();
  }

  async #take(line: string): Promise<'exit' | 'go on'> {
    if (this.#isTerminal) this.#history.add(line);
    if (this.#lines.length === 0 && line.startsWith('.')) return this.#command(line.trim());
    this.#lines.push(line);
    const code = this.#lines.join('\n');
    if (isIncomplete(code)) return 'go on';
    this.#lines = [];
    if (code.trim() !== '') await this.#run(code);
    return 'go on';
  }

  async #command(name: string): Promise<'exit' | 'go on'> {
    if (name === '.exit') return 'exit';
    try {
      await this.#obey(name);
    } catch (error) {
      printError(toErrorData(error));
    }
    return 'go on';
  }

  async #obey(name: string): Promise<void> {
    if (name === '.help') printNote(HELP);
    else if (name === '.types') printData(await this.#session.types());
    else if (name === '.tools') await this.#printTools();
    else if (name === '.reset') await this.#session.reset();
    else
      printNote(
        `${styled('red', 'error:')} Cannot do ${oneLine(name)}: there is no such command; expected ${REPL_COMMANDS.join(', ')}`,
      );
  }

  async #printTools(): Promise<void> {
    const tools = await this.#session.listTools();
    printTable(
      tools.flatMap((tool) => {
        return tool.callables.map(({ name, description }) => {
          return [name === '' ? tool.name : `${tool.name}.${name}`, oneLine(description)];
        });
      }),
    );
  }

  async #run(code: string): Promise<void> {
    this.#running = new AbortController();
    const { signal } = this.#running;
    const result = await this.#session.run(code, { ...limitsOf(this.#options.flags), signal, onEvent: printEvent });
    this.#running = undefined;
    if (!result.ok && !this.#isTerminal && !signal.aborted) this.#exitCode = exitCodeOf(result.error.code);
    if (this.#options.json) return printJson(result);
    for (const warning of result.warnings) printWarning(warning);
    if (!result.ok) return signal.aborted ? printNote('interrupted') : printError(result.error);
    if (result.value !== undefined) printLine(inspectValue(result.value));
  }

  /** Cancels what runs; else what was typed. Without a terminal there is nothing typed to cancel: it ends. */
  #onInterrupt(input: Interface): void {
    if (!this.#isTerminal) return this.#end(input, 130);
    if (this.#running !== undefined) return this.#running.abort();
    const wasEmpty = this.#lines.length === 0 && input.line === '' && this.#waiting === 0;
    this.#lines = [];
    this.#cancelled = this.#waiting;
    // Ctrl-E and Ctrl-U: forget the line.
    input.write(null, { ctrl: true, name: 'e' });
    input.write(null, { ctrl: true, name: 'u' });
    printNote(wasEmpty ? '\n(Ctrl-D ends)' : '');
    this.#prompt(input);
  }

  #end(input: Interface, exitCode: number): void {
    if (this.#state === 'ending') process.exit(exitCode);
    this.#state = 'ending';
    this.#exitCode = exitCode;
    this.#lines = [];
    this.#running?.abort();
    input.close();
  }
}
