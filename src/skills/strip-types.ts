import { stripTypeScriptTypes } from 'node:module';

/** The text with every type blanked out: each character stays where it was. Or why that can't be done. */
export type Stripped = { readonly ok: true; readonly text: string } | ({ readonly ok: false } & StripProblem);

export interface StripProblem {
  readonly kind: 'syntax' | 'unsupported' | 'too-deep';
  readonly reason: string;
  /** Starts at 1. */
  readonly line: number;
  /** Starts at 1; counted in columns of a terminal, so it may be off after wide characters. */
  readonly column: number;
}

/** What to write instead of TypeScript that is more than types. */
const INSTEAD: readonly (readonly [part: string, advice: string])[] = [
  ['enum', 'write an object `as const` instead'],
  ['namespace', 'write plain functions and constants instead'],
  ['module', 'write plain functions and constants instead'],
  ['parameter property', 'declare the field and assign it in the constructor'],
  ['import equals', 'a skill can import nothing: use tools and other skills'],
  ['export assignment', 'write `export async function run(...)` instead'],
];

let trusted = true;

/**
 * False once the stripper of this thread has failed on nesting that is too deep. It is a WebAssembly module whose
 * stack does not recover: it goes on to fail on good code. Only a new thread brings a fresh one.
 */
export function isStripperTrusted(): boolean {
  return trusted;
}

/** Blanks out types. Can take seconds for hostile code (nested conditionals with arrows): bound its time from outside. */
export function stripTypes(source: string): Stripped {
  // The stripper drops a byte order mark, and with it the offsets.
  const text = source.startsWith('\uFEFF') ? ` ${source.slice(1)}` : source;
  try {
    const stripped = withoutExperimentalWarning(() => stripTypeScriptTypes(text));
    if (stripped.length === text.length) return { ok: true, text: stripped };
    return { ok: false, kind: 'syntax', reason: 'Unreadable text', line: 1, column: 1 };
  } catch (error) {
    return { ok: false, ...problemOf(error) };
  }
}

/** For one call alone: other experimental features go on to warn. */
function withoutExperimentalWarning<T>(action: () => T): T {
  const own = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return action();
  } finally {
    if (own !== undefined) Object.defineProperty(process, 'emitWarning', own);
  }
}

function problemOf(error: unknown): StripProblem {
  if (!(error instanceof SyntaxError)) {
    trusted = false;
    return { kind: 'too-deep', reason: 'Nested too deeply', line: 1, column: 1 };
  }
  const unsupported = 'code' in error && error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
  const advice = INSTEAD.find(([part]) => error.message.includes(part))?.[1];
  return {
    kind: unsupported ? 'unsupported' : 'syntax',
    reason: unsupported && advice !== undefined ? `${error.message}; ${advice}` : error.message,
    ...positionIn(error.stack ?? ''),
  };
}

/** Node tells the position in the head of the stack alone: `:LINE`, lines of the source, one of them a row of carets. */
function positionIn(stack: string): { line: number; column: number } {
  const [head = '', ...lines] = stack.split('\n');
  const line = Number(head.slice(head.lastIndexOf(':') + 1));
  const carets = lines.find((text) => /^ *\^+$/.test(text));
  return { line: Number.isInteger(line) && line > 0 ? line : 1, column: (carets?.indexOf('^') ?? 0) + 1 };
}
