import { angleChange, depthChange, isToken, tokensOf } from './tokens.ts';
import type { CodeToken } from './tokens.ts';
import { typeText } from './type-text.ts';

/** Words that begin a statement made of types alone. */
const STARTERS: ReadonlySet<string> = new Set(
  'type interface export declare import abstract function async class const let var enum namespace module'.split(' '),
);
const LINE_BREAK = /[\n\r\u2028\u2029]/u;

/** What a type stands after; not a key. */
const BEFORE_A_TYPE: readonly string[] = ['?', '|', '&', '=>', 'keyof', 'extends', 'infer', 'is'];

/** Words of types, and types that are there without being declared. */
const KNOWN_WORDS: ReadonlySet<string> = new Set(
  `string number boolean bigint symbol object undefined null never unknown any void true false intrinsic
  keyof readonly infer extends in is asserts abstract new out as get set const interface type
  AggregateError Array ArrayBuffer ArrayBufferLike ArrayBufferView ArrayLike AsyncGenerator AsyncIterable
  AsyncIterableIterator AsyncIterator Awaited BigInt BigInt64Array BigUint64Array Boolean Capitalize ConstructorParameters
  DataView Date Error EvalError Exclude Extract Float32Array Float64Array Function Generator InstanceType Int16Array
  Int32Array Int8Array Iterable IterableIterator Iterator Lowercase Map NoInfer NonNullable Number Object Omit Parameters
  Partial Pick Promise PromiseLike PromiseSettledResult PropertyKey RangeError Readonly ReadonlyArray ReadonlyMap
  ReadonlySet Record ReferenceError RegExp Required ReturnType Set SharedArrayBuffer String Symbol SyntaxError TypeError
  URIError URL URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray Uncapitalize Uppercase WeakMap WeakSet
  AbortController AbortSignal`.split(/\s+/),
);

/** The tokens of every interface and type alias at the top level of a file, by name. */
export type TypeStatements = ReadonlyMap<string, readonly (readonly CodeToken[])[]>;

/**
 * Finds the interfaces and type aliases in stretches of source that hold types alone: those between the statements
 * that are left when types are stripped.
 */
export function findTypeStatements(source: string, stretches: readonly (readonly [number, number])[]): TypeStatements {
  const found = new Map<string, (readonly CodeToken[])[]>();
  for (const [from, to] of stretches) {
    for (const statement of statementsOf(source, tokensOf(source, from, to))) {
      const start = statement.findIndex((token) => !isToken(token, 'export') && !isToken(token, 'declare'));
      const [keyword, name] = statement.slice(start);
      if (name?.kind !== 'word' || !(isToken(keyword, 'interface') || isToken(keyword, 'type'))) continue;
      found.set(name.text, [...(found.get(name.text) ?? []), statement.slice(start)]);
    }
  }
  return found;
}

/**
 * The declarations that a signature needs, as text. A type that is not found, or can't stand on its own, is
 * declared as `unknown`, so that what uses it stays readable and valid.
 */
export function declareNeededTypes(
  source: string,
  signature: readonly CodeToken[],
  statements: TypeStatements,
): string {
  const texts = new Map<string, string>();
  const pending = typeNames(signature);
  // Grows while it is walked: what a declaration names is needed too.
  for (const name of pending) {
    if (texts.has(name) || (KNOWN_WORDS.has(name) && !statements.has(name))) continue;
    const own = statements.get(name) ?? [];
    const printed = own.map((tokens) => typeText(source, tokens, 'declaration'));
    const isWhole = printed.length > 0 && printed.every((text) => text !== undefined);
    texts.set(name, isWhole ? printed.join('\n') : `type ${name} = unknown;`);
    const needed = isWhole ? own.flatMap((tokens) => typeNames(tokens.slice(2))) : [];
    for (const each of needed) pending.push(each);
  }
  return [...texts.values()].join('\n');
}

/** The names of types in these tokens; keys, and names that the tokens bind themselves, are left out. */
function typeNames(tokens: readonly CodeToken[]): string[] {
  const bound = new Set(leadingParameters(tokens));
  for (const [index, { text }] of tokens.entries()) {
    // `infer T`, `[T in V]`
    if (isToken(tokens[index - 1], 'infer') || isToken(tokens[index + 1], 'in')) bound.add(text);
  }
  return tokens
    .filter((token, index) => token.kind === 'word' && !bound.has(token.text) && !isMemberOrKey(tokens, index))
    .map(({ text }) => text);
}

/** `x` in `a.x`, `{ x: A; x?: A; x(): A }`, `(x: A) => B`, but not in `A extends B ? x : C`. */
function isMemberOrKey(tokens: readonly CodeToken[], index: number): boolean {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (isToken(before, '.') || isToken(after, '(')) return true;
  if (isToken(after, '?') && isToken(tokens[index + 2], ':')) return true;
  return isToken(after, ':') && !BEFORE_A_TYPE.some((text) => isToken(before, text));
}

/** The names between the angle brackets that the tokens begin with. */
function leadingParameters(tokens: readonly CodeToken[]): string[] {
  const names: string[] = [];
  if (!isToken(tokens[0], '<')) return names;
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += angleChange(token) + depthChange(token);
    if (depth <= 0) break;
    const before = tokens[index - 1];
    if (depth === 1 && token.kind === 'word' && (isToken(before, '<') || isToken(before, ','))) names.push(token.text);
  }
  return names;
}

/** Cuts tokens into statements: at a semicolon, and before a word that begins one on a new line or after a body. */
function statementsOf(source: string, tokens: readonly CodeToken[]): (readonly CodeToken[])[] {
  const statements: CodeToken[][] = [];
  let current: CodeToken[] = [];
  let depth = 0;
  for (const token of tokens) {
    const before = current.at(-1);
    if (depth === 0 && before !== undefined && endsBetween(source, before, token)) {
      statements.push(current);
      current = [];
    }
    depth += depthChange(token);
    current.push(token);
  }
  return current.length === 0 ? statements : [...statements, current];
}

function endsBetween(source: string, before: CodeToken, next: CodeToken): boolean {
  if (isToken(before, ';')) return true;
  return STARTERS.has(next.text) && (isToken(before, '}') || LINE_BREAK.test(source.slice(before.end, next.start)));
}
