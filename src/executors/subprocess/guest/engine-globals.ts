import {
  createObject,
  defineProperty,
  defineValue,
  deleteProperty,
  uncurryThis,
} from '../../../protocol/codec/intrinsics.ts';
import type { CallHost } from './driver-interface.ts';

const IntrinsicTypeError = TypeError;
const toText: (value: unknown) => string = String;
const resolved = Promise.resolve();
const runLater: (promise: Promise<void>, job: () => void) => unknown = uncurryThis(Promise.prototype.then);

/** The codes of the oldest names: https://webidl.spec.whatwg.org/#idl-DOMException-error-names */
const LEGACY_NAMES =
  'IndexSizeError  HierarchyRequestError WrongDocumentError InvalidCharacterError  NoModificationAllowedError NotFoundError NotSupportedError InUseAttributeError InvalidStateError SyntaxError InvalidModificationError NamespaceError InvalidAccessError  TypeMismatchError SecurityError NetworkError AbortError URLMismatchError QuotaExceededError TimeoutError InvalidNodeTypeError DataCloneError';
const codes = createObject<number>(null);
for (const [index, name] of LEGACY_NAMES.split(' ').entries()) if (name !== '') codes[name] = index + 1;

class GuestDOMException extends Error {
  readonly #name: string;
  readonly #message: string;

  constructor(message: unknown = '', options: unknown = 'Error') {
    super();
    this.#message = toText(message);
    const isBag = typeof options === 'object' && options !== null;
    const name = isBag && 'name' in options ? options.name : 'Error';
    this.#name = toText(isBag ? name : options);
    if (isBag && 'cause' in options) defineValue(this, 'cause', options.cause, false);
  }

  override get name(): string {
    return this.#name;
  }

  override get message(): string {
    return this.#message;
  }

  get code(): number {
    return codes[this.#name] ?? 0;
  }
}

/**
 * Gives V8's bare global object what the guest's runtime expects of its engine, and takes away what reaches past the
 * isolate: memory of WebAssembly is no part of the isolate's limit.
 *
 * @param onUncaught told of what a microtask throws
 */
export function installEngineGlobals(global: object, callHost: CallHost, onUncaught: (error: unknown) => void): void {
  deleteProperty(global, 'WebAssembly');
  defineProperty(GuestDOMException, 'name', { value: 'DOMException' });
  defineProperty(GuestDOMException.prototype, Symbol.toStringTag, { value: 'DOMException', configurable: true });
  defineValue(global, 'DOMException', GuestDOMException, false);
  defineBase64(global, 'atob', callHost);
  defineBase64(global, 'btoa', callHost);
  defineFunction(global, 'queueMicrotask', (callback) => {
    if (!isFunction(callback)) throw new IntrinsicTypeError('The "callback" argument must be of type function');
    runLater(resolved, () => {
      try {
        callback();
      } catch (error) {
        onUncaught(error);
      }
    });
  });
}

function defineBase64(global: object, name: 'atob' | 'btoa', callHost: CallHost): void {
  defineFunction(global, name, (data) => {
    const answer = callHost(name, toText(data));
    if (typeof answer === 'string') return answer;
    throw new GuestDOMException('The string contains invalid characters', 'InvalidCharacterError');
  });
}

function defineFunction(global: object, name: string, body: (argument: unknown) => unknown): void {
  defineProperty(body, 'name', { value: name });
  defineValue(global, name, body, false);
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function';
}
