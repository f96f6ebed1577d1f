import * as fc from 'fast-check';

/** A program in top-level statements, each with and without types. */
export interface CellProgram {
  readonly typed: readonly string[];
  readonly plain: readonly string[];
  /** Its top-level variables. */
  readonly names: readonly string[];
  /** Whether its last statement declares something. */
  readonly endsInDeclaration: boolean;
}

/** Types are written between these marks, so that what is left without them is plain JavaScript. */
const TYPE = /‹([^›]*)›/g;
const MAX_DEPTH = 3;

export function cellPrograms(): fc.Arbitrary<CellProgram> {
  return fc
    .array(fc.nat(0xffff), { minLength: 1, maxLength: 250 })
    .map((choices) => new ProgramWriter(choices).write());
}

interface Variable {
  readonly name: string;
  readonly constant: boolean;
}

/** Writes a program from a list of choices. It ends: every loop counts, and there are only so many choices. */
class ProgramWriter {
  readonly #choices: readonly number[];
  #next = 0;
  #names = 0;
  readonly #scopes: Variable[][] = [[]];

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  write(): CellProgram {
    const statements: string[] = [];
    let endsInDeclaration = false;
    while (this.#next < this.#choices.length) {
      endsInDeclaration = this.#chance(2);
      statements.push(endsInDeclaration ? this.#declaration() : this.#statement(0));
    }
    return {
      typed: statements.map((statement) => statement.replaceAll(TYPE, '$1')),
      plain: statements.map((statement) => statement.replaceAll(TYPE, '')),
      names: this.#scopes[0]?.map(({ name }) => name) ?? [],
      endsInDeclaration,
    };
  }

  #declaration(): string {
    // Before the names: a name is not to be used before its declaration.
    const value = this.#expression(1);
    const other = this.#expression(1);
    switch (this.#choose(8)) {
      case 0:
        return `const ${this.#declare(true)}‹: any› = ${value}${this.#end()}`;
      case 1:
        return `let ${this.#declare(false)}‹: number›, ${this.#declare(false)} = ${value}${this.#end()}`;
      case 2:
        return `var ${this.#declare(false)} = ${value}${this.#end()}`;
      case 3:
        return `const { a: ${this.#declare(true)} = ${value}, ...${this.#declare(true)} }‹: any› = { b: ${other} }${this.#end()}`;
      case 4:
        return `let [${this.#declare(false)}, , [${this.#declare(false)} = ${value}] = [], ...${this.#declare(false)}]‹: any› = [1, 2, undefined, ${other}]${this.#end()}`;
      case 5: {
        const body = this.#inScope(
          () => `${this.#choose(2) === 0 ? 'return' : 'log.push'} (${this.#declareAs('p')}, ${this.#expression(1)})`,
        );
        return `function ${this.#declare(false)}‹<T>›(p‹: T›)‹: any› { ${body} }\n`;
      }
      case 6:
        return `class ${this.#declare(false)}‹<T>› { ‹private› v‹: any› = ${value}; get()‹: any› { return this.v } }\n`;
      default: {
        const body = this.#inScope(() => `[${this.#declareAs('p')}, ${this.#expression(1)}]`);
        return `const ${this.#declare(true)} = (p‹: any›) => ${body}${this.#end()}`;
      }
    }
  }

  #statement(depth: number): string {
    if (depth >= MAX_DEPTH) return this.#simple();
    switch (this.#choose(12)) {
      case 0:
        return `if (${this.#expression(1)}) ${this.#body(depth)} else ${this.#body(depth)}`;
      case 1:
        return `if (${this.#expression(1)}) ${this.#body(depth)}`;
      case 2:
        return this.#inScope(() => {
          const name = this.#declare(true);
          return `for (let ${name}‹: number› = 0; ${name} < ${this.#choose(4)}; ${name}++) ${this.#loop(depth)}`;
        });
      case 3:
        return this.#overEach(this.#expression(1), depth);
      case 4:
        return this.#inScope(() => `for (const ${this.#declare(true)} in { a: 1, b: 2 }) ${this.#loop(depth)}`);
      case 5: {
        const name = `w${this.#names++}`;
        this.#scopes[0]?.push({ name, constant: true });
        return this.#chance(2)
          ? `for (var ${name} = 0; ${name} < ${this.#choose(3)}; ${name}++) ${this.#loop(depth)}`
          : `{ var ${name} = 0; while (${name}++ < ${this.#choose(3)}) ${this.#loop(depth)} }`;
      }
      case 6:
        return `do ${this.#loop(depth)} while (false)\n`;
      case 7:
        return `switch (${this.#choose(3)}) { case 0: ${this.#inScope(() => this.#list(depth))} case 1: ${this.#inScope(() => this.#list(depth))} break; default: ${this.#inScope(() => this.#list(depth))} }`;
      case 8: {
        const failing = this.#chance(2) ? `throw ${this.#expression(1)};` : '';
        const last = this.#chance(2) ? ` finally ${this.#block(depth)}` : '';
        return `try { ${this.#inScope(() => this.#list(depth))} ${failing} } catch ${this.#block(depth)}${last}`;
      }
      case 9:
        return `label${this.#names}: ${this.#labelled(`label${this.#names++}`, depth)}`;
      case 10:
        return this.#chance(3) ? this.#block(depth) : this.#simple();
      default:
        return this.#simple();
    }
  }

  #overEach(item: string, depth: number): string {
    return this.#inScope(() => `for (const ${this.#declare(true)} of [${item}, 1, "x"]) ${this.#loop(depth)}`);
  }

  #labelled(label: string, depth: number): string {
    const leave = (): string => (this.#chance(2) ? `${this.#simple()} break ${label};` : this.#simple());
    if (this.#chance(2)) return `{ ${this.#simple()} if (${this.#expression(1)}) { ${leave()} } ${this.#simple()} }`;
    return this.#inScope(
      () =>
        `for (const ${this.#declare(true)} of [1, 2]) { ${this.#simple()} for (;;) { ${leave()} ${this.#chance(2) ? `continue ${label};` : 'break;'} } }${depth === 0 ? '\n' : ' '}`,
    );
  }

  #body(depth: number): string {
    return this.#chance(2) ? this.#block(depth) : this.#statement(depth + 1);
  }

  #loop(depth: number): string {
    const leave =
      [
        '',
        '',
        'break;',
        'continue;',
        `if (${this.#expression(1)}) break;`,
        `if (${this.#expression(1)}) { ${this.#simple()} continue; }`,
      ][this.#choose(6)] ?? '';
    const body = this.#chance(3)
      ? this.#statement(depth + 1)
      : `{ ${this.#inScope(() => `${this.#list(depth)} ${leave} ${this.#list(depth)}`)} }`;
    return body;
  }

  #block(depth: number): string {
    return this.#inScope(() => {
      const value = this.#expression(1);
      const local = this.#chance(2) ? `let ${this.#declare(false)} = ${value};` : '';
      // The empty statement makes it a block, also where an object could stand.
      return `{ ; ${local} ${this.#list(depth)} }`;
    });
  }

  #list(depth: number): string {
    return Array.from({ length: this.#choose(3) }, () => this.#statement(depth + 1)).join(' ');
  }

  #simple(): string {
    const [variable] = this.#pick(({ constant }) => !constant);
    if (variable !== undefined && this.#chance(2)) return `${variable.name} = ${this.#expression(1)}${this.#end()}`;
    if (this.#chance(4)) return `log.push(${this.#expression(1)})${this.#end()}`;
    return `${this.#expression(1)}${this.#end()}`;
  }

  #expression(depth: number): string {
    const [variable] = this.#pick(() => true);
    switch (this.#choose(depth > 2 ? 3 : 8)) {
      case 0:
        return String(this.#choose(10));
      case 1:
        return variable === undefined ? '"none"' : `show(${variable.name})`;
      case 2:
        return `"é${this.#choose(3)}"`;
      case 3:
        return `(${this.#expression(depth + 1)}‹ as any› + ${this.#expression(depth + 1)})`;
      case 4:
        return `[${this.#expression(depth + 1)}, ${this.#expression(depth + 1)}]`;
      case 5:
        return `(${this.#expression(depth + 1)} ? ${this.#expression(depth + 1)} : ${this.#expression(depth + 1)})`;
      case 6:
        return `((() => { const q = ${this.#expression(depth + 1)}; return [q]; })())`;
      default:
        return `\`t\${${this.#expression(depth + 1)}}\``;
    }
  }

  #pick(wanted: (variable: Variable) => boolean): Variable[] {
    const visible = this.#scopes.flat().filter(wanted);
    const variable = visible[this.#choose(Math.max(1, visible.length))];
    return variable === undefined ? [] : [variable];
  }

  /** Names in different scopes are often the same. */
  #declare(constant: boolean): string {
    const scope = this.#scopes.at(-1) ?? [];
    const shared = `v${this.#choose(4)}`;
    const isInner = this.#scopes.length > 1;
    const name =
      isInner && scope.length === 0 && this.#scopes[0]?.some((variable) => variable.name === shared)
        ? shared
        : `v${this.#names++}`;
    scope.push({ name, constant });
    return name;
  }

  #declareAs(name: string): string {
    this.#scopes.at(-1)?.push({ name, constant: false });
    return name;
  }

  #inScope<Result>(write: () => Result): Result {
    this.#scopes.push([]);
    const result = write();
    this.#scopes.pop();
    return result;
  }

  /** A statement ends with a semicolon, or with a line break that ends it. */
  #end(): string {
    return this.#chance(3) ? '\n;' : ';';
  }

  #chance(oneIn: number): boolean {
    return this.#choose(oneIn) === 0;
  }

  #choose(below: number): number {
    return (this.#choices[this.#next++] ?? 0) % below;
  }
}
