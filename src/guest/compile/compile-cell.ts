import type { ClassDeclaration, FunctionDeclaration, Identifier, Program, VariableDeclaration } from 'acorn';

import type { ColumnMap } from './column-map.ts';
import { closeStatement, CompletionValue, givesValue, withoutLabels } from './completion-value.ts';
import { Edits } from './edits.ts';
import { freeNames } from '../../typescript/free-names.ts';
import { inspectProgram } from '../../typescript/inspect-program.ts';
import type { Inspection, NestedVar } from '../../typescript/inspect-program.ts';
import { parseCell } from './parse-cell.ts';
import { guardDepth } from '../../typescript/parse-typescript.ts';
import type { ParsedSource, SourceText } from '../../typescript/parse-typescript.ts';
import { refuseImports } from '../../typescript/refuse-imports.ts';
import { refuseDynamicImports } from '../../typescript/refuse-dynamic-imports.ts';
import { syntaxError } from '../../typescript/syntax-error.ts';
import { declaredNames, unusedPrefix } from '../../typescript/syntax-tree.ts';

export interface CellOptions {
  /** How messages and stack traces name the cell: `run-3.ts`. */
  readonly file: string;
  /** Names that a cell may not declare. */
  readonly reserved: readonly string[];
}

export interface CompiledCell {
  /** A script. Evaluated, it declares the cell's variables as globals and gives an async function that runs the cell. */
  readonly code: string;
  /** The names that the cell declares. */
  readonly declares: readonly string[];
  readonly map: ColumnMap;
}

/**
 * Makes a cell of an agent's TypeScript: top-level `await` and `return`, the last value as the result, and top-level
 * names that stay for later cells.
 *
 * - Strict mode; `this` is undefined, as in a module. `export` is dropped; `export default` is the value it names.
 * - Top-level `const`, `let`, `var`, `using`, classes and functions become global variables, which a later cell may
 *   declare anew. Used before its declaration, a name has the value that an earlier cell gave it, else undefined.
 * - Assigning to a constant of the same cell is a SYNTAX_ERROR. Later cells may assign to it.
 * - A function that its own cell does not assign calls itself, whatever a later cell does with its name.
 * - An object literal as the last statement, `{ a: 1 }`, is an object, not a block.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX`, with `details: { file, line, column, frame }`.
 */
export function compileCell(source: string, { file, reserved }: CellOptions): CompiledCell {
  const text: SourceText = { source, file, topLevelReturn: true };
  const parsed = parseCell(text);
  return guardDepth(text, () => new Cell(text, parsed).compile(new Set(reserved)));
}

type TopLevelStatement = Program['body'][number];

class Cell {
  readonly #text: SourceText;
  readonly #code: string;
  readonly #program: Program;
  readonly #edits: Edits;
  readonly #inspection: Inspection;
  readonly #prefix: string;
  readonly #assigned: ReadonlySet<string>;
  readonly #declared = new Map<string, Identifier>();
  readonly #constants = new Set<string>();
  /** Calls that define the cell's functions before anything else runs. */
  readonly #hoisted: string[] = [];
  #disposables = 0;

  constructor(text: SourceText, { code, program }: ParsedSource) {
    this.#text = text;
    this.#code = code;
    this.#program = program;
    this.#edits = new Edits(code);
    this.#inspection = inspectProgram(program, code);
    this.#prefix = unusedPrefix(program, code);
    this.#assigned = new Set(this.#inspection.assigned.map(({ name }) => name));
  }

  compile(reserved: ReadonlySet<string>): CompiledCell {
    // At one offset, text is inserted in the order of these calls: what stands further in comes first.
    for (const at of this.#inspection.commentLike) this.#edits.insert(at, ' ');
    for (const nested of this.#inspection.nestedVars) this.#hoistNested(nested);
    for (const statement of this.#program.body) this.#hoist(statement);
    this.#check(reserved);
    const value = this.#takeValue(this.#program.body.filter(({ type }) => type !== 'EmptyStatement'));
    const names = [...this.#declared.keys()];
    const variable = value === undefined ? '' : `let ${value};`;
    const { code, map } = this.#edits.apply(`"use strict";(async function(){${variable}${this.#hoisted.join('')}`);
    const result = value === undefined ? '' : `;return ${value}`;
    // On a line of its own, since a comment may end the source.
    const ending = `\n${result}})${names.length === 0 ? '' : `;var ${names.join(',')}`}`;
    return { code: code + ending, declares: names, map };
  }

  #hoist(statement: TopLevelStatement): void {
    switch (statement.type) {
      case 'VariableDeclaration':
        if (statement.kind === 'using' || statement.kind === 'await using') this.#hoistDisposables(statement);
        else this.#hoistVariables(statement, ';');
        break;
      case 'ClassDeclaration':
        this.#hoistClass(statement);
        break;
      case 'FunctionDeclaration':
        this.#hoistFunction(statement);
        break;
      case 'ImportDeclaration':
        this.#edits.erase(statement.start, statement.end);
        break;
      case 'ExportNamedDeclaration':
        this.#edits.erase(statement.start, statement.declaration?.start ?? statement.end);
        if (statement.declaration) this.#hoist(statement.declaration);
        break;
      case 'ExportDefaultDeclaration':
        this.#hoistDefault(statement);
        break;
      default:
    }
  }

  /** `const a = 1, { b } = c` becomes an assignment in parentheses. `separator` ends the statement before it. */
  #hoistVariables(declaration: VariableDeclaration, separator: ';' | ' '): void {
    const { kind, start, declarations } = declaration;
    this.#edits.overwrite(start, `${separator.padEnd(kind.length - 1)}(`);
    for (const { id, init } of declarations) {
      if (!init && kind !== 'var') this.#edits.insert(id.end, '=void 0');
    }
    closeStatement(this.#code, this.#edits, declaration);
    this.#declare(declaredNames(declaration), kind === 'const');
  }

  /** What is disposed at the end of the cell keeps a variable of its own; the agent's name is assigned beside it. */
  #hoistDisposables(declaration: VariableDeclaration): void {
    for (const { id } of declaration.declarations)
      this.#edits.insert(id.start, `${this.#prefix}using${this.#disposables++}=`);
    this.#declare(declaredNames(declaration), true);
  }

  #hoistNested({ declaration, place }: NestedVar): void {
    if (place !== 'head') {
      this.#hoistVariables(declaration, place === 'list' ? ';' : ' ');
      return;
    }
    this.#edits.overwrite(declaration.start, '   ');
    const [first] = declaration.declarations;
    // `for (async of` is no JavaScript.
    if (first?.id.type === 'Identifier' && first.id.name === 'async' && !first.init) {
      this.#edits.insert(first.id.start, '(');
      this.#edits.insert(first.id.end, ')');
    }
    this.#declare(declaredNames(declaration), false);
  }

  #hoistClass({ id, start, end }: ClassDeclaration): void {
    this.#edits.insert(start, `;${id.name}=`);
    this.#edits.insert(end, ';');
    this.#declare([id], false);
  }

  /**
   * A function stays where it is, in a function that assigns it and that is called first. It keeps its name, which
   * then also means the function itself inside it; where the cell assigns the name, it has to do without.
   */
  #hoistFunction({ id, start, end }: FunctionDeclaration): void {
    const definition = `${this.#prefix}define${this.#hoisted.length}`;
    this.#hoisted.push(`${definition}();`);
    this.#edits.insert(start, `function ${definition}(){${id.name}=`);
    if (this.#assigned.has(id.name)) this.#edits.overwrite(id.start, ' '.repeat(id.end - id.start));
    this.#edits.insert(end, '}');
    this.#declare([id], false);
  }

  #hoistDefault(statement: Extract<TopLevelStatement, { type: 'ExportDefaultDeclaration' }>): void {
    const named = namedDefault(statement);
    this.#edits.erase(statement.start, statement.declaration.start, named ? ';' : DEFAULT_OPENING);
    if (named) this.#hoist(named);
    else closeStatement(this.#code, this.#edits, statement);
  }

  #declare(names: readonly Identifier[], constant: boolean): void {
    for (const id of names) {
      if (!this.#declared.has(id.name)) this.#declared.set(id.name, id);
      if (constant) this.#constants.add(id.name);
    }
  }

  #check(reserved: ReadonlySet<string>): void {
    refuseImports(this.#text, { code: this.#code, program: this.#program });
    refuseDynamicImports(this.#text, this.#program, { inspection: this.#inspection, declared: this.#declared });
    for (const { name, start } of this.#declared.values()) {
      if (reserved.has(name))
        throw syntaxError({ ...this.#text, at: start, reason: `${name} is reserved`, advice: 'choose another name' });
    }
    const assigned = this.#inspection.assigned.filter(({ name }) => this.#constants.has(name));
    const [id] = freeNames(this.#program, assigned);
    if (id)
      throw syntaxError({
        ...this.#text,
        at: id.start,
        reason: `Assignment to constant variable ${id.name}`,
        advice: 'declare it with let',
      });
  }

  /** Keeps the value of the last statement in a variable; answers its name. */
  #takeValue(statements: readonly TopLevelStatement[]): string | undefined {
    const completion = new CompletionValue(this.#code, this.#edits, this.#prefix);
    const last = statements.at(-1);
    if (last?.type === 'ExportDefaultDeclaration' && !namedDefault(last)) return completion.assignAt(last.start + 1);
    const isBlock = last !== undefined && withoutLabels(last).type === 'BlockStatement';
    if (last === undefined || !(isBlock || givesValue(last))) return undefined;
    // A block may have no value; then that of the statements before it counts.
    const first = statements.findLastIndex(givesValue);
    return completion.trackAll(statements.slice(Math.max(first, 0)));
  }
}

/** Over `export default`. When it is the last statement, its value is assigned between the two. */
const DEFAULT_OPENING = ';(';

/** The function or class that an `export default` declares by a name. */
function namedDefault(statement: TopLevelStatement): FunctionDeclaration | ClassDeclaration | undefined {
  if (statement.type !== 'ExportDefaultDeclaration') return undefined;
  const { declaration } = statement;
  if (declaration.type !== 'FunctionDeclaration' && declaration.type !== 'ClassDeclaration') return undefined;
  return declaration.id ? declaration : undefined;
}
