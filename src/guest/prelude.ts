import { EncodedTooLarge, encodeValue } from '../protocol/codec/encode.ts';
import { apply, defineProperty, freeze, getOwnPropertyDescriptor, isError, newList, parseJson, quote } from '../protocol/codec/intrinsics.ts';
import type { EncodedValue } from '../protocol/codec/message.ts';
import { makeConsole } from './console.ts';
import { installGlobals } from './globals/install.ts';
import { urlToString } from './globals/url.ts';
import { makeHostCalls } from './host-calls.ts';
import { guestError } from './host-errors.ts';
import type { GuestHost, GuestLimits, GuestRuntime } from './host-interface.ts';
import { inspect } from './inspect.ts';
import { makeNamespace } from './namespaces.ts';
import { makeRandom } from './random.ts';
import { makeSkills } from './skill-calls.ts';
import { structuredCloneInGuest } from './structured-clone.ts';
import { makeTimers } from './timers.ts';

const MAX_CAUSES = 8;

/**
 * Boots the guest's runtime: installs the globals, and answers the functions by which the host drives it.
 * Evaluated once, in the base image, before any of the agent's code.
 */
export function boot(host: GuestHost, global: object): GuestRuntime {
  const limits = (): GuestLimits => parseJson(host.limits()) as GuestLimits;
  const timers = makeTimers();
  const random = makeRandom(host);
  const calls = makeHostCalls(host, limits);
  let current: Promise<unknown> | undefined;

  const setTimeout = (callback: unknown, delay?: unknown, ...args: unknown[]): number => timers.set(false, callback, delay, args);
  const clearTimeout = (id?: unknown): void => timers.clear(id);
  installGlobals(global, host, { setTimeout, clearTimeout });
  hide(global, 'setTimeout', setTimeout);
  hide(global, 'clearTimeout', clearTimeout);
  hide(global, 'setInterval', (callback: unknown, delay?: unknown, ...args: unknown[]): number => timers.set(true, callback, delay, args));
  hide(global, 'clearInterval', (id?: unknown): void => timers.clear(id));
  hide(global, 'structuredClone', structuredCloneInGuest);
  hide(Math, 'random', random.random);
  pin(global, 'console', freeze(makeConsole({ write: host.log, now: host.now })));
  pin(global, 'tools', makeNamespace('tools', (path, args) => calls.call('tools', path, args)));
  pin(global, 'skills', makeSkills(host, calls, limits));
  pin(global, 'artifacts', makeNamespace('artifacts', (path, args) => calls.call('artifacts', path, args)));
  // Memory that a guest could share with itself alone: no use, and a clock of high resolution.
  Reflect.deleteProperty(global, 'SharedArrayBuffer');
  Reflect.deleteProperty(global, 'Atomics');
  lockPromises();

  return {
    start: (cell) => (current = cell()),
    current: () => current,
    settle: (id, ok, text, plain, ...parts) => calls.settle(id, ok, text, plain, parts),
    fireTimers: () => timers.fire(),
    nextTimerMs: () => timers.nextMs(),
    pendingCalls: () => calls.pending(),
    emitResult(value) {
      try {
        const encoded = encodeValue(value, { maxBytes: limits().resultBytes, root: 'result', encodeSpecial: urlToString });
        emit(host.result, encoded);
      } catch (error) {
        host.failure(describe(error instanceof EncodedTooLarge ? tooLarge(error.limitBytes) : error, 0));
      }
    },
    emitFailure: (thrown) => host.failure(describe(thrown, 0)),
    end() {
      timers.clearAll();
      current = undefined;
      return calls.end();
    },
    reseed: () => random.forget(),
  };
}

/** Defines a global as the language does: there, but not listed. */
function hide(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Defines a global that nobody can replace. */
function pin(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: false, configurable: false, enumerable: false });
}

/**
 * `await` looks up `constructor` and `then` on every promise: a cell that replaced them would break, or listen in
 * on, every later run.
 */
function lockPromises(): void {
  const names = ['constructor', 'then', 'catch', 'finally'];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    pin(Promise.prototype, name, getOwnPropertyDescriptor(Promise.prototype, name)?.value);
  }
}

function emit(send: GuestHost['result'], encoded: EncodedValue): void {
  const given = newList<string | boolean | ArrayBuffer>();
  given[0] = encoded.text;
  given[1] = encoded.plain;
  for (let i = 0; i < encoded.parts.length; i++) given[i + 2] = encoded.parts[i] ?? '';
  apply(send, undefined, given);
}

function tooLarge(limitBytes: number): Error {
  return guestError({
    code: 'RESULT_LIMIT',
    message: `Cannot return the result: it takes more than ${limitBytes} bytes (resultBytes); return less, or save it as an artifact and return its name`,
  });
}

/** What was thrown, as JSON text: see `ErrorData`. Reads properties, so it may run the agent's getters. */
function describe(thrown: unknown, depth: number): string {
  if (!isError(thrown) && !looksLikeError(thrown)) {
    return `{"name":"Error","message":${quote(`Uncaught ${inspect(thrown)}`)},"stack":""}`;
  }
  const error = thrown as Error & { code?: unknown; details?: unknown };
  let json = `{"name":${text(error.name, 'Error')},"message":${text(error.message, '')},"stack":${text(error.stack, '')}`;
  if (typeof error.code === 'string') json += `,"code":${quote(error.code)}`;
  if (error.details !== undefined) json += `,"details":${detailsOf(error.details)}`;
  if (error.cause !== undefined && depth < MAX_CAUSES) json += `,"cause":${describe(error.cause, depth + 1)}`;
  return `${json}}`;
}

const stringify = JSON.stringify;
const MAX_DETAILS_CHARACTERS = 65_536;

/** Facts that the host gave with an error: plain data, unless the agent's code changed them. */
function detailsOf(details: unknown): string {
  try {
    const json: unknown = stringify(details);
    return typeof json === 'string' && json.length <= MAX_DETAILS_CHARACTERS ? json : 'null';
  } catch {
    return 'null';
  }
}

function looksLikeError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { message?: unknown }).message === 'string' && typeof (value as { stack?: unknown }).stack === 'string';
}

function text(value: unknown, otherwise: string): string {
  return quote(typeof value === 'string' ? value : otherwise);
}

