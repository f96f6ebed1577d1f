/**
 * Names that `tools` and every tool answer themselves, or that the language asks any object for: an object that
 * answers `then` is taken for a promise by `await`, one that answers `toJSON` changes how it is printed.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'list',
  'then',
  'toJSON',
  'prototype',
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** What `tools` has besides the tools. */
export const TOOLS_MEMBERS = ['list', 'search'];

/** What a tool has besides its callables. */
export const TOOL_MEMBERS = ['list'];

/** What a name in a tool file may look like. */
export const NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/**
 * The name under which the guest reaches a tool or recipe: `docker-compose` becomes `docker_compose`, `7z` becomes `_7z`.
 */
export function toIdentifier(name: string): string {
  const word = name.replaceAll('-', '_');
  return /^[0-9]/.test(word) ? `_${word}` : word;
}

/** True for a name that no tool may have. */
export function isReservedToolName(name: string): boolean {
  return name === 'search' || RESERVED.has(name);
}

/** True for a name that no recipe, endpoint or other callable may have. */
export function isReservedCallableName(name: string): boolean {
  return RESERVED.has(name);
}
