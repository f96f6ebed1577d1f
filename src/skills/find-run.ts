import type { Declaration, Expression, ModuleDeclaration, Program, Statement } from 'acorn';
import type { SkillFunction } from './signature.ts';

type TopLevel = Statement | ModuleDeclaration;

/** The function that a skill exports as `run`, and the statement that its doc comment stands before. */
export interface FoundRun {
  readonly node: SkillFunction;
  readonly statement: TopLevel;
}

/** Why there is none, and where. */
export interface MissingRun {
  readonly problem: string;
  readonly offset: number;
  /** It can't be a skill's code at all: an import. */
  readonly isUnsupported?: boolean;
}

const EXPECTED = 'write `export async function run(...) { ... }`';
const NO_IMPORTS = 'A skill can import nothing; use tools, artifacts and other skills (`skills.<name>(...)`) instead';

/** Finds `run` in any form in which a module can export a function. */
export function findRun({ body }: Program): FoundRun | MissingRun {
  const foreign = body.find(isFromElsewhere);
  if (foreign !== undefined) return { problem: NO_IMPORTS, offset: foreign.start, isUnsupported: true };
  for (const statement of body) {
    const inPlace = valueOf(statement, 'run');
    if (statement.type === 'ExportNamedDeclaration' && inPlace !== undefined) return asFunction(inPlace, statement);
  }
  const local = localNameOfRun(body);
  for (const statement of body) {
    const value = local === undefined ? undefined : valueOf(statement, local);
    if (value !== undefined) return asFunction(value, statement);
  }
  const byDefault = body.find(({ type }) => type === 'ExportDefaultDeclaration');
  if (byDefault === undefined) return { problem: `It does not export a function run; ${EXPECTED}`, offset: 0 };
  return { problem: `It has a default export and no run; ${EXPECTED}`, offset: byDefault.start };
}

function isFromElsewhere(statement: TopLevel): boolean {
  if (statement.type === 'ImportDeclaration' || statement.type === 'ExportAllDeclaration') return true;
  return statement.type === 'ExportNamedDeclaration' && Boolean(statement.source);
}

/** `main` in `export { main as run }`. */
function localNameOfRun(body: readonly TopLevel[]): string | undefined {
  const specifiers = body.flatMap((each) => (each.type === 'ExportNamedDeclaration' ? each.specifiers : []));
  const local = specifiers.find(({ exported }) => nameOf(exported) === 'run')?.local;
  return local === undefined ? undefined : nameOf(local);
}

function nameOf(node: { readonly type: string; readonly name?: unknown; readonly value?: unknown }): string {
  return String(node.type === 'Identifier' ? node.name : node.value);
}

/** What a top-level statement, exported or not, declares by that name. */
function valueOf(statement: TopLevel, name: string): Declaration | Expression | undefined {
  if (statement.type === 'ExportNamedDeclaration')
    return statement.declaration ? valueOf(statement.declaration, name) : undefined;
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') {
    return statement.id.name === name ? statement : undefined;
  }
  if (statement.type !== 'VariableDeclaration') return undefined;
  const found = statement.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name);
  return found === undefined ? undefined : (found.init ?? statement);
}

function asFunction(node: Declaration | Expression, statement: TopLevel): FoundRun | MissingRun {
  const isFunction =
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression';
  if (!isFunction) return { problem: `run is not a function where it is declared; ${EXPECTED}`, offset: node.start };
  if (node.generator) return { problem: `run is a generator; ${EXPECTED}`, offset: node.start };
  return { node, statement };
}
