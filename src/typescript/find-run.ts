import type {
  ArrowFunctionExpression,
  Declaration,
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  ModuleDeclaration,
  Program,
  Statement,
} from 'acorn';

import { syntaxError } from './syntax-error.ts';
import type { SourceText } from './parse-typescript.ts';

type TopLevel = Statement | ModuleDeclaration;

export type SkillFunction = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

/** The function that a skill exports as `run`. */
export interface FoundRun {
  readonly node: SkillFunction;
  /** What declares it: its doc comment stands before. */
  readonly statement: TopLevel;
  /** Its name inside the file: `main` in `export { main as run }`. */
  readonly local: string;
}

const EXPECTED = 'write `export async function run(...) { ... }`';

/**
 * Finds `run`: exported where it is declared, or by `export { x as run }`.
 *
 * @throws {CodeModeError} `INVALID_SKILL` when there is none, or it is no function
 */
export function findRun(text: SourceText, { body }: Program): FoundRun {
  for (const statement of body) {
    const inPlace = statement.type === 'ExportNamedDeclaration' ? valueOf(statement, 'run') : undefined;
    if (inPlace !== undefined) return { node: asFunction(text, inPlace), statement, local: 'run' };
  }
  const local = localNameOfRun(body);
  for (const statement of body) {
    const value = local === undefined ? undefined : valueOf(statement, local);
    if (local !== undefined && value !== undefined) return { node: asFunction(text, value), statement, local };
  }
  const byDefault = body.find(({ type }) => type === 'ExportDefaultDeclaration');
  if (byDefault === undefined) throw noRun(text, 'It does not export a function run', 0);
  throw noRun(text, 'It has a default export and no run', byDefault.start);
}

function noRun(text: SourceText, reason: string, at: number): Error {
  return syntaxError({ ...text, at, code: 'INVALID_SKILL', reason, advice: EXPECTED });
}

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

function asFunction(text: SourceText, node: Declaration | Expression): SkillFunction {
  if (node.type === 'ParenthesizedExpression') return asFunction(text, node.expression);
  const isFunction =
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression';
  if (!isFunction) throw noRun(text, 'run is not a function where it is declared', node.start);
  if (node.generator) throw noRun(text, 'run is a generator', node.start);
  return node;
}
