import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLine, ENTRY } from '../command-line.ts';

describe('repl', () => {
  it('runs cells from standard input, over several lines, and keeps what they declare', async () => {
    await using commandLine = await CommandLine.open();
    const stdin = `const list = [\n  1,\n  2,\n];\nconsole.log('log')\nlist.map((n) =>\n  n * 2)\n.reset\ntypeof list\n`;
    expect(await commandLine.call(['repl'], { stdin })).toEqual({
      code: 0,
      signal: null,
      stdout: `[ 2, 4 ]\n'undefined'\n`,
      stderr: 'log\n',
    });
  });

  it('goes on after an error, and fails in the end', async () => {
    await using commandLine = await CommandLine.open();
    const { code, stdout, stderr } = await commandLine.call(['repl'], { stdin: `throw new Error('no')\n1\n` });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '1\n' });
    expect(stderr).toMatch(/^error: no\n/);
  });

  it('says what is missing when the input ends within a cell', async () => {
    await using commandLine = await CommandLine.open();
    const { code, stderr } = await commandLine.call(['repl'], { stdin: 'function f() {\n' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Cannot parse run-1\.ts/);
  });

  it('ends at .exit', async () => {
    await using commandLine = await CommandLine.open();
    expect(await commandLine.call(['repl'], { stdin: '.exit\n1\n' })).toMatchObject({ code: 0, stdout: '' });
  });
});

const ESCAPE = String.fromCodePoint(27);
const CTRL_C = String.fromCodePoint(3);
const CTRL_D = String.fromCodePoint(4);

/** The REPL under a pseudo-terminal, which `script` makes: `say` types, `until` waits for the screen. */
class Terminal {
  readonly #child;
  #screen = '';

  constructor(commandLine: CommandLine) {
    const command = `stty -echo cols 200; exec '${process.execPath}' '${ENTRY}' repl`;
    this.#child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: commandLine.home,
      env: { ...commandLine.environment, TERM: 'xterm', NO_COLOR: '1', SHELL: '/bin/sh' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#screen += text));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits for a text on the screen, and forgets what came before it. */
  async until(text: string): Promise<void> {
    await expect.poll(() => this.#screen, { timeout: 20_000 }).toContain(text);
    this.#screen = this.#screen.slice(this.#screen.indexOf(text) + text.length);
  }

  ended(): Promise<number | null> {
    return new Promise((resolve) => {
      this.#child.on('close', resolve);
    });
  }
}

describe('repl on a terminal', () => {
  it('prompts, completes, keeps a history, cancels with Ctrl-C and ends with Ctrl-D', async () => {
    await using commandLine = await CommandLine.open({ 'tools/sleep.yaml': 'name: sleep\ncommand: [sleep, "300"]\n' });
    const terminal = new Terminal(commandLine);
    const ended = terminal.ended();
    await terminal.until('> ');
    terminal.type('const answer = {\r');
    await terminal.until('... ');
    terminal.type('n: 42 }\r');
    await terminal.until('> ');
    terminal.type('answ\t');
    await terminal.until('er');
    terminal.type('.n\r');
    await terminal.until('42');
    terminal.type('await tools.sl\t');
    await terminal.until('eep');
    terminal.type('() // runs\r');
    await terminal.until('// runs');
    terminal.type(CTRL_C);
    await terminal.until('interrupted');
    terminal.type(`'never run'\r${CTRL_C}`);
    await terminal.until('> ');
    terminal.type(`half a line${CTRL_C}`);
    await terminal.until('> ');
    terminal.type(`'${ESCAPE}[A'`.replaceAll("'", ''));
    await terminal.until(`'never run'`);
    terminal.type(`${CTRL_C}${CTRL_D}`);
    expect(await ended).toBe(0);
    const history = await readFile(join(commandLine.home, 'state', 'ts-code-mode', 'repl-history'), 'utf8');
    expect(history.split('\n')).toContain('await tools.sleep() // runs');
  });
});
