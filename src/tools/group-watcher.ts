import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * Reads `+ 123` and `- 123`, one a line, until its input ends, and kills the groups that are left. Only what a shell
 * has built in: it starts no process, and needs no PATH.
 */
const SHELL_SCRIPT = `trap '' HUP INT TERM QUIT
live=' '
while read -r change id; do
  case $change in
    +) live="$live$id " ;;
    -) case $live in *" $id "*) live="\${live%% $id *} \${live#* $id }" ;; esac ;;
  esac
done
for id in $live; do kill -s KILL -- "-$id"; done`;

const NODE_SCRIPT = import.meta.url.endsWith('.ts') ? './group-watcher-process.ts' : './group-watcher-process.js';

/** What a watcher may run on. The lightest comes first: a shell takes 1 MB and 1 ms, Node 40 of each. */
export const WATCHER_COMMANDS: readonly (readonly [command: string, ...args: string[]])[] = [
  // The last word is the name that the shell goes by in listings of processes.
  ['/bin/sh', '-c', SHELL_SCRIPT, 'ts-code-mode-watcher'],
  [process.execPath, fileURLToPath(new URL(NODE_SCRIPT, import.meta.url))],
];

/**
 * A small process that outlives this one by a moment, however it ends: it holds the read end of a pipe, is told which
 * process groups are alive, and kills them when the pipe ends. Then it ends too.
 *
 * It leads a session of its own, so that a terminal's Ctrl-C or its closing does not reach it, and ignores the signals
 * that a supervisor sends to all: it has to be the last. It never keeps this process alive.
 */
export class GroupWatcher {
  #pipe: Socket | undefined;

  /** @param commands what to try, in this order */
  constructor(commands: typeof WATCHER_COMMANDS = WATCHER_COMMANDS) {
    for (const command of commands) {
      this.#pipe = this.#start(command);
      if (this.#pipe !== undefined) return;
    }
  }

  /** False when somebody killed it, or none could be started: then make another one when there is need. */
  get isWatching(): boolean {
    return this.#pipe !== undefined;
  }

  add(groupId: number): void {
    this.#tell(`+ ${groupId}\n`);
  }

  remove(groupId: number): void {
    this.#tell(`- ${groupId}\n`);
  }

  /** Written at once, as far as the pipe takes it; nobody waits for what it does not take. */
  #tell(line: string): void {
    this.#pipe?.write(line);
  }

  /** With no environment, which may hold secrets, and in no folder that someone may want to remove. */
  #start([command, ...args]: (typeof WATCHER_COMMANDS)[number]): Socket | undefined {
    try {
      const child = spawn(command, args, { detached: true, cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
      child.once('error', () => {}); // `pid` says it already
      if (child.pid === undefined || !(child.stdin instanceof Socket)) return undefined;
      child.once('exit', this.#onEnd).unref();
      return child.stdin.on('error', this.#onEnd).unref();
    } catch {
      return undefined;
    }
  }

  readonly #onEnd = (): void => {
    this.#pipe?.destroy();
    this.#pipe = undefined;
  };
}
