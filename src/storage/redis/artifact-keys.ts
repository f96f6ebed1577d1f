/**
 * The keys of artifacts. Data lies under the artifact's own name, as with py-code-mode; no artifact's name starts with
 * a dot, so what else is needed does. One name is taken: the index, which an artifact called so would destroy.
 */
export class ArtifactKeys {
  readonly index: string;
  /** All names, in order. */
  readonly names: string;
  /** What data keys begin with. */
  readonly dataPrefix: string;
  /** Where the data of an artifact called `__index__` is. */
  readonly escapedIndex: string;
  readonly #prefix: string;

  /** @param prefix `myapp:artifacts` */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.dataPrefix = `${prefix}:`;
    this.index = `${prefix}:__index__`;
    this.escapedIndex = `${prefix}:./__index__`;
    this.names = `${prefix}:.names`;
  }

  data(name: string): string {
    const key = this.dataPrefix + name;
    return key === this.index ? this.escapedIndex : key;
  }

  temp(id: string): string {
    return `${this.#prefix}:.temp:${id}`;
  }

  done(id: string): string {
    return `${this.#prefix}:.done:${id}`;
  }
}
