import type { AnyNode, Identifier, Program, VariableDeclaration } from 'acorn';

import { namesIn, visitChildren } from './syntax-tree.ts';

/** What has to be known of a program beyond its top-level statements. */
export interface Inspection {
  /** `var` outside of functions that is no top-level statement: its names are top-level names. */
  readonly nestedVars: readonly NestedVar[];
  /** Offsets of `!` in `a<!--b`, which a script reads as the start of an HTML comment. */
  readonly commentLike: readonly number[];
  /** Every variable that is assigned. */
  readonly assigned: readonly Identifier[];
  /** `require` where it is called. */
  readonly requires: readonly Identifier[];
  readonly dynamicImports: readonly AnyNode[];
  /** `await` outside of functions. */
  readonly awaits: readonly AnyNode[];
}

export interface NestedVar {
  readonly declaration: VariableDeclaration;
  /** In a list of statements, as the sole body of a statement, or in the head of a `for`. */
  readonly place: 'list' | 'body' | 'head';
}

export function inspectProgram(program: Program, code: string): Inspection {
  const inspector = new Inspector(code);
  for (const statement of program.body) {
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'await using') {
      visitChildren(statement, (child) => inspector.visit(child, statement));
    } else {
      inspector.visit(statement, program);
    }
  }
  return inspector;
}

class Inspector implements Inspection {
  readonly nestedVars: NestedVar[] = [];
  readonly commentLike: number[] = [];
  readonly assigned: Identifier[] = [];
  readonly requires: Identifier[] = [];
  readonly dynamicImports: AnyNode[] = [];
  readonly awaits: AnyNode[] = [];
  readonly #code: string;
  #functions = 0;

  constructor(code: string) {
    this.#code = code;
  }

  visit(node: AnyNode, parent: AnyNode): void {
    this.#note(node, parent);
    const opens = isFunctionScope(node);
    if (opens) this.#functions++;
    visitChildren(node, (child) => this.visit(child, node));
    if (opens) this.#functions--;
  }

  #note(node: AnyNode, parent: AnyNode): void {
    switch (node.type) {
      case 'VariableDeclaration':
        if (this.#functions > 0) break;
        // An exported one is handled with the top-level statements.
        if (node.kind === 'var' && parent.type !== 'ExportNamedDeclaration')
          this.nestedVars.push({ declaration: node, place: placeOf(node, parent) });
        if (node.kind === 'await using') this.awaits.push(node);
        break;
      case 'AssignmentExpression':
        this.assigned.push(...namesIn(node.left));
        break;
      case 'UpdateExpression':
        if (node.argument.type === 'Identifier') this.assigned.push(node.argument);
        break;
      case 'ForInStatement':
      case 'ForOfStatement':
        if (node.left.type !== 'VariableDeclaration') this.assigned.push(...namesIn(node.left));
        if (node.type === 'ForOfStatement' && node.await && this.#functions === 0) this.awaits.push(node);
        break;
      case 'AwaitExpression':
        if (this.#functions === 0) this.awaits.push(node);
        break;
      case 'CallExpression':
        if (node.callee.type === 'Identifier' && node.callee.name === 'require') this.requires.push(node.callee);
        break;
      case 'ImportExpression':
      case 'MetaProperty':
        if (node.type === 'ImportExpression' || node.meta.name === 'import') this.dynamicImports.push(node);
        break;
      case 'UnaryExpression':
        if (this.#code.startsWith('<!--', node.start - 1)) this.commentLike.push(node.start);
        break;
      default:
    }
  }
}

/** Functions, and blocks and fields of classes that work like functions. */
function isFunctionScope(node: AnyNode): boolean {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'StaticBlock':
      return true;
    default:
      return false;
  }
}

function placeOf(node: VariableDeclaration, parent: AnyNode): NestedVar['place'] {
  switch (parent.type) {
    case 'BlockStatement':
    case 'SwitchCase':
      return 'list';
    case 'ForStatement':
      return parent.init === node ? 'head' : 'body';
    case 'ForInStatement':
    case 'ForOfStatement':
      return parent.left === node ? 'head' : 'body';
    default:
      return 'body';
  }
}
