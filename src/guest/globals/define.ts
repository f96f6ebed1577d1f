import { defineProperty, defineValue, ownKeys, setPrototypeOf } from '../../protocol/codec/intrinsics.ts';
import { ownDescriptor, reflectGet } from './captured.ts';

/** Defines a property as the language defines its own: not enumerable, to be changed by anyone. */
export function defineHidden(target: object, key: PropertyKey, value: unknown): void {
  defineValue(target, key, value, false);
}

export function defineConstant(target: object, key: PropertyKey, value: unknown): void {
  defineProperty(target, key, descriptor({ value, writable: false, enumerable: false, configurable: true }));
}

/** Defines a method that, like a native one, has a name and a length and can't be constructed. `args` has no prototype: read it by index. */
export function defineMethod(
  target: object,
  name: string,
  length: number,
  body: (self: unknown, args: readonly unknown[]) => unknown,
): void {
  const holder = {
    [name](this: unknown, ...args: unknown[]): unknown {
      setPrototypeOf(args, null);
      return body(this, args);
    },
  };
  const method = holder[name];
  defineConstant(method ?? holder, 'length', length);
  defineHidden(target, name, method);
}

/** Defines a getter, and a setter if one is given, under the names that native ones have: `get href`. */
export function defineAccessor(
  target: object,
  name: string,
  get: (self: unknown) => unknown,
  set?: (self: unknown, value: unknown) => void,
): void {
  const readable = {
    get [name](): unknown {
      return get(this);
    },
  };
  const writable = {
    get [name](): unknown {
      return get(this);
    },
    set [name](value: unknown) {
      set?.(this, value);
    },
  };
  const accessor = ownDescriptor(set === undefined ? readable : writable, name);
  defineProperty(target, name, descriptor({ ...accessor, enumerable: false }));
}

interface ClassLike {
  readonly prototype: object;
}

/** Gives a class its name, which a minifier takes away, its tag, and the number of arguments that it requires. */
export function nameClass(constructor: ClassLike, name: string, length: number, tag: string = name): void {
  defineConstant(constructor, 'name', name);
  defineConstant(constructor, 'length', length);
  defineConstant(constructor.prototype, Symbol.toStringTag, tag);
}

const HIDDEN = ['constructor', 'length', 'name', 'prototype'];

/**
 * Web APIs, unlike the language, show their members to `for...in`.
 *
 * @param lengths How many arguments a method requires, where it takes more.
 */
export function showMembers(target: object, lengths: Readonly<Record<string, number>> = {}): void {
  const keys = ownKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    // What the language itself puts on a class stays hidden.
    if (typeof key === 'symbol' || HIDDEN.includes(key)) continue;
    defineProperty(target, key, descriptor({ ...ownDescriptor(target, key), enumerable: true }));
  }
  for (const [name, length] of Object.entries(lengths)) {
    const method = reflectGet(target, name);
    if (typeof method === 'function') defineConstant(method, 'length', length);
  }
}

/** Without a prototype: `defineProperty` would see a `get` that somebody put on `Object.prototype`. */
function descriptor(attributes: PropertyDescriptor): PropertyDescriptor {
  setPrototypeOf(attributes, null);
  return attributes;
}
