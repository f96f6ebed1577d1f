import type { AnyNode, Identifier, Pattern, Program, VariableDeclaration } from 'acorn';

/** Calls `visit` with each child, in the order of the source. */
export function visitChildren(node: AnyNode, visit: (child: AnyNode) => void): void {
  const values: unknown[] = Object.values(node);
  for (const value of values) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item);
    } else if (isNode(value)) {
      visit(value);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The names that a pattern binds, or the variables that it assigns. */
export function namesIn(pattern: Pattern): Identifier[] {
  const names: Identifier[] = [];
  collectNames(pattern, names);
  return names;
}

function collectNames(node: AnyNode | null, names: Identifier[]): void {
  switch (node?.type) {
    case 'Identifier':
      names.push(node);
      break;
    case 'ObjectPattern':
      for (const property of node.properties)
        collectNames(property.type === 'Property' ? property.value : property.argument, names);
      break;
    case 'ArrayPattern':
      for (const element of node.elements) collectNames(element, names);
      break;
    case 'RestElement':
      collectNames(node.argument, names);
      break;
    case 'AssignmentPattern':
      collectNames(node.left, names);
      break;
    case 'ParenthesizedExpression':
      collectNames(node.expression, names);
      break;
    default: // a member of an object, or a hole
  }
}

export function declaredNames(declaration: VariableDeclaration): Identifier[] {
  return declaration.declarations.flatMap(({ id }) => namesIn(id));
}

/** A beginning that no name in the program has: what is put into it can't collide with the agent's names. */
export function unusedPrefix(program: Program, code: string): string {
  if (!code.includes('$0_') && !code.includes('\\u')) return '$0_';
  const used = new Set<string>();
  const collect = (node: AnyNode): void => {
    if (node.type === 'Identifier') used.add(node.name.slice(0, node.name.indexOf('_') + 1));
    visitChildren(node, collect);
  };
  collect(program);
  let count = 0;
  while (used.has(`$${count}_`)) count++;
  return `$${count}_`;
}
