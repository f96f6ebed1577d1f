import { encodeValue } from '../protocol/codec/encode.ts';
import { apply, freeze, newList } from '../protocol/codec/intrinsics.ts';
import type { EncodedValue } from '../protocol/codec/message.ts';
import { makeConsole } from './console.ts';
import { describeThrown } from './describe-thrown.ts';
import { installGlobals } from './globals/install.ts';
import { urlToString } from './globals/url.ts';
import { makeHostCalls } from './host-calls.ts';
import type { HostCalls } from './host-calls.ts';
import { guestError, isTooLarge } from './host-errors.ts';
import { WAITS_FOR_CALLS, WAITS_FOR_NOTHING } from './host-interface.ts';
import type { GuestHost, GuestLimits, GuestRuntime } from './host-interface.ts';
import { lockIntrinsics } from './lock-intrinsics.ts';
import { makeNamespace } from './namespaces.ts';
import { hide, pin } from './properties.ts';
import { makeRandom } from './random.ts';
import { makeSkills } from './skill-calls.ts';
import { structuredCloneInGuest } from './structured-clone.ts';
import { makeTimers } from './timers.ts';
import type { Timers } from './timers.ts';

/**
 * Boots the guest's runtime: installs the globals, and answers the functions by which the host drives it.
 * Evaluated once, in the base image, before any of the agent's code.
 */
export function boot(host: GuestHost, global: object): GuestRuntime {
  const timers = makeTimers();
  const random = makeRandom(host);
  let limits: GuestLimits = { resultBytes: 0, callArgumentBytes: 0, skillDepth: 0 };
  const calls = makeHostCalls(host, () => limits);
  let current: Promise<unknown> | undefined;

  installPlatform(host, global, timers);
  hide(Math, 'random', random.random);
  installNamespaces(
    global,
    host,
    calls,
    makeSkills(host, calls, () => limits),
  );
  lockIntrinsics(global);

  return {
    start(cell, resultBytes, callArgumentBytes, skillDepth) {
      limits = { resultBytes, callArgumentBytes, skillDepth };
      current = cell();
    },
    current: () => current,
    settle: (id, ok, body, plain, ...parts) => calls.settle(id, ok, { text: body, plain, parts }),
    fireTimers: () => timers.fire(),
    waitsFor() {
      const nextMs = timers.nextMs();
      if (nextMs >= 0) return nextMs;
      return calls.pending() > 0 ? WAITS_FOR_CALLS : WAITS_FOR_NOTHING;
    },
    emitResult: (value) => emitResult(host, value, limits.resultBytes),
    emitFailure: (thrown) => host.failure(describeThrown(thrown)),
    end() {
      timers.clearAll();
      current = undefined;
      return calls.end();
    },
    reseed: () => random.forget(),
  };
}

function installPlatform(host: GuestHost, global: object, timers: Timers): void {
  const setTimeout = (callback: unknown, delay?: unknown, ...args: unknown[]): number =>
    timers.set(callback, delay, args, false);
  const setInterval = (callback: unknown, delay?: unknown, ...args: unknown[]): number =>
    timers.set(callback, delay, args, true);
  const clearTimeout = (id?: unknown): void => timers.clear(id);
  installGlobals(global, host, { setTimeout });
  hide(global, 'setTimeout', setTimeout);
  hide(global, 'setInterval', setInterval);
  hide(global, 'clearTimeout', clearTimeout);
  hide(global, 'clearInterval', (id?: unknown): void => timers.clear(id));
  hide(global, 'structuredClone', structuredCloneInGuest);
}

function installNamespaces(global: object, host: GuestHost, calls: HostCalls, skills: unknown): void {
  pin(global, 'console', freeze(makeConsole({ write: host.log, now: host.now })));
  pin(global, 'tools', makeNamespace('tools', calls.call));
  pin(global, 'skills', skills);
  pin(global, 'artifacts', makeNamespace('artifacts', calls.call));
}

function emitResult(host: GuestHost, value: unknown, maxBytes: number): void {
  try {
    emit(host, encodeValue(value, { maxBytes, root: 'result', encodeSpecial: urlToString }));
  } catch (error) {
    host.failure(describeThrown(isTooLarge(error) ? tooLarge(maxBytes) : error));
  }
}

function emit(host: GuestHost, encoded: EncodedValue): void {
  const given = newList<string | boolean | ArrayBuffer>();
  given[0] = encoded.text;
  given[1] = encoded.plain;
  for (let i = 0; i < encoded.parts.length; i++) given[i + 2] = encoded.parts[i] ?? '';
  apply(host.result, undefined, given);
}

function tooLarge(limitBytes: number): Error {
  return guestError({
    code: 'RESULT_LIMIT',
    message: `Cannot return the result: it takes more than ${limitBytes} bytes (resultBytes); return less, or save it as an artifact and return its name`,
  });
}
