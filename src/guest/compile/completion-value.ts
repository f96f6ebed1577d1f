import type { Program, Statement } from 'acorn';

import type { Edits } from './edits.ts';

type TopLevelStatement = Program['body'][number];

/**
 * Keeps the completion value of statements, as JavaScript's own `eval` gives it, in a variable: every expression
 * statement inside them is assigned to it, every compound statement begins by clearing it.
 */
export class CompletionValue {
  readonly #code: string;
  readonly #edits: Edits;
  readonly #variable: string;
  /** Holds the value while a `finally` block runs, whose own counts only when it ends abruptly. */
  readonly #kept: string;

  constructor(code: string, edits: Edits, prefix: string) {
    this.#code = code;
    this.#edits = edits;
    this.#variable = `${prefix}value`;
    this.#kept = `${prefix}kept`;
  }

  /** Tracks a list of statements; answers the name of the variable that has their value. */
  trackAll(statements: readonly TopLevelStatement[]): string {
    for (const statement of statements) this.#track(statement, true);
    return this.#variable;
  }

  /** Assigns the expression that begins at an offset; answers the name of the variable. */
  assignAt(offset: number): string {
    this.#edits.insert(offset, `${this.#variable}=`);
    return this.#variable;
  }

  #track(statement: TopLevelStatement, inList: boolean): void {
    const target = withoutLabels(statement);
    if (!isCompound(target)) {
      this.#trackInside(target);
    } else if (inList) {
      this.#edits.insert(statement.start, `${this.#variable}=void 0;`);
      this.#trackInside(target);
    } else {
      this.#edits.insert(statement.start, `{${this.#variable}=void 0;`);
      this.#trackInside(target);
      this.#edits.insert(statement.end, '}');
    }
  }

  #trackInside(statement: TopLevelStatement): void {
    switch (statement.type) {
      case 'ExpressionStatement':
        this.#edits.insert(statement.start, `${this.#variable}=(`);
        closeStatement(this.#code, this.#edits, statement);
        break;
      case 'BlockStatement':
        this.trackAll(statement.body);
        break;
      case 'IfStatement':
        this.#track(statement.consequent, false);
        if (statement.alternate) this.#track(statement.alternate, false);
        break;
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        this.#track(statement.body, false);
        break;
      case 'SwitchStatement':
        for (const { consequent } of statement.cases) this.trackAll(consequent);
        break;
      case 'TryStatement':
        this.#trackTry(statement);
        break;
      default:
    }
  }

  #trackTry({ block, handler, finalizer }: Extract<Statement, { type: 'TryStatement' }>): void {
    this.trackAll(block.body);
    if (handler) {
      this.#edits.insert(handler.body.start + 1, `${this.#variable}=void 0;`);
      this.trackAll(handler.body.body);
    }
    if (!finalizer) return;
    this.#edits.insert(finalizer.start + 1, `const ${this.#kept}=${this.#variable};${this.#variable}=void 0;`);
    this.trackAll(finalizer.body);
    this.#edits.insert(finalizer.end - 1, `;${this.#variable}=${this.#kept};`);
  }
}

/** True for a statement whose value, even when that is undefined, replaces that of the statements before it. */
export function givesValue(statement: TopLevelStatement): boolean {
  const target = withoutLabels(statement);
  return target.type === 'ExpressionStatement' || isCompound(target);
}

/** Statements that begin with the value undefined. */
function isCompound(statement: TopLevelStatement): boolean {
  switch (statement.type) {
    case 'IfStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'SwitchStatement':
    case 'TryStatement':
      return true;
    default:
      return false;
  }
}

export function withoutLabels(statement: TopLevelStatement): TopLevelStatement {
  let target = statement;
  while (target.type === 'LabeledStatement') target = target.body;
  return target;
}

/**
 * Puts a closing parenthesis at the end of a statement. Where it has no semicolon, a line break may be what ends it,
 * which would not do so after a parenthesis.
 */
export function closeStatement(code: string, edits: Edits, { end }: { readonly end: number }): void {
  if (code[end - 1] === ';') edits.insert(end - 1, ')');
  else edits.insert(end, ');');
}
