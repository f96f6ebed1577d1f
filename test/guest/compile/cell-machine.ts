import { readFileSync } from 'node:fs';

import { QuickJS } from 'quickjs-wasi';

import { compileCell } from '../../../src/guest/compile/compile-cell.ts';
import { mapStack } from '../../../src/guest/compile/map-stack.ts';
import type { SourceRecord } from '../../../src/guest/compile/map-stack.ts';

const wasm = await WebAssembly.compile(readFileSync(new URL(import.meta.resolve('quickjs-wasi/quickjs.wasm'))));
const RESERVED = ['tools', 'skills', 'artifacts', 'console'];

export interface CellResult {
  readonly value?: unknown;
  /** `Name: message`. */
  readonly error?: string;
  readonly stack?: string;
}

/** A real engine that evaluates cells as the worker does. */
export class CellMachine {
  readonly vm: QuickJS;
  readonly #sources = new Map<string, SourceRecord>();
  #count = 0;

  private constructor(vm: QuickJS) {
    this.vm = vm;
  }

  static async create(): Promise<CellMachine> {
    const machine = new CellMachine(await QuickJS.create({ wasm }));
    machine.evaluate(
      'globalThis.log = []; for (const name of ["tools", "skills", "artifacts"]) Object.defineProperty(globalThis, name, { value: { name } });',
    );
    return machine;
  }

  /** Runs a cell in `run-N.ts`, N from 1. */
  run(source: string): CellResult {
    const file = `run-${++this.#count}.ts`;
    const { code, map } = compileCell(source, { file, reserved: RESERVED });
    this.#sources.set(file, { source, map });
    return this.start(code, file);
  }

  remember(file: string, record: SourceRecord): void {
    this.#sources.set(file, record);
  }

  /** Evaluates a script that gives an async function, and calls that. */
  start(code: string, file: string): CellResult {
    return this.vm.withScope(() => {
      const promise = this.vm.callFunction(this.vm.evalCode(code, file), this.vm.undefined);
      this.vm.executePendingJobs();
      if (promise.promiseState === 0) return { error: 'pending' };
      this.vm.setProp(this.vm.global, 'settled', promise);
      this.evaluate(
        `globalThis.outcome = {};
        settled.then((value) => { outcome.value = value; }, (error) => { outcome.error = String(error); outcome.stack = String(error?.stack); });`,
      );
      this.vm.executePendingJobs();
      const error = this.evaluate('outcome.error');
      if (typeof error !== 'string') return { value: this.evaluate('outcome.value') };
      return { error, stack: mapStack(String(this.evaluate('outcome.stack')), (name) => this.#sources.get(name)).text };
    });
  }

  /** Evaluates a script; answers its value. */
  evaluate(code: string): unknown {
    return this.vm.evalCode(code, '<test>').consume((handle) => this.vm.dump(handle));
  }
}
