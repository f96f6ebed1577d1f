import { newList } from '../protocol/codec/intrinsics.ts';

const IntrinsicProxy = Proxy;
const IntrinsicTypeError = TypeError;

/** What a namespace does when a member is called: `['curl', 'get']` and the arguments. */
export type Invoke = (path: readonly string[], args: readonly unknown[]) => unknown;

/**
 * `tools`, `skills`, `artifacts`: any member can be called, and the host says whether there is one.
 *
 * A namespace answers `then` with undefined, so that awaiting or returning it does not hang; it can't be written
 * to; and its members have no `constructor` or prototype to climb.
 */
export function makeNamespace(name: string, invoke: Invoke): unknown {
  return member(name, newList<string>(), invoke);
}

/** Names that the language asks any object for; a namespace has none of them. */
function isLanguageName(key: string): boolean {
  return (
    key === 'then' ||
    key === 'toJSON' ||
    key === 'constructor' ||
    key === 'prototype' ||
    key === '__proto__' ||
    key === 'valueOf'
  );
}

function member(name: string, path: readonly string[], invoke: Invoke): unknown {
  const refuse = (): never => {
    throw new IntrinsicTypeError(`Cannot change ${name}: it is read-only`);
  };
  // An arrow function is callable, and has no `prototype` of its own that a proxy would have to report.
  const target = (): void => undefined;
  return new IntrinsicProxy(target, {
    __proto__: null,
    apply(_target: unknown, _self: unknown, args: readonly unknown[]) {
      if (path.length === 0)
        throw new IntrinsicTypeError(`Cannot call ${name}: it is a namespace; call ${name}.<name>(...)`);
      return invoke(path, args);
    },
    construct() {
      throw new IntrinsicTypeError(`Cannot construct ${name}: call it without new`);
    },
    get(_target: unknown, key: string | symbol) {
      if (typeof key === 'symbol' || isLanguageName(key)) return undefined;
      if (key === 'toString') return () => `[namespace ${name}]`;
      return member(`${name}.${key}`, append(path, key), invoke);
    },
    has: () => false,
    ownKeys: () => newOwnKeys(),
    getOwnPropertyDescriptor: () => undefined,
    getPrototypeOf: () => null,
    setPrototypeOf: refuse,
    isExtensible: () => true,
    preventExtensions: refuse,
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  } as ProxyHandler<() => void>);
}

function newOwnKeys(): string[] {
  return [];
}

function append(path: readonly string[], key: string): readonly string[] {
  const longer = newList<string>();
  for (let i = 0; i < path.length; i++) longer[i] = path[i] ?? '';
  longer[path.length] = key;
  return longer;
}
