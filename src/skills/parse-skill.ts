import type { Comment, Program } from 'acorn';
import type { Skill } from '../contracts/skill.ts';
import type { SkillSource } from '../contracts/skill-store.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { checkSkill } from '../typescript/check-skill.ts';
import type { FoundRun } from '../typescript/find-run.ts';
import { parseTypeScript, readableSource } from '../typescript/parse-typescript.ts';
import type { SourceText } from '../typescript/parse-typescript.ts';
import { parseDocComment } from './doc-comment.ts';
import type { DocComment } from './doc-comment.ts';
import { readSignature } from './signature.ts';
import { boundSkill } from './skill-limits.ts';
import type { BoundSkill } from './skill-limits.ts';
import { isToken, scan, tokensOf } from './tokens.ts';
import { declareNeededTypes, findTypeStatements } from './type-declarations.ts';

/** A skill is read by people and models: what is larger is data. In bytes (UTF-8). */
export const MAX_SKILL_BYTES = 256 * 1024;

/**
 * Reads what a skill is from its source: name, description, parameters, types. Nothing of it is executed.
 *
 * Hostile source makes it run for minutes: on the host's own thread call it through {@link SkillParser}.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX` or `INVALID_SKILL`, with
 * `details: { file, line, column, frame }`
 */
export function parseSkill(given: SkillSource): Skill {
  return parseAndBound(given).skill;
}

/**
 * As `parseSkill`, for a source that is to be stored.
 *
 * @throws {CodeModeError} also `INVALID_SKILL` for one that says more of itself than a listing takes
 */
export function parseNewSkill(given: SkillSource): Skill {
  const { skill, excess } = parseAndBound(given);
  if (excess !== undefined) throw new CodeModeError('INVALID_SKILL', `Cannot save ${given.origin}: ${excess}`);
  return skill;
}

function parseAndBound(given: SkillSource): BoundSkill {
  const { name, origin, version } = given;
  const comments: Comment[] = [];
  const { run, program } = parseValidSkill(given, comments);
  const source = readableSource(given.source);
  const { typeTokens, parameters, ...signature } = readSignature(source, run.node);
  const docs = docCommentsOf(source, run, comments.filter(isDocComment));
  const described = parameters.map((parameter) => {
    const description = docs.map((doc) => doc.parameters.get(parameter.name)).find((found) => found !== undefined);
    return description === undefined ? parameter : { ...parameter, description };
  });
  return boundSkill({
    name,
    description: docs.map(({ description }) => description).find((found) => found !== '') ?? '',
    tags: [...new Set(docs.flatMap(({ tags }) => tags))],
    parameters: described,
    ...signature,
    isAsync: run.node.async,
    typeDeclarations: declareNeededTypes(source, typeTokens, findTypeStatements(source, stretchesOf(program, source))),
    origin,
    version,
  });
}

/**
 * Reads no more than it takes to say whether it is a skill: in half the time.
 *
 * @throws {CodeModeError} as `parseSkill`
 */
export function parseValidSkill(
  { origin, source }: SkillSource,
  comments?: Comment[],
): { readonly run: FoundRun; readonly program: Program } {
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_SKILL_BYTES) {
    const got = `it has ${bytes} bytes`;
    throw new CodeModeError('INVALID_SKILL', `Cannot read ${origin}: ${got}; expected at most ${MAX_SKILL_BYTES}`);
  }
  const text: SourceText = { source, file: origin, frameInMessage: true };
  const parsed = parseTypeScript(text, comments);
  return { run: checkSkill(text, parsed).run, program: parsed.program };
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
