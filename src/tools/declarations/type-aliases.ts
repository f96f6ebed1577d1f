import type { JsonSchema } from '../../contracts/json-schema.ts';

/** An alias and what it needs to be printed in. */
export interface AliasRequest {
  /** The schema document that the reference stands in. */
  readonly root: JsonSchema;
  readonly ref: string;
  /** A wish: the name taken is unique. */
  readonly name: string;
  /** Prints the type; gets the name that was taken. */
  readonly print: (name: string) => string;
}

/**
 * The named types that `$ref`s become: each is printed once, so that recursion has a name to refer to and a
 * definition used a thousand times is printed once.
 */
export class TypeAliases {
  readonly #taken: Set<string>;
  readonly #names = new Map<JsonSchema, Map<string, string>>();
  readonly #texts: string[] = [];
  /** Which alias names which directly, outside of any object or array. TypeScript allows no circle there. */
  readonly #directUses = new Map<string, Set<string>>();

  constructor(reservedNames: readonly string[] = []) {
    this.#taken = new Set(reservedNames);
  }

  get texts(): readonly string[] {
    return this.#texts;
  }

  /** The alias of what `ref` names, printed now if it is new. */
  nameOf(request: AliasRequest): string {
    const names = this.#names.get(request.root) ?? new Map<string, string>();
    this.#names.set(request.root, names);
    const known = names.get(request.ref);
    if (known !== undefined) return known;
    const name = this.#take(request.name);
    names.set(request.ref, name);
    this.#texts.push(`type ${name} = ${request.print(name)};`);
    return name;
  }

  /** Notes that `user` names `used` directly; false when that would close a circle. */
  useDirectly(user: string, used: string): boolean {
    if (this.#reaches(used, user)) return false;
    const uses = this.#directUses.get(user) ?? new Set();
    this.#directUses.set(user, uses.add(used));
    return true;
  }

  #reaches(from: string, target: string): boolean {
    const seen = new Set<string>();
    const open = [from];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (name === target) return true;
      if (seen.has(name)) continue;
      seen.add(name);
      open.push(...(this.#directUses.get(name) ?? []));
    }
    return false;
  }

  #take(wish: string): string {
    let name = wish;
    for (let number = 2; this.#taken.has(name); number++) name = `${wish}${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** `PetStore` of `pet-store`; joins the parts. */
export function typeName(...parts: readonly string[]): string {
  const words = parts.flatMap((part) => part.split(/[^A-Za-z0-9]+/u)).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/u.test(name) ? name : `Type${name}`;
}
