import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

import { build } from 'esbuild';
import { QuickJS } from 'quickjs-wasi';
import type { JSValueHandle } from 'quickjs-wasi';
import { expect } from 'vitest';

import { createPlatform } from '../../../src/guest/platform-host/create-platform.ts';

/** Evaluates an expression and answers what it is as text; in the guest and in Node alike. */
const SHOW = `(function (evaluate) {
  const seen = (key, value) => {
    if (typeof value === 'bigint') return value + 'n';
    if (typeof value === 'number' && (value !== value || Math.abs(value) === Infinity || Object.is(value, -0))) return Object.is(value, -0) ? '-0' : String(value);
    return value === undefined ? 'undefined' : typeof value === 'function' ? 'function ' + value.name + '/' + value.length : value;
  };
  try { return JSON.stringify({ value: evaluate() }, seen); }
  catch (error) { if (error instanceof ReferenceError) throw error; return JSON.stringify({ threw: error.name }); }
})`;

export interface GuestVm {
  /** What the expression gives inside the guest, as text. */
  readonly show: (expression: string) => string;
  /** Runs an expression that gives a string; nothing of the guest's is used to read it. */
  readonly text: (expression: string) => string;
  /** Runs statements. */
  readonly run: (code: string) => void;
}

/** A real engine with the globals installed, as the runtime's prelude installs them. */
export async function createGuestVm(): Promise<GuestVm> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));
  const machine = await QuickJS.create({ wasm, memoryLimit: 256 * 1024 * 1024, maxStackSize: 512 * 1024 });
  const platform = createPlatform();
  const functions: Record<keyof typeof platform, (...args: JSValueHandle[]) => JSValueHandle> = {
    call: (operation, json) => machine.newString(platform.call(String(operation), String(json))),
    encodeUtf8: (text) => machine.newArrayBuffer(platform.encodeUtf8(String(text))),
    decodeText: (bytes, label, fatal, ignoreBom) => {
      const data = bytes?.toArrayBuffer() ?? new ArrayBuffer(0);
      return machine.newString(
        platform.decodeText(data, String(label), fatal?.toBoolean() === true, ignoreBom?.toBoolean() === true),
      );
    },
    randomBytes: (count) => machine.newArrayBuffer(platform.randomBytes(count?.toNumber() ?? 0)),
    now: () => machine.newNumber(platform.now()),
  };
  const host = machine.newObject();
  for (const [name, fn] of Object.entries(functions))
    host.setProp(
      name,
      machine.newFunction(name, (...args) => machine.withScope((scope) => scope.escape(fn(...args)))),
    );
  const boot = machine.evalCode(`(() => {
    ${await bundle()}
    return (global, platform) => {
      bundle.installGlobals(global, platform, { setTimeout: global.setTimeout });
      bundle.lockIntrinsics(global);
    };
  })()`);
  machine.evalCode('globalThis.timers = []; globalThis.setTimeout = (callback, ms) => timers.push([callback, ms]);');
  machine.callFunction(boot, machine.undefined, machine.global, host);
  const show = machine.evalCode(SHOW);
  return {
    text: (expression) => machine.withScope(() => machine.evalCode(expression).toString()),
    run: (code) => machine.evalCode(code).dispose(),
    show: (expression) =>
      machine.withScope(() =>
        machine.callFunction(show, machine.undefined, machine.evalCode(`() => (${expression}\n)`)).toString(),
      ),
  };
}

/** What `show` tells: the value that the expression gave. */
export function shownValue(shown: string): unknown {
  const outcome: unknown = JSON.parse(shown);
  if (typeof outcome !== 'object' || outcome === null || !('value' in outcome)) throw new Error(`No value: ${shown}`);
  return outcome.value;
}

/** Expects every expression to give the same in the guest as in Node, or to throw an error of the same name. */
export function expectSame(guest: GuestVm, expressions: readonly string[]): void {
  const different = expressions
    .map((expression) => ({ expression, guest: guest.show(expression), node: showInNode(expression) }))
    .filter((pair) => pair.guest !== pair.node);
  expect(different).toEqual([]);
}

/** What the expression gives in Node, as text. */
export function showInNode(expression: string): string {
  const shown: unknown = runInThisContext(`${SHOW}(() => (${expression}\n))`);
  return String(shown);
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { installGlobals } from './globals/install.ts'; export { lockIntrinsics } from './lock-intrinsics.ts';`,
      resolveDir: fileURLToPath(new URL('../../../src/guest/', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bundle',
    platform: 'neutral',
    target: 'es2023',
    minify: true,
    // As the project's own configuration does for the real bundle: makes it strict code.
    tsconfigRaw: { compilerOptions: { strict: true } },
  });
  return outputFiles[0]?.text ?? '';
}
