import { JSException, QuickJS } from 'quickjs-wasi';
import type { JSValueHandle, QuickJSOptions } from 'quickjs-wasi';

import { RUNTIME_FUNCTIONS } from '../../guest/host-interface.ts';
import type { GuestRuntime } from '../../guest/host-interface.ts';
import type { EncodedValue } from '../../protocol/codec/message.ts';
import type { BaseImage } from './messages.ts';
import { isOutOfMemory, outOfMemory } from './out-of-memory.ts';
import { captureImage, expandImage } from './session-image.ts';
import type { SessionImage } from './session-image.ts';

/** What a VM asks of the thread it lives in. Called while guest code is on the stack: must never throw. */
export type HostFunctions = Readonly<Record<string, HostFunction>>;
export type HostFunction = (machine: VirtualMachine, ...args: JSValueHandle[]) => JSValueHandle;

/** The session whose code runs in a VM, as the host functions see it. */
export interface MachineOwner {
  /** The host functions' own view of the session; see `host-functions.ts`. */
  readonly id: number;
  onRejection(promise: JSValueHandle, reason: JSValueHandle, handled: boolean): void;
}

export interface VirtualMachineOptions {
  readonly engine: WebAssembly.Module;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  readonly host: HostFunctions;
  /** Polled every few thousand steps of guest code; true ends what runs. */
  readonly interrupt: () => boolean;
}

/** One QuickJS engine with the guest's runtime in it. */
export class VirtualMachine {
  /** Set once the VM belongs to a session; a spare one has none. */
  owner: MachineOwner | undefined;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  readonly #engine: QuickJS;
  readonly #memory: () => ArrayBuffer;
  readonly #functions: Readonly<Record<string, JSValueHandle>>;

  private constructor(
    engine: QuickJS,
    memory: () => ArrayBuffer,
    functions: Readonly<Record<string, JSValueHandle>>,
    options: VirtualMachineOptions,
  ) {
    this.#engine = engine;
    this.#memory = memory;
    this.#functions = functions;
    this.memoryBytes = options.memoryBytes;
    this.stackBytes = options.stackBytes;
  }

  /** Boots the guest's runtime in a new engine and captures it: what every session starts from. */
  static async buildBase(prelude: string, options: VirtualMachineOptions): Promise<BaseImage> {
    const { engineOptions } = engineOptionsFor(options, () => undefined);
    const engine = await QuickJS.create(engineOptions);
    const boot = engine.evalCode(prelude, 'runtime');
    const host = engine.newObject();
    for (const name of Object.keys(options.host)) {
      // The base boots without running agent code, so nothing calls these before a restore binds them anew.
      host.setProp(
        name,
        engine.newFunction(name, () => engine.undefined),
      );
    }
    const runtime = engine.callFunction(boot, engine.undefined, host, engine.global);
    const tokens = Object.fromEntries(
      RUNTIME_FUNCTIONS.map((name) => [name, engine.exportHandle(runtime.getProp(name))]),
    );
    engine.runGC();
    const { memory, stackPointer, runtimePtr, contextPtr } = engine.snapshot();
    const shared = new SharedArrayBuffer(memory.byteLength);
    new Uint8Array(shared).set(memory);
    return { memory: shared, stackPointer, runtimePtr, contextPtr, tokens };
  }

  /** A VM in the state of `image`, or of the base. Its random numbers are its own. */
  static async restore(
    base: BaseImage,
    image: SessionImage | undefined,
    options: VirtualMachineOptions,
  ): Promise<VirtualMachine> {
    let machine: VirtualMachine | undefined;
    const { engineOptions, memory } = engineOptionsFor(options, () => machine);
    const { stackPointer, runtimePtr, contextPtr, tokens } = base;
    const bytes = expandImage(image, new Uint8Array(base.memory));
    const engine = await QuickJS.restore(
      { memory: bytes, stackPointer, runtimePtr, contextPtr, extensions: [] },
      engineOptions,
    );
    const functions = Object.fromEntries(
      Object.entries(tokens).map(([name, token]) => [name, engine.importHandle(token)]),
    );
    machine = new VirtualMachine(engine, memory, functions, options);
    for (const [name, fn] of Object.entries(options.host)) {
      const bound = machine;
      engine.registerHostCallback(name, (...args) => withoutHostStack(() => fn(bound, ...args)));
    }
    machine.callRuntime('reseed').dispose();
    return machine;
  }

  /** Size of the linear memory, in bytes. It never shrinks. */
  get totalBytes(): number {
    return this.#memory().byteLength;
  }

  capture(base: BaseImage): SessionImage {
    return captureImage(new Uint8Array(this.#memory()), new Uint8Array(base.memory));
  }

  /** Runs `work` and frees every handle it made, but that of what it throws. */
  scope<Result>(work: () => Result): Result {
    return this.#engine.withScope((scope) => {
      try {
        return work();
      } catch (error) {
        if (error instanceof JSException) scope.escape(error.handle);
        throw error;
      }
    });
  }

  /** Evaluates a script; the caller disposes the answer. Throws a JSException. */
  evaluate(code: string, file: string): JSValueHandle {
    return this.#engine.evalCode(code, file);
  }

  /**
   * Runs promise jobs until there are none, then throws the first JSException that one of them threw: callbacks of
   * `queueMicrotask` and `FinalizationRegistry` may, and guest code that is interrupted.
   */
  runJobs(): void {
    // The engine's own loop ends at the first, and throws its text alone.
    const jobs = this.#engine._getExports();
    let first: JSException | undefined;
    while (jobs.qjs_is_job_pending() !== 0) {
      if (jobs.qjs_execute_pending_job() >= 0) continue;
      const thrown = this.#engine.getException();
      if (first === undefined) first = new JSException(thrown);
      else thrown.dispose();
    }
    if (first !== undefined) throw first;
  }

  callRuntime(name: keyof GuestRuntime, ...args: readonly JSValueHandle[]): JSValueHandle {
    const fn = this.#functions[name];
    if (fn === undefined) throw new Error(`the guest's runtime has no function ${name}`);
    return this.#engine.callFunction(fn, this.#engine.undefined, ...args);
  }

  /** The value or reason of a settled promise, read without running guest code. */
  async promiseResult(promise: JSValueHandle): Promise<JSValueHandle> {
    const settled = await this.#engine.resolvePromise(promise);
    return 'value' in settled ? settled.value : settled.error;
  }

  get undefined(): JSValueHandle {
    return this.#engine.undefined;
  }

  /** Throws when there is no memory for it, as `bytes` does. */
  string(text: string): JSValueHandle {
    const handle = this.#engine.newString(text);
    return handle.isString ? handle : this.#noMemoryFor(handle);
  }

  number(value: number): JSValueHandle {
    return this.#engine.newNumber(value);
  }

  boolean(value: boolean): JSValueHandle {
    return value ? this.#engine.true : this.#engine.false;
  }

  bytes(data: ArrayBuffer | Uint8Array): JSValueHandle {
    const handle = this.#engine.newArrayBuffer(data);
    return handle.isArrayBuffer ? handle : this.#noMemoryFor(handle);
  }

  /** `text, plain, ...parts`, as the runtime's functions take an encoded value. */
  encodedArguments(encoded: EncodedValue): JSValueHandle[] {
    const parts = encoded.parts.map((part) => (typeof part === 'string' ? this.string(part) : this.bytes(part)));
    return [this.string(encoded.text), this.boolean(encoded.plain), ...parts];
  }

  dispose(): void {
    this.#engine.dispose();
  }

  #noMemoryFor(handle: JSValueHandle): never {
    handle.dispose();
    this.#engine.getException().dispose();
    throw outOfMemory();
  }
}

/** What the engine's binding answers for a string that there is no memory to convert; a string may also be just that. */
const UNREADABLE = '<null>';

/**
 * The text of a string of the guest's. Anything else would be converted by the agent's code.
 *
 * @throws when the engine has no memory to convert it.
 */
export function readString(handle: JSValueHandle): string {
  const text = handle.toString();
  if (text === UNREADABLE) {
    const length = handle.getProp('length').consume((value) => value.toNumber());
    if (length !== UNREADABLE.length) {
      handle.vm.getException().dispose();
      throw outOfMemory();
    }
    checkMemory(handle);
  }
  return text;
}

/** @throws when the engine has no memory to read them with. */
export function readBytes(handle: JSValueHandle): ArrayBuffer {
  checkMemory(handle);
  return handle.toArrayBuffer();
}

/** The engine's binding does not look at whether it got the few bytes that reading a value takes. */
function checkMemory({ vm }: JSValueHandle): void {
  const probe = vm.newString(UNREADABLE);
  const { isString } = probe;
  probe.dispose();
  if (!isString) throw outOfMemory();
}

/** Reads `text, plain, ...parts` from a call of the runtime. */
export function readEncoded(args: readonly JSValueHandle[]): EncodedValue {
  const [text, plain, ...parts] = args;
  return {
    text: text?.isString === true ? readString(text) : '',
    plain: plain?.toBoolean() === true,
    parts: readParts(parts),
  };
}

export function readParts(parts: readonly JSValueHandle[]): (ArrayBuffer | string)[] {
  return parts.map((part) => (part.isString ? readString(part) : readBytes(part)));
}

/** The engine copies the stack of what a host function throws into the guest: it must not name the host's files. */
function withoutHostStack<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const error = isOutOfMemory(cause) ? outOfMemory() : new Error('The host could not answer');
    error.stack = '';
    throw error;
  }
}

function engineOptionsFor(options: VirtualMachineOptions, machine: () => VirtualMachine | undefined) {
  let memory: WebAssembly.Memory | undefined;
  const engineOptions: QuickJSOptions = {
    wasm: options.engine,
    memoryLimit: options.memoryBytes,
    maxStackSize: options.stackBytes,
    interruptHandler: options.interrupt,
    onUnhandledRejection: (promise, reason, handled) => machine()?.owner?.onRejection(promise, reason, handled),
    wasi: (linearMemory) => {
      memory = linearMemory;
      // The engine's own diagnostics must not reach the host's stdout.
      return { fd_write: () => 8 };
    },
  };
  const buffer = (): ArrayBuffer => {
    if (memory === undefined) throw new Error('the engine has no memory yet');
    const { buffer: current } = memory;
    if (!(current instanceof ArrayBuffer)) throw new Error('the engine has shared memory');
    return current;
  };
  return { engineOptions, memory: buffer };
}
