import { parse } from 'acorn';
import type { Comment, Program } from 'acorn';
import type { Skill } from '../contracts/skill.ts';
import type { SkillSource } from '../contracts/skill-store.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import type { ErrorCode } from '../errors/code-mode-error.ts';
import type { SourceLocation } from '../errors/error-data.ts';
import { parseDocComment } from './doc-comment.ts';
import type { DocComment } from './doc-comment.ts';
import { findRun } from './find-run.ts';
import type { FoundRun } from './find-run.ts';
import { readSignature } from './signature.ts';
import { codeFrame, locationAt } from './source-text.ts';
import { stripTypes } from './strip-types.ts';
import { isToken, scan, tokensOf } from './tokens.ts';
import { declareNeededTypes, findTypeStatements } from './type-declarations.ts';

/** A skill is read by people and models: what is larger is data. In bytes (UTF-8). */
export const MAX_SKILL_BYTES = 256 * 1024;

/**
 * Reads what a skill is from its source: name, description, parameters, types. Nothing of it is executed.
 *
 * Hostile source makes it run for minutes, or breaks the type stripper of the thread it runs on for good: on the host's
 * own thread call it through {@link SkillParser}.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX` or `INVALID_SKILL`, with `details.location` and
 * `details.frame`
 */
export function parseSkill({ name, origin, version, source: given }: SkillSource): Skill {
  if (Buffer.byteLength(given) > MAX_SKILL_BYTES) {
    const got = `it has ${Buffer.byteLength(given)} bytes`;
    throw new CodeModeError('INVALID_SKILL', `Cannot read ${origin}: ${got}; expected at most ${MAX_SKILL_BYTES}`);
  }
  // Offsets are those of the text without types, which never has the mark.
  const source = given.startsWith('\uFEFF') ? ` ${given.slice(1)}` : given;
  const comments: Comment[] = [];
  const program = parseProgram(source, origin, comments);
  const run = findRun(program);
  if ('problem' in run) {
    const code = run.isUnsupported === true ? 'UNSUPPORTED_SYNTAX' : 'INVALID_SKILL';
    throw skillError(code, run.problem, source, locationAt(origin, source, run.offset));
  }
  const { typeTokens, parameters, ...signature } = readSignature(source, run.node);
  const docs = docCommentsOf(source, run, comments.filter(isDocComment));
  const described = parameters.map((parameter) => {
    const description = docs.map((doc) => doc.parameters.get(parameter.name)).find((text) => text !== undefined);
    return description === undefined ? parameter : { ...parameter, description };
  });
  return {
    name,
    description: docs.map(({ description }) => description).find((text) => text !== '') ?? '',
    tags: [...new Set(docs.flatMap(({ tags }) => tags))],
    parameters: described,
    ...signature,
    isAsync: run.node.async,
    typeDeclarations: declareNeededTypes(source, typeTokens, findTypeStatements(source, stretchesOf(program, source))),
    origin,
    version,
  };
}

function parseProgram(source: string, origin: string, onComment: Comment[]): Program {
  const stripped = stripTypes(source);
  if (!stripped.ok) {
    const { kind, reason, line, column } = stripped;
    throw skillError(kind === 'unsupported' ? 'UNSUPPORTED_SYNTAX' : 'SYNTAX_ERROR', reason, source, {
      file: origin,
      line,
      column,
    });
  }
  try {
    return parse(stripped.text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: false, onComment });
  } catch (error) {
    const isSyntax = error instanceof SyntaxError && 'pos' in error && typeof error.pos === 'number';
    // A RangeError: the parser's recursion ran out of stack.
    if (!isSyntax) throw skillError('SYNTAX_ERROR', 'Nested too deeply', source, { file: origin, line: 1, column: 1 });
    const reason = error.message.replace(/ \(\d+:\d+\)$/, '');
    throw skillError('SYNTAX_ERROR', reason, source, locationAt(origin, source, Number(error.pos)));
  }
}

function skillError(code: ErrorCode, problem: string, source: string, location: SourceLocation): CodeModeError {
  const { file, line, column } = location;
  const frame = codeFrame(source, location);
  return new CodeModeError(code, `Cannot read ${file}:${line}:${column}: ${problem}\n${frame}`, {
    details: { location, frame },
  });
}

/** The stretches between statements: what stands there, if not comments, are types. */
function stretchesOf({ body }: Program, source: string): [number, number][] {
  const starts = [...body.map(({ start }) => start), source.length];
  return starts.map((start, index) => [body[index - 1]?.end ?? 0, start]);
}

function isDocComment({ type, value }: Comment): boolean {
  return type === 'Block' && value.startsWith('*');
}

/** The module's doc comment, then the function's. */
function docCommentsOf(source: string, run: FoundRun, comments: readonly Comment[]): DocComment[] {
  const first = comments[0];
  const nearest = comments.findLast(({ end }) => end <= run.statement.start);
  const found = new Set<Comment>();
  if (first !== undefined && isModuleDoc(source, first)) found.add(first);
  if (nearest !== undefined && isDocOf(run, source, nearest)) found.add(nearest);
  return [...found].map(({ value }) => parseDocComment(value));
}

/** Nothing comes before it, and it is not about what follows: a blank line, a comment or an import follows. */
function isModuleDoc(source: string, { start, end }: Comment): boolean {
  const [before] = scan(source, 0, start);
  if (before !== undefined) return false;
  const [next] = scan(source, end);
  if (next === undefined || isToken(next, 'import')) return true;
  const between = source.slice(end, next.start);
  return between.trim() !== '' || between.split(/\r\n|[\n\r]/).length > 2;
}

/** True when at most overloads of the function stand between a comment and the function. */
function isDocOf({ node, statement }: FoundRun, source: string, { end }: Comment): boolean {
  const name = node.type === 'ArrowFunctionExpression' ? undefined : node.id?.name;
  const tokens = tokensOf(source, end, statement.start);
  const first = tokens.find((token) => !['export', 'async', 'function'].some((word) => isToken(token, word)));
  return tokens.length === 0 || (name !== undefined && isToken(first, name));
}
