import { parseExpressionAt } from 'acorn';
import type { AnyNode, ExpressionStatement, Program } from 'acorn';

import { isCodeModeError } from '../../errors/code-mode-error.ts';
import { ACORN_OPTIONS, guardDepth, parseTypeScript } from '../../typescript/parse-typescript.ts';
import type { ParsedSource, SourceText } from '../../typescript/parse-typescript.ts';
import { visitChildren } from '../../typescript/syntax-tree.ts';

/**
 * Parses a cell, whose last statement may be an object literal without parentheses. JavaScript reads `{ a: 1 }` as a
 * block, and `{ a: 1, b: 2 }` as an error.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX`.
 */
export function parseCell(text: SourceText): ParsedSource {
  let parsed: ParsedSource;
  try {
    parsed = parseTypeScript(text);
  } catch (error) {
    const retried = isCodeModeError(error) ? parseWithLastObject(text) : undefined;
    if (retried === undefined) throw error;
    return retried;
  }
  return { ...parsed, program: withObjectForBlock(parsed) };
}

/** The program with its last statement as an object, where that statement is a block that also reads as one. */
function withObjectForBlock({ code, program }: ParsedSource): Program {
  const index = program.body.findLastIndex(({ type }) => type !== 'EmptyStatement');
  const last = program.body[index];
  if (last?.type !== 'BlockStatement' || last.body.length > 1) return program;
  const [only] = last.body;
  if (only && only.type !== 'LabeledStatement' && only.type !== 'ExpressionStatement') return program;
  try {
    const expression = parseExpressionAt(code, last.start, ACORN_OPTIONS);
    if (expression.type !== 'ObjectExpression' || expression.end !== last.end) return program;
    const { start, end } = last;
    return { ...program, body: program.body.with(index, { type: 'ExpressionStatement', start, end, expression }) };
  } catch {
    return program;
  }
}

/** A declaration can only stand where a statement may begin: so it shows that a statement begins there. */
const MARK = 'const{}=0;(';

/** Parses again with the last braces of the source as an object. Answers `undefined` when they are none. */
function parseWithLastObject(text: SourceText): ParsedSource | undefined {
  for (const braces of lastBraces(text.source)) {
    const parsed = parseWithObjectAt(text, braces);
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

function parseWithObjectAt(text: SourceText, { start, end }: Braces): ParsedSource | undefined {
  const { source } = text;
  try {
    const marked = `${source.slice(0, start)}${MARK}${source.slice(start, end)})${source.slice(end)}`;
    const { code, program } = parseTypeScript({ ...text, source: marked });
    const body = program.body.filter(({ type }) => type !== 'EmptyStatement');
    const last = body.pop();
    const mark = body.pop();
    if (last?.type !== 'ExpressionStatement' || mark?.start !== start || mark.type !== 'VariableDeclaration')
      return undefined;
    const object = objectAt(last, start + MARK.length);
    if (object === undefined) return undefined;
    guardDepth(text, () => moveBack(object, MARK.length));
    const unmarked =
      code.slice(0, start) + code.slice(start + MARK.length, end + MARK.length) + code.slice(end + MARK.length + 1);
    const statement: ExpressionStatement = { type: 'ExpressionStatement', start, end, expression: object };
    return { code: unmarked, program: { ...program, body: [...body, statement] } };
  } catch {
    return undefined;
  }
}

interface Braces {
  readonly start: number;
  readonly end: number;
}

/** Where braces that end the source may begin: by counting, which braces in strings mislead, or else at a line's start. */
function lastBraces(source: string): Braces[] {
  let end = source.length;
  while (end > 0 && /[\s;]/.test(source[end - 1] ?? '')) end--;
  if (source[end - 1] !== '}') return [];
  const starts = new Set([counted(source, end), source.lastIndexOf('\n{', end) + 1]);
  return [...starts].filter((start) => source[start] === '{').map((start) => ({ start, end }));
}

function counted(source: string, end: number): number {
  let depth = 0;
  for (let start = end - 1; start >= 0; start--) {
    if (source[start] === '}') depth++;
    else if (source[start] === '{' && --depth === 0) return start;
  }
  return -1;
}

function objectAt(
  { expression }: ExpressionStatement,
  start: number,
): Extract<AnyNode, { type: 'ObjectExpression' }> | undefined {
  if (expression.type !== 'ParenthesizedExpression' || expression.expression.start !== start) return undefined;
  return expression.expression.type === 'ObjectExpression' ? expression.expression : undefined;
}

function moveBack(node: AnyNode, by: number): void {
  node.start -= by;
  node.end -= by;
  visitChildren(node, (child) => moveBack(child, by));
}
