import type { Expression, Pattern } from 'acorn';
import type { SkillParameter } from '../contracts/skill.ts';
import type { SkillFunction } from '../typescript/find-run.ts';
import { angleChange, depthChange, isToken, scan, tokensOf } from './tokens.ts';
import type { CodeToken } from './tokens.ts';
import { typeText } from './type-text.ts';

/** What the source says of a function before its body. */
export interface Signature {
  readonly typeParameters?: string;
  readonly parameters: readonly SkillParameter[];
  readonly returns?: string;
  /** Every token of the types above: the names to look up. */
  readonly typeTokens: readonly CodeToken[];
}

/**
 * Reads a function's signature. The tree is of the stripped text, which has every name at the offset where the source
 * has it: so the types are what the source has between the names.
 */
export function readSignature(source: string, node: SkillFunction): Signature {
  const { typeParameters: generics, end } = readHead(source, node);
  const read = node.params.map((pattern, index) =>
    readParameter(source, pattern, node.params[index + 1]?.start ?? end),
  );
  const parameters = withUniqueNames(read.map(({ parameter }) => parameter));
  const typeParameters = typeText(source, generics.slice(1, -1), 'parameters');
  const returnTokens = readReturnType(source, node, end);
  const returns = typeText(source, returnTokens);
  // Without its type parameters, no type that may name them can be told.
  if (generics.length > 0 && typeParameters === undefined) {
    return { parameters: parameters.map(withoutType), typeTokens: [] };
  }
  return {
    ...(typeParameters === undefined ? {} : { typeParameters }),
    parameters,
    ...(returns === undefined ? {} : { returns }),
    typeTokens: [
      ...generics,
      ...read.flatMap(({ typeTokens }) => typeTokens),
      ...(returns === undefined ? [] : returnTokens),
    ],
  };
}

/** The type parameters, with their brackets, and where the parameters end: at the parenthesis, or at a bare `=>`. */
function readHead(source: string, node: SkillFunction): { typeParameters: readonly CodeToken[]; end: number } {
  const typeParameters: CodeToken[] = [];
  const start = (node.type === 'ArrowFunctionExpression' ? undefined : node.id?.end) ?? node.start;
  let angles = 0;
  let depth = 0;
  for (const token of scan(source, start, node.body.start)) {
    if (angles === 0 && isToken(token, '=>')) return { typeParameters, end: token.start };
    if (angles === 0 && isToken(token, '(')) {
      return { typeParameters, end: closingParenthesis(source, node.params.at(-1)?.end ?? token.end, node.body.start) };
    }
    const wasInside = angles > 0;
    if (depth === 0) angles += angleChange(token);
    if (wasInside) depth += depthChange(token);
    if (wasInside || angles > 0) typeParameters.push(token);
  }
  return { typeParameters: [], end: node.body.start };
}

function closingParenthesis(source: string, from: number, to: number): number {
  let depth = 0;
  for (const token of scan(source, from, to)) {
    depth += depthChange(token);
    if (depth < 0) return token.start;
  }
  return to;
}

/** From after the parameters to the body; an arrow's `=>` ends it, after which only parentheses can come. */
function readReturnType(source: string, node: SkillFunction, from: number): readonly CodeToken[] {
  const tokens = tokensOf(source, from, node.body.start);
  const arrow = tokens.findLastIndex((token) => isToken(token, '=>'));
  const isAnnotated = isToken(tokens[0], ')') && isToken(tokens[1], ':');
  return isAnnotated ? tokens.slice(2, node.type === 'ArrowFunctionExpression' ? arrow : undefined) : [];
}

interface ReadParameter {
  readonly parameter: SkillParameter;
  /** Of its type as written. */
  readonly typeTokens: readonly CodeToken[];
}

/** @param end where the next parameter starts, or the parameters end */
function readParameter(source: string, pattern: Pattern, end: number): ReadParameter {
  const target = targetOf(pattern);
  const initial = pattern.type === 'AssignmentPattern' ? pattern.right : undefined;
  const { isOptional, typeTokens } = readAnnotation(
    tokensOf(source, target.end, initial?.start ?? end),
    initial !== undefined,
  );
  const type = typeTokens.length > 0 ? typeText(source, typeTokens) : impliedType(target, initial);
  return {
    typeTokens: type === undefined ? [] : typeTokens,
    parameter: {
      name: target.type === 'Identifier' ? target.name : DESTRUCTURED,
      ...(type === undefined ? {} : { type }),
      optional: isOptional || initial !== undefined,
      rest: pattern.type === 'RestElement',
      ...(initial === undefined ? {} : { defaultValue: source.slice(initial.start, initial.end) }),
    },
  };
}

/** `?: Type` or `: Type`, without the `=` or the `,` that follows. */
function readAnnotation(
  tokens: readonly CodeToken[],
  hasDefault: boolean,
): { isOptional: boolean; typeTokens: readonly CodeToken[] } {
  const isOptional = isToken(tokens[0], '?');
  const colon = isOptional ? 1 : 0;
  if (!isToken(tokens[colon], ':')) return { isOptional, typeTokens: [] };
  const last = tokens.findLastIndex((token) => isToken(token, hasDefault ? '=' : ','));
  const isCut = hasDefault ? last > 0 : last === tokens.length - 1;
  return { isOptional, typeTokens: tokens.slice(colon + 1, isCut ? last : undefined) };
}

/** What a destructured parameter is called. */
const DESTRUCTURED = 'options';

function targetOf(pattern: Pattern): Pattern {
  if (pattern.type === 'AssignmentPattern') return pattern.left;
  return pattern.type === 'RestElement' ? pattern.argument : pattern;
}

/** The type of a parameter that has no annotation, as far as its default or its destructured keys tell. */
function impliedType(target: Pattern, initial: Expression | undefined): string | undefined {
  if (target.type !== 'ObjectPattern') return initial === undefined ? undefined : literalType(initial);
  const members: string[] = [];
  for (const property of target.properties) {
    if (property.type === 'RestElement') members.push('[key: string]: unknown');
    else if (!property.computed && property.key.type === 'Identifier') {
      const { value } = property;
      const isOptional = value.type === 'AssignmentPattern';
      const type = (isOptional ? literalType(value.right) : undefined) ?? 'unknown';
      members.push(`${property.key.name}${isOptional ? '?' : ''}: ${type}`);
    }
  }
  return members.length === 0 ? undefined : `{ ${members.join('; ')} }`;
}

function literalType(node: Expression): string | undefined {
  if (node.type === 'ParenthesizedExpression') return literalType(node.expression);
  if (node.type === 'TemplateLiteral') return 'string';
  if (node.type === 'UnaryExpression' && node.operator === '-') return literalType(node.argument);
  if (node.type !== 'Literal') return undefined;
  const type = typeof node.value;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'bigint' ? type : undefined;
}

function withUniqueNames(parameters: readonly SkillParameter[]): SkillParameter[] {
  const taken = new Set<string>();
  return parameters.map((parameter) => {
    let { name } = parameter;
    for (let number = 2; taken.has(name); number++) name = `${parameter.name}${number}`;
    taken.add(name);
    return { ...parameter, name };
  });
}

function withoutType({ type: _type, ...parameter }: SkillParameter): SkillParameter {
  return parameter;
}
