/**
 * Values in a JSON artifact, at most. An object that is referred to twice counts twice, as it does in the text: thirty
 * arrays that hold each other twice would be a billion.
 */
const MAX_JSON_VALUES = 2_000_000;
/** Characters of its texts and keys, likewise. */
const MAX_JSON_CHARACTERS = 67_108_864;

/** Why a value is no JSON value, naming the place; `undefined` when it is one. What JSON would drop or change in silence counts. */
export function jsonProblem(value: unknown, path: string): string | undefined {
  return new JsonCheck(path).problem(value, path, new Set());
}

class JsonCheck {
  readonly #root: string;
  #left = MAX_JSON_VALUES;
  #charactersLeft = MAX_JSON_CHARACTERS;

  constructor(root: string) {
    this.#root = root;
  }

  problem(value: unknown, path: string, parents: Set<unknown>): string | undefined {
    this.#left -= 1;
    if (this.#left < 0) return `${this.#root} holds more than ${MAX_JSON_VALUES} values`;
    if (value === null || typeof value === 'boolean') return undefined;
    if (typeof value === 'string') return this.#spend(value.length);
    if (typeof value === 'number') {
      return Number.isFinite(value) ? undefined : `${path} is ${value}, which JSON can not express`;
    }
    if (typeof value !== 'object') return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
    if (parents.has(value)) return `${path} refers back to what contains it`;
    parents.add(value);
    const problem = Array.isArray(value) ? this.#inArray(value, path, parents) : this.#inObject(value, path, parents);
    parents.delete(value);
    return problem;
  }

  #inArray(values: readonly unknown[], path: string, parents: Set<unknown>): string | undefined {
    for (let index = 0; index < values.length; index += 1) {
      const place = `${path}[${index}]`;
      const problem = index in values ? this.problem(values[index], place, parents) : `${place} is a hole`;
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #inObject(value: object, path: string, parents: Set<unknown>): string | undefined {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return `${path} is a ${value.constructor.name}`;
    for (const [key, member] of Object.entries(value)) {
      const problem = this.#spend(key.length) ?? this.problem(member, `${path}.${key}`, parents);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #spend(characters: number): string | undefined {
    this.#charactersLeft -= characters;
    return this.#charactersLeft < 0 ? `${this.#root} holds more than ${MAX_JSON_CHARACTERS} characters` : undefined;
  }
}
