import { isDeepStrictEqual } from 'node:util';

/**
 * Where two values differ, or undefined where they are the same in everything that crosses: kinds, contents, order,
 * and which objects are one and the same.
 */
export function difference(left: unknown, right: unknown): string | undefined {
  return new Comparison().compare(left, right, 'value');
}

class Comparison {
  readonly #partners = new Map<object, object>();
  readonly #partnersBack = new Map<object, object>();

  compare(left: unknown, right: unknown, path: string): string | undefined {
    if (!isObject(left) || !isObject(right))
      return Object.is(left, right) ? undefined : `${path}: ${String(left)} is not ${String(right)}`;
    if (left instanceof ArrayBuffer && right instanceof ArrayBuffer) {
      return isDeepStrictEqual(left, right) ? this.#compareBuffers(left, right, path) : `${path}: other bytes`;
    }
    const isMet = this.#partners.has(left) || this.#partnersBack.has(right);
    if (isMet)
      return this.#partners.get(left) === right && this.#partnersBack.get(right) === left
        ? undefined
        : `${path}: another object`;
    this.#partners.set(left, right);
    this.#partnersBack.set(right, left);
    if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return `${path}: another prototype`;
    return this.#compareSlots(left, right, path) ?? this.#compareProperties(left, right, path);
  }

  #compareSlots(left: object, right: object, path: string): string | undefined {
    if (left instanceof Map && right instanceof Map)
      return this.compare(list([...left].flat()), list([...right].flat()), `${path} (Map)`);
    if (left instanceof Set && right instanceof Set)
      return this.compare(list([...left]), list([...right]), `${path} (Set)`);
    if (left instanceof Date && right instanceof Date) return this.compare(left.getTime(), right.getTime(), path);
    if (left instanceof RegExp && right instanceof RegExp) return this.compare(String(left), String(right), path);
    if (!ArrayBuffer.isView(left) || !ArrayBuffer.isView(right)) return undefined;
    // Where a view stands in its buffer counts only next to other views of it.
    if (!isDeepStrictEqual(left, right)) return `${path}: other elements`;
    return this.#compareBuffers(left.buffer, right.buffer, path);
  }

  #compareBuffers(left: ArrayBufferLike, right: ArrayBufferLike, path: string): string | undefined {
    const isSame = (this.#partners.get(left) ?? right) === right && (this.#partnersBack.get(right) ?? left) === left;
    this.#partners.set(left, right);
    this.#partnersBack.set(right, left);
    return isSame ? undefined : `${path}: another buffer`;
  }

  #compareProperties(left: object, right: object, path: string): string | undefined {
    if (ArrayBuffer.isView(left)) return undefined;
    const names = (object: object): string[] =>
      Object.getOwnPropertyNames(object).filter((name) => name !== 'lastIndex');
    if (!isDeepStrictEqual(new Set(names(left)), new Set(names(right))))
      return `${path}: properties ${names(left).join()} and ${names(right).join()}`;
    for (const name of names(left)) {
      const [a, b] = [Object.getOwnPropertyDescriptor(left, name), Object.getOwnPropertyDescriptor(right, name)];
      if (a?.enumerable !== b?.enumerable) return `${path}.${name}: enumerable or not`;
      const found = this.compare(Reflect.get(left, name), Reflect.get(right, name), `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Arrays made here are partners of each other alone. */
function list(items: unknown[]): unknown[] {
  return [...items];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
