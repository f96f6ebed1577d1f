import type ivm from 'isolated-vm';

import { GUEST_DRIVER } from '#guest-driver';
import { GUEST_PRELUDE } from '#guest-prelude';

import { DRIVER_FUNCTIONS } from './guest/driver-interface.ts';
import type { Driver } from './guest/driver-interface.ts';

/** What isolated-vm exports. */
export type IsolatedVm = typeof ivm;

/** Answers a call of the guest's runtime: see `GuestHost`. What it throws becomes undefined. */
export type AnswerGuest = (name: string, args: readonly unknown[]) => unknown;

/** The code ran until its time was up; the isolate lives on. */
export class RanTooLong extends Error {}
/** The isolate is gone, and its variables with it. */
export class IsolateLost extends Error {}

const MIB = 1024 * 1024;
/** The least that isolated-vm takes. */
const MIN_MEMORY_MIB = 8;
const MAX_REASON_CHARACTERS = 200;

/**
 * One isolate of V8 with the guest's runtime in it, on this thread: while its code runs, nothing else does.
 *
 * The guest is given one function of this side, which copies what it is passed; every reference is held here. No
 * `onCatastrophicError`: with one, an isolate that V8 has lost would put this thread to sleep for ever, without one it
 * ends the process, which the host notices at once.
 */
export class Isolate {
  readonly memoryBytes: number;
  /** Set once it belongs to a session. */
  answer: AnswerGuest = () => undefined;
  /** What a promise was rejected with that nobody awaited when the last entry ended. */
  rejection: string | undefined;

  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #driver: ReadonlyMap<keyof Driver, ivm.Reference<unknown>>;

  constructor(vm: IsolatedVm, memoryBytes: number) {
    this.memoryBytes = memoryBytes;
    this.#isolate = new vm.Isolate({ memoryLimit: Math.max(MIN_MEMORY_MIB, Math.ceil(memoryBytes / MIB)) });
    this.#context = this.#isolate.createContextSync();
    const callHost = new vm.Callback((name: string, ...args: unknown[]) => this.#answer(name, args));
    const asReference = { reference: true } as const;
    const runtime = { filename: 'runtime' };
    const prepare = this.#context.evalSync(GUEST_DRIVER, { ...asReference, ...runtime });
    const connect = apply(prepare, [callHost, this.#context.global.derefInto()]);
    const boot = this.#context.evalSync(GUEST_PRELUDE, { ...asReference, ...runtime });
    const driver: ivm.Reference = apply(connect, [boot.derefInto()]);
    this.#driver = new Map(DRIVER_FUNCTIONS.map((name) => [name, memberOf(driver, name)]));
  }

  /** Compiles a cell and starts it. @throws {SyntaxError} when V8 refuses what the compiler has made. */
  start(cell: { readonly code: string; readonly file: string }, limits: readonly number[], timeoutMs: number): void {
    const script = this.#compile(cell);
    // It only declares what the cell declares; its value is a function that is the cell.
    const run = this.#enter(timeoutMs, (timeout) =>
      script.runSync(this.#context, { timeout, reference: true, release: true }),
    );
    this.call('start', [run?.derefInto({ release: true }), ...limits], timeoutMs);
  }

  /** Calls a function of the driver, and lets every promise job run. @throws {RanTooLong | IsolateLost} */
  call(name: keyof Driver, args: readonly unknown[], timeoutMs: number): void {
    this.rejection = undefined;
    this.#enter(timeoutMs, (timeout) =>
      this.#driver.get(name)?.applySync(undefined, [...args], { timeout, arguments: { copy: true } }),
    );
  }

  get isDisposed(): boolean {
    return this.#isolate.isDisposed;
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  #compile({ code, file }: { readonly code: string; readonly file: string }): ivm.Script {
    try {
      return this.#isolate.compileScriptSync(code, { filename: file });
    } catch (error) {
      throw this.#isolate.isDisposed ? new IsolateLost('The isolate is gone', { cause: error }) : error;
    }
  }

  #enter<Result>(timeoutMs: number, work: (timeout: number) => Result): Result | undefined {
    const timeout = Math.max(1, Math.ceil(timeoutMs));
    const startedAt = performance.now();
    try {
      return work(timeout);
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      if (this.#isolate.isDisposed || message.startsWith('Isolate was disposed'))
        throw new IsolateLost(message, { cause: error });
      if (message === 'Script execution timed out.' && performance.now() - startedAt >= timeout - 1)
        throw new RanTooLong(message, { cause: error });
      // The driver throws nothing itself: this is what isolated-vm makes of a rejected promise.
      this.rejection = describeRejection(error);
      return undefined;
    }
  }

  /** An error that is thrown here would take this side's stack with it into the guest. */
  #answer(name: string, args: readonly unknown[]): unknown {
    try {
      return this.answer(name, args);
    } catch {
      return undefined;
    }
  }
}

/** Calls a function of the isolate that answers an object of it. */
function apply(fn: ivm.Reference<unknown>, args: readonly unknown[]): ivm.Reference<unknown> {
  return fn.applySync(undefined, [...args], { result: { reference: true } });
}

function memberOf(object: ivm.Reference, name: string): ivm.Reference<unknown> {
  return object.getSync(name, { reference: true });
}

function describeRejection(reason: unknown): string {
  if (typeof reason === 'string') return reason.slice(0, MAX_REASON_CHARACTERS);
  return reason instanceof Error ? reason.message.slice(0, MAX_REASON_CHARACTERS) : 'a value that is no error';
}
