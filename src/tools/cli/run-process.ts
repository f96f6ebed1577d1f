import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { signalGroup, startGroup, untrackGroup } from '../process-groups.ts';
import type { StartFolder } from './cli-definition.ts';
import { startFailure } from './start-failure.ts';

export interface ProcessRequest {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment; `PATH` in it is where the command is looked for. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined: this process's own. */
  readonly cwd: StartFolder | undefined;
  /** Undefined: stdin is closed. */
  readonly stdin: string | Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
  readonly onStderr: (text: string) => void;
}

export interface ProcessOutcome {
  readonly stdout: Uint8Array;
  /** The last 8,192 characters. */
  readonly stderrTail: string;
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long a process may take to end itself after SIGTERM. */
const KILL_GRACE_MS = 2_000;
/** How long to wait for the output of a process that is gone, or killed: what it left running may hold its pipes. */
const DRAIN_MS = 1_000;
const STDERR_TAIL_CHARS = 8_192;

/**
 * Runs a command without a shell, in a process group of its own, and collects its output.
 *
 * Time-out, abort and too much output end the whole group: SIGTERM, two seconds later SIGKILL. It settles when the
 * process has ended, in any case within about three seconds after that. What a command that ended by itself
 * left in the background is killed when it still holds the output a second later.
 *
 * @throws {CodeModeError} `ABORTED`, `TOOL_TIMEOUT`, `TOOL_OUTPUT_LIMIT`, `TOOL_NOT_INSTALLED`, `TOOL_FAILED` or
 * `INVALID_ARGUMENTS` when it can't be started. An exit code is not judged here.
 */
export function runProcess(request: ProcessRequest): Promise<ProcessOutcome> {
  return new Promise((resolve, reject) => {
    new ProcessRun(request, resolve, reject).start();
  });
}

class ProcessRun {
  readonly #request: ProcessRequest;
  readonly #resolve: (outcome: ProcessOutcome) => void;
  readonly #reject: (error: CodeModeError) => void;
  #state: 'running' | 'ending' | 'settled' = 'running';
  #child: ChildProcess | undefined;
  /** Why it is being ended, from the state `ending` on. */
  #failure: CodeModeError | undefined;
  #hasExited = false;
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  #stderrTail = '';
  #timeout: NodeJS.Timeout | undefined;
  #kill: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;

  constructor(
    request: ProcessRequest,
    resolve: (outcome: ProcessOutcome) => void,
    reject: (error: CodeModeError) => void,
  ) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { argv, env, cwd, stdin, signal, timeoutMs } = this.#request;
    if (signal.aborted) return this.#reject(this.#aborted());
    const [command, ...args] = argv;
    try {
      // `detached` makes it the leader of a new process group, whose id is its pid.
      this.#child = startGroup(() =>
        spawn(command, args, {
          env,
          cwd: cwd?.path,
          detached: true,
          stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        }),
      );
    } catch (error) {
      return this.#reject(startFailure(error, argv, cwd));
    }
    const child = this.#child;
    child.once('error', (error) => {
      if (child.pid === undefined) this.#settle(startFailure(error, argv, cwd));
    });
    if (child.pid === undefined) return;
    signal.addEventListener('abort', this.#onAbort);
    this.#timeout = setTimeout(this.#onTimeout, timeoutMs);
    child.once('exit', this.#onExit);
    child.once('close', () => this.#settle());
    this.#connect(child);
  }

  #connect(child: ChildProcess): void {
    child.stdout?.on('data', this.#onStdout);
    child.stderr?.setEncoding('utf8').on('data', this.#onStderr);
    // A pipe that breaks (EPIPE: the command ended without reading its input) is no failure of its own:
    // the command is judged by its exit code.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => {});
    child.stdin?.end(this.#request.stdin);
  }

  readonly #onStdout = (chunk: Buffer): void => {
    if (this.#state !== 'running') return;
    this.#stdoutBytes += chunk.length;
    this.#stdout.push(chunk);
    const { maxOutputBytes } = this.#request;
    if (this.#stdoutBytes <= maxOutputBytes) return;
    this.#stdout.length = 0;
    const message = `more than ${maxOutputBytes} bytes of output; ask for less, or raise max_output_bytes in the tool file`;
    this.#end(this.#failed('TOOL_OUTPUT_LIMIT', message, { maxOutputBytes }));
  };

  readonly #onStderr = (text: string): void => {
    this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
    this.#request.onStderr(text);
  };

  readonly #onAbort = (): void => this.#end(this.#aborted());

  readonly #onTimeout = (): void => {
    const { timeoutMs } = this.#request;
    this.#end(
      this.#failed(
        'TOOL_TIMEOUT',
        `no result within ${timeoutMs / 1000} seconds; ask for less, or raise timeout in the tool file`,
        { timeoutMs },
      ),
    );
  };

  readonly #onExit = (): void => {
    this.#hasExited = true;
    if (this.#state === 'ending') this.#signalGroup('SIGKILL');
    this.#waitForOutput();
  };

  /** Ends the group. The process's own end, or the last resort here, settles. */
  #end(failure: CodeModeError): void {
    if (this.#state !== 'running') return;
    this.#state = 'ending';
    this.#failure = failure;
    if (this.#hasExited) return this.#signalGroup('SIGKILL');
    this.#signalGroup('SIGTERM');
    this.#kill = setTimeout(() => {
      this.#signalGroup('SIGKILL');
      this.#kill = setTimeout(() => this.#settle(), DRAIN_MS);
    }, KILL_GRACE_MS);
  }

  /** Waits as long as output keeps coming. A busy host may be late to read: it gets one more turn before it gives up. */
  #waitForOutput(): void {
    if (this.#state === 'settled') return;
    const seenBytes = this.#stdoutBytes;
    this.#drain = setTimeout(() => {
      setImmediate(() => {
        if (this.#state === 'running' && this.#stdoutBytes > seenBytes) return this.#waitForOutput();
        this.#signalGroup('SIGKILL');
        this.#settle();
      });
    }, DRAIN_MS);
  }

  #settle(startError?: CodeModeError): void {
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    clearTimeout(this.#timeout);
    clearTimeout(this.#kill);
    clearTimeout(this.#drain);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    const child = this.#child;
    if (child?.pid !== undefined) untrackGroup(child.pid);
    for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy();
    const failure = startError ?? this.#failure;
    if (failure !== undefined) return this.#reject(failure);
    this.#resolve({
      stdout: joined(this.#stdout, this.#stdoutBytes),
      stderrTail: this.#stderrTail,
      exitCode: child?.exitCode ?? null,
      signal: child?.signalCode ?? null,
    });
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const groupId = this.#child?.pid;
    if (groupId !== undefined && this.#state !== 'settled') signalGroup(groupId, signal);
  }

  #aborted(): CodeModeError {
    return this.#failed('ABORTED', 'the call was cancelled; call it again if it is still wanted', {});
  }

  #failed(
    code: 'ABORTED' | 'TOOL_TIMEOUT' | 'TOOL_OUTPUT_LIMIT',
    reason: string,
    details: Readonly<Record<string, unknown>>,
  ): CodeModeError {
    return new CodeModeError(code, `Cannot run ${this.#request.argv[0]}: ${reason}`, {
      details: { ...details, stderr: this.#stderrTail },
    });
  }
}

/** Memory of its own: Node's small buffers share a pool, and what crosses to the guest may be taken whole. */
function joined(chunks: readonly Buffer[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
