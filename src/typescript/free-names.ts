import type { AnyNode, Identifier, Program } from 'acorn';

import { declaredNames, namesIn, visitChildren } from './syntax-tree.ts';

/** Those of `identifiers` that no scope inside the program binds: they mean a top-level or a global variable. */
export function freeNames(program: Program, identifiers: readonly Identifier[]): Identifier[] {
  if (identifiers.length === 0) return [];
  const wanted = new Set<AnyNode>(identifiers);
  const names = new Set(identifiers.map(({ name }) => name));
  /** How many of the scopes around the current node bind a name. Scopes are counted, not searched, to stay linear. */
  const shadowed = new Map<string, number>();
  const free: Identifier[] = [];
  const visit = (node: AnyNode): void => {
    const bound = boundBy(node).filter(({ name }) => names.has(name));
    for (const { name } of bound) shadowed.set(name, (shadowed.get(name) ?? 0) + 1);
    if (node.type === 'Identifier' && wanted.has(node) && (shadowed.get(node.name) ?? 0) === 0) free.push(node);
    visitChildren(node, visit);
    for (const { name } of bound) shadowed.set(name, (shadowed.get(name) ?? 0) - 1);
  };
  visitChildren(program, visit);
  return free;
}

/** The names that a node binds for what is inside it. */
function boundBy(node: AnyNode): Identifier[] {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const own = node.type === 'FunctionExpression' && node.id ? [node.id] : [];
      return [...own, ...node.params.flatMap(namesIn), ...varsIn(node.body)];
    }
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.id ? [node.id] : [];
    case 'StaticBlock':
      return [...lexicalNames(node.body), ...node.body.flatMap(varsIn)];
    case 'BlockStatement':
      return lexicalNames(node.body);
    case 'SwitchStatement':
      return node.cases.flatMap(({ consequent }) => lexicalNames(consequent));
    case 'ForStatement':
      return node.init ? lexicalNames([node.init]) : [];
    case 'ForInStatement':
    case 'ForOfStatement':
      return lexicalNames([node.left]);
    case 'CatchClause':
      return node.param ? namesIn(node.param) : [];
    default:
      return [];
  }
}

function lexicalNames(nodes: readonly AnyNode[]): Identifier[] {
  return nodes.flatMap((node) => {
    if (node.type === 'VariableDeclaration') return node.kind === 'var' ? [] : declaredNames(node);
    if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return node.id ? [node.id] : [];
    return [];
  });
}

/** The names of every `var` of a function's body, without those of functions inside it. */
function varsIn(node: AnyNode): Identifier[] {
  const found: Identifier[] = [];
  const visit = (child: AnyNode): void => {
    if (child.type === 'VariableDeclaration' && child.kind === 'var') found.push(...declaredNames(child));
    const isFunction =
      child.type === 'FunctionDeclaration' ||
      child.type === 'FunctionExpression' ||
      child.type === 'ArrowFunctionExpression';
    if (!isFunction && child.type !== 'StaticBlock') visitChildren(child, visit);
  };
  visit(node);
  return found;
}

/** The names that a program binds for all of it. */
export function topLevelNames(program: Program): Set<string> {
  const statements = program.body.map((statement) => {
    const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration';
    return isExport ? (statement.declaration ?? statement) : statement;
  });
  return new Set([...lexicalNames(statements), ...varsIn(program)].map(({ name }) => name));
}
