import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The script that tests start in place of the installed command. */
export const ENTRY = fileURLToPath(new URL('entry.ts', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** Default: empty. */
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command line under way. */
export interface Started {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** A home of its own: a folder with `.code-mode`, and XDG folders that nobody else uses. */
export class CommandLine implements AsyncDisposable {
  readonly home: string;

  private constructor(home: string) {
    this.home = home;
  }

  /** @param files content by path, under `.code-mode` */
  static async open(files: Readonly<Record<string, string>> = {}): Promise<CommandLine> {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'ts-code-mode-cli-')));
    const commandLine = new CommandLine(home);
    await mkdir(commandLine.base);
    for (const [path, content] of Object.entries(files)) await commandLine.write(path, content);
    return commandLine;
  }

  get base(): string {
    return join(this.home, '.code-mode');
  }

  get environment(): Record<string, string> {
    return {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: this.home,
      XDG_DATA_HOME: join(this.home, 'data'),
      XDG_STATE_HOME: join(this.home, 'state'),
    };
  }

  async write(path: string, content: string): Promise<void> {
    const file = join(this.base, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  start(args: readonly string[], options: CallOptions = {}): Started {
    const child = spawn(process.execPath, [ENTRY, ...args], {
      cwd: options.cwd ?? this.home,
      env: { ...this.environment, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {}).end(options.stdin ?? '');
    const closed = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    const outcome = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(([ended, stdout, stderr]) => {
      return { ...ended, stdout, stderr };
    });
    return { child, outcome };
  }

  call(args: readonly string[], options: CallOptions = {}): Promise<Outcome> {
    return this.start(args, options).outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

export function parseJson(json: string): unknown {
  const value: unknown = JSON.parse(json);
  return value;
}
