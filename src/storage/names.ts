import { CodeModeError } from '../errors/code-mode-error.ts';

/** The rules for names, the same for every storage, so that data moves from one to another. */

const MAX_SEGMENT_BYTES = 255;
const MAX_ARTIFACT_NAME_BYTES = 1_000;
const MAX_SKILL_NAME_LENGTH = 100;
const MAX_QUOTED_LENGTH = 100;

/** Names that Windows gives to devices, whatever follows the first dot: a folder must be usable there too. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)/iu;
const CONTROL_CHARACTER = /\p{Cc}|\u2028|\u2029/u;

/** What `skills.<name>` means already, or what JavaScript itself looks up on any object. */
const RESERVED_SKILL_NAMES: ReadonlySet<string> = new Set(
  [
    'list search get invoke create delete then catch finally toJSON prototype constructor',
    'toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable',
  ].flatMap((names) => names.split(' ')),
);

/**
 * @returns the folders of the name and, last, the name in them
 * @throws {CodeModeError} `INVALID_NAME`
 */
export function checkArtifactName(name: unknown): readonly [string, ...string[]] {
  const problem = artifactNameProblem(name);
  if (typeof name !== 'string' || problem !== undefined) {
    throw invalidName(`Cannot use ${quoted(name)} as an artifact name`, problem, 'use a name like "reports/may.json"');
  }
  const [first = name, ...rest] = name.split('/');
  return [first, ...rest];
}

/** @throws {CodeModeError} `INVALID_NAME` */
export function checkSkillName(name: unknown): void {
  const problem = skillNameProblem(name);
  if (problem === undefined) return;
  throw invalidName(`Cannot use ${quoted(name)} as a skill name`, problem, 'use an identifier like "weeklyReport"');
}

/** @throws {CodeModeError} `INVALID_NAME` */
export function checkToolFileName(name: unknown): void {
  const problem = toolFileNameProblem(name);
  if (problem === undefined) return;
  throw invalidName(`Cannot use ${quoted(name)} as the name of a tool file`, problem, 'use a name like "curl.yaml"');
}

/** What is wrong with an artifact's name; `undefined` when nothing is. */
export function artifactNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return `it is a ${typeof name}, not a string`;
  if (name === '') return 'it is empty';
  if (!name.isWellFormed()) return 'it has a lone surrogate';
  if (Buffer.byteLength(name) > MAX_ARTIFACT_NAME_BYTES) return `it is longer than ${MAX_ARTIFACT_NAME_BYTES} bytes`;
  // One text, one name: two spellings of "é" would be two files here and one on another file system.
  if (name.normalize('NFC') !== name) return 'it is not in Unicode normal form C (see String.prototype.normalize)';
  if (name.includes('\\')) return 'it has a backslash';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'it is absolute';
  for (const segment of name.split('/')) {
    const problem = segmentProblem(segment);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'it has an empty segment';
  if (segment === '.' || segment === '..') return `it has a ${quoted(segment)} segment`;
  if (segment.startsWith('.')) return 'a segment starts with a dot, which is reserved';
  if (CONTROL_CHARACTER.test(segment)) return 'it has a control character';
  if (segment.endsWith('.') || segment.endsWith(' ')) return 'a segment ends with a dot or a space';
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return `a segment is longer than ${MAX_SEGMENT_BYTES} bytes`;
  if (DEVICE_NAME.test(segment)) return `${quoted(segment)} is the name of a device on Windows`;
  return undefined;
}

/** What is wrong with a skill's name; `undefined` when nothing is. */
export function skillNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return `it is a ${typeof name}, not a string`;
  if (name.length > MAX_SKILL_NAME_LENGTH) return `it is longer than ${MAX_SKILL_NAME_LENGTH} characters`;
  if (!/^[A-Za-z$][\w$]*$/.test(name)) return 'it is not an identifier of ASCII letters, digits, _ and $, letter first';
  if (RESERVED_SKILL_NAMES.has(name)) return 'it is reserved';
  if (DEVICE_NAME.test(name)) return 'it is the name of a device on Windows';
  return undefined;
}

/** What is wrong with the name of a tool file; `undefined` when nothing is. */
export function toolFileNameProblem(name: unknown): string | undefined {
  if (typeof name === 'string' && name.includes('/')) return 'tool files are in one flat folder';
  const problem = artifactNameProblem(name);
  if (problem !== undefined) return problem;
  return isToolFileName(String(name)) ? undefined : 'it does not end with .yaml or .yml';
}

/** True for what a folder of tools is searched for: editors' leftovers and hidden files are not. */
export function isToolFileName(name: string): boolean {
  return /^[^.].*\.ya?ml$/su.test(name);
}

function invalidName(action: string, problem = 'it is not valid', expected: string): CodeModeError {
  return new CodeModeError('INVALID_NAME', `${action}: ${problem}; ${expected}`);
}

/** A name as messages show it: escaped, and cut where it is too long to be one. */
export function quoted(name: unknown): string {
  if (typeof name !== 'string') return `a ${typeof name}`;
  return JSON.stringify(name.length > MAX_QUOTED_LENGTH ? `${name.slice(0, MAX_QUOTED_LENGTH)}…` : name);
}
