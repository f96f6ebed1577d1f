import { guestErrorFromJson } from '../../../guest/host-errors.ts';
import { WAITS_FOR_NOTHING } from '../../../guest/host-interface.ts';
import type { GuestHost, SkillFactory } from '../../../guest/host-interface.ts';
import type { boot } from '../../../guest/prelude.ts';
import { apply, newList, quote, uncurryThis } from '../../../protocol/codec/intrinsics.ts';
import type { CallHost, Driver } from './driver-interface.ts';
import { installEngineGlobals } from './engine-globals.ts';

const IntrinsicTypeError = TypeError;
// The code of a skill, as the compiler has made it. By another name, `eval` sees the global scope alone.
// oxlint-disable-next-line no-eval
const run: (code: string) => unknown = eval;
const noBytes = new ArrayBuffer(0);
const charAt: (text: string, index: number) => string = uncurryThis(String.prototype.charAt);
const slice: (text: string, start: number) => string = uncurryThis(String.prototype.slice);

type Boot = typeof boot;
type RunState =
  | { readonly type: 'running' }
  | { readonly type: 'fulfilled'; readonly value: unknown }
  | { readonly type: 'rejected'; readonly reason: unknown };

/**
 * Prepares an isolate, before any of the agent's code. Answers a function that takes `boot` of the guest's runtime,
 * which expects an engine's globals to be there already, and makes the driver.
 */
export function prepare(callHost: CallHost, global: object): (bootRuntime: Boot) => Driver {
  let state: RunState = { type: 'running' };
  /** What was thrown where no promise catches it: in a microtask or a timer. The first counts. */
  let uncaught: { readonly error: unknown } | undefined;
  const onUncaught = (error: unknown): void => {
    uncaught ??= { error };
  };
  installEngineGlobals(global, callHost, onUncaught);

  return (bootRuntime) => {
    const runtime = bootRuntime(makeHost(callHost), global);
    /** `await`, because `then` would ask the live `Promise[Symbol.species]`. */
    const follow = async (promise: Promise<unknown> | undefined): Promise<void> => {
      try {
        state = { type: 'fulfilled', value: await promise };
      } catch (reason) {
        state = { type: 'rejected', reason };
      }
    };
    return {
      start(cell, resultBytes, callArgumentBytes, skillDepth) {
        state = { type: 'running' };
        uncaught = undefined;
        runtime.start(cell, resultBytes, callArgumentBytes, skillDepth);
        void follow(runtime.current());
      },
      settle: runtime.settle,
      fireTimers() {
        try {
          runtime.fireTimers();
        } catch (error) {
          onUncaught(error);
        }
      },
      conclude() {
        if (uncaught !== undefined) runtime.emitFailure(uncaught.error);
        else if (state.type === 'fulfilled') runtime.emitResult(state.value);
        else if (state.type === 'rejected') runtime.emitFailure(state.reason);
        else callHost('waitsFor', runtime.waitsFor());
      },
      end() {
        state = { type: 'running' };
        callHost('unanswered', runtime.end());
      },
    };
  };
}

/** The guest's view of its host. Its runtime has captured these before the agent's code comes. */
function makeHost(callHost: CallHost): GuestHost {
  return {
    issueCall(text, ...parts) {
      const refused =
        parts.length === 0 ? callHost('issueCall', text) : callWithParts(callHost, 'issueCall', text, parts);
      return typeof refused === 'string' ? refused : undefined;
    },
    log(stream, text) {
      const refused = callHost('log', stream, text);
      if (typeof refused === 'string') throw guestErrorFromJson(refused);
    },
    result(text, plain, ...parts) {
      callWithParts(callHost, plain ? 'plainResult' : 'result', text, parts);
    },
    failure(json) {
      callHost('failure', json);
    },
    compileSkill(file, source) {
      const answer = asText(callHost('compileSkill', file, source));
      return charAt(answer, 0) === '{' ? answer : evaluate(slice(answer, 1), file);
    },
    call: (operation, argumentsJson) => asText(callHost('call', operation, argumentsJson)),
    encodeUtf8: (text) => asBytes(callHost('encodeUtf8', text)),
    decodeText(bytes, label, fatal, ignoreBom) {
      const answer = callHost('decodeText', bytes, label, fatal, ignoreBom);
      if (typeof answer === 'string') return answer;
      throw new IntrinsicTypeError('Cannot decode the bytes');
    },
    randomBytes: (count) => asBytes(callHost('randomBytes', count)),
    now: () => asNumber(callHost('now')),
  };
}

function callWithParts(
  callHost: CallHost,
  name: string,
  text: string,
  parts: readonly (ArrayBuffer | string)[],
): unknown {
  const given = newList<string | ArrayBuffer>();
  given[0] = name;
  given[1] = text;
  for (let i = 0; i < parts.length; i++) given[i + 2] = parts[i] ?? '';
  return apply(callHost, undefined, given);
}

/** The name of the file is for stack traces. */
function evaluate(code: string, file: string): SkillFactory | string {
  try {
    const factory = run(code + '\n//# sourceURL=' + file);
    if (isSkillFactory(factory)) return factory;
  } catch {
    // The parser that has checked it knows an older or newer language.
  }
  return '{"name":"CodeModeError","code":"SYNTAX_ERROR","stack":"","message":' + quote('Cannot parse ' + file) + '}';
}

function isSkillFactory(value: unknown): value is SkillFactory {
  return typeof value === 'function';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : WAITS_FOR_NOTHING;
}

function asBytes(value: unknown): ArrayBuffer {
  return isBytes(value) ? value : noBytes;
}

function isBytes(value: unknown): value is ArrayBuffer {
  return typeof value === 'object';
}
