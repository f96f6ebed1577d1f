import { IntrinsicMap, mapGet, mapSet, newList, quote } from '../protocol/codec/intrinsics.ts';

const IntrinsicProxy = Proxy;
const IntrinsicTypeError = TypeError;

/** A member of a namespace: `tools.curl.get`. */
export interface Member {
  /** `curl`, `get`. */
  readonly path: readonly string[];
  /** `tools.curl.get`. */
  readonly name: string;
  /** Namespace and path as the inside of a JSON array: `"tools","curl","get"`. */
  readonly json: string;
}

/** What a namespace does when a member is called. */
export type Invoke = (member: Member, args: readonly unknown[]) => unknown;

/**
 * `tools`, `skills`, `artifacts`: any member can be called, and the host says whether there is one.
 *
 * A namespace answers `then` with undefined, so that awaiting or returning it does not hang; it can't be written
 * to; and its members have no `constructor` or prototype to climb.
 */
export function makeNamespace(namespace: string, invoke: Invoke): unknown {
  return makeMember({ path: newList<string>(), name: namespace, json: quote(namespace) }, invoke);
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

function makeMember(member: Member, invoke: Invoke): unknown {
  // An arrow function is callable, and has no `prototype` of its own that a proxy would have to report.
  const target = (): void => undefined;
  return new IntrinsicProxy(target, new MemberHandler(member, invoke));
}

/** The traps of a member: every one, so that none is looked up on a prototype of the agent's. */
class MemberHandler implements ProxyHandler<() => void> {
  readonly #member: Member;
  readonly #invoke: Invoke;
  /** Members are made once: an agent's loop asks for the same ones over and over. */
  readonly #children = new IntrinsicMap<string, unknown>();

  constructor(member: Member, invoke: Invoke) {
    this.#member = member;
    this.#invoke = invoke;
  }

  get(_target: unknown, key: string | symbol): unknown {
    if (typeof key === 'symbol' || isLanguageName(key)) return undefined;
    const { name } = this.#member;
    if (key === 'toString') return () => `[namespace ${name}]`;
    return mapGet(this.#children, key) ?? this.#makeChild(key);
  }

  apply(_target: unknown, _self: unknown, args: readonly unknown[]): unknown {
    const { name, path } = this.#member;
    if (path.length > 0) return this.#invoke(this.#member, args);
    throw new IntrinsicTypeError(`Cannot call ${name}: it is a namespace; call ${name}.<name>(...)`);
  }

  construct(): never {
    throw new IntrinsicTypeError(`Cannot construct ${this.#member.name}: call it without new`);
  }

  has(): boolean {
    return false;
  }

  ownKeys(): string[] {
    return [];
  }

  getOwnPropertyDescriptor(): undefined {
    return undefined;
  }

  getPrototypeOf(): null {
    return null;
  }

  isExtensible(): boolean {
    return true;
  }

  set(): never {
    return this.#refuse();
  }

  defineProperty(): never {
    return this.#refuse();
  }

  deleteProperty(): never {
    return this.#refuse();
  }

  setPrototypeOf(): never {
    return this.#refuse();
  }

  preventExtensions(): never {
    return this.#refuse();
  }

  #makeChild(key: string): unknown {
    const { path, name, json } = this.#member;
    const longer = newList<string>();
    for (let i = 0; i < path.length; i++) longer[i] = path[i] ?? '';
    longer[path.length] = key;
    const child = makeMember({ path: longer, name: name + '.' + key, json: json + ',' + quote(key) }, this.#invoke);
    mapSet(this.#children, key, child);
    return child;
  }

  #refuse(): never {
    throw new IntrinsicTypeError(`Cannot change ${this.#member.name}: it is read-only`);
  }
}
