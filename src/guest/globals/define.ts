import { defineProperty, ownKeys, setPrototypeOf } from '../../protocol/codec/intrinsics.ts';
import { ownDescriptor } from './captured.ts';

/** Defines a property as the language defines its own: not enumerable, to be changed by anyone. */
export function defineHidden(target: object, key: PropertyKey, value: unknown): void {
  defineProperty(target, key, descriptor({ value, writable: true, enumerable: false, configurable: true }));
}

export function defineConstant(target: object, key: PropertyKey, value: unknown): void {
  defineProperty(target, key, descriptor({ value, writable: false, enumerable: false, configurable: true }));
}

/** Defines a method that, like a native one, has a name and a length and can't be constructed. `args` has no prototype: read it by index. */
export function defineMethod(target: object, name: string, length: number, body: (self: unknown, args: readonly unknown[]) => unknown): void {
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

export function defineAccessor(target: object, name: string, get: (self: unknown) => unknown, set?: (self: unknown, value: unknown) => void): void {
  const holder = {
    get [name](): unknown {
      return get(this);
    },
    set [name](value: unknown) {
      set?.(this, value);
    },
  };
  const pair = ownDescriptor(holder, name);
  defineProperty(target, name, descriptor({ get: pair?.get, set: set === undefined ? undefined : pair?.set, enumerable: false, configurable: true }));
}

interface ClassLike {
  readonly prototype: object;
}

/** Gives a class its name, which a minifier takes away, and its tag. */
export function nameClass(constructor: ClassLike, name: string, tag: string = name): void {
  defineConstant(constructor, 'name', name);
  defineConstant(constructor.prototype, Symbol.toStringTag, tag);
}

/** Web APIs, unlike the language, show their members to `for...in`. */
export function showMembers(target: object, except: readonly string[] = []): void {
  const keys = ownKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    const shown = typeof key === 'string' && !except.includes(key);
    if (shown) defineProperty(target, key, descriptor({ ...ownDescriptor(target, key), enumerable: true }));
  }
}

/** Without a prototype: `defineProperty` would see a `get` that somebody put on `Object.prototype`. */
function descriptor(attributes: PropertyDescriptor): PropertyDescriptor {
  setPrototypeOf(attributes, null);
  return attributes;
}
