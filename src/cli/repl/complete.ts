import type { Session } from '../../session.ts';

export const REPL_COMMANDS = ['.help', '.types', '.tools', '.reset', '.exit'];

const SKILL_MEMBERS = ['list', 'search', 'get', 'create', 'delete', 'invoke'];
const ARTIFACT_MEMBERS = ['save', 'load', 'get', 'list', 'exists', 'delete'];

/** An artifact's name as it is typed: `artifacts.load('rep`. */
const ARTIFACT_NAME = /\bartifacts\.(?:load|get|exists|delete|save)\(\s*(?<quote>['"`])(?<name>[^'"`]*)$/u;
const SKILL_NAME = /\bskills\.(?:get|delete|invoke)\(\s*(?<quote>['"`])(?<name>[^'"`]*)$/u;
const PATH = /(?<path>[\p{ID_Start}$_][\p{ID_Continue}$.]*)?$/u;

/** Asked of the session with a Tab: short, and without effect. */
const GLOBALS = 'Object.getOwnPropertyNames(globalThis)';
const GLOBALS_TIMEOUT_MS = 500;

/** What the end of a line may be continued to: the candidates, and the part of the line that they replace. */
export async function complete(line: string, session: Session): Promise<[candidates: string[], part: string]> {
  if (line.startsWith('.')) return [matching(REPL_COMMANDS, line), line];
  const artifact = ARTIFACT_NAME.exec(line)?.groups?.['name'];
  if (artifact !== undefined)
    return [
      matching(
        (await session.listArtifacts()).map(({ name }) => name),
        artifact,
      ),
      artifact,
    ];
  const skill = SKILL_NAME.exec(line)?.groups?.['name'];
  if (skill !== undefined)
    return [
      matching(
        (await session.listSkills()).map(({ name }) => name),
        skill,
      ),
      skill,
    ];
  const path = PATH.exec(line)?.groups?.['path'] ?? '';
  return [matching(await pathsLike(path, session), path), path];
}

/** Whole paths (`tools.curl.get`), of the namespace that the path begins with. */
async function pathsLike(path: string, session: Session): Promise<string[]> {
  if (path.startsWith('tools.')) {
    const tools = await session.listTools();
    const called = tools.flatMap((tool) =>
      tool.callables.map(({ name }) => (name === '' ? tool.name : `${tool.name}.${name}`)),
    );
    return ['list', 'search', ...called].map((name) => `tools.${name}`);
  }
  if (path.startsWith('skills.')) {
    const names = (await session.listSkills()).map(({ name }) => name);
    return [...SKILL_MEMBERS, ...names].map((name) => `skills.${name}`);
  }
  if (path.startsWith('artifacts.')) return ARTIFACT_MEMBERS.map((name) => `artifacts.${name}`);
  if (path === '' || path.includes('.')) return [];
  const result = await session.run(GLOBALS, { timeoutMs: GLOBALS_TIMEOUT_MS });
  const names: readonly unknown[] = result.ok && Array.isArray(result.value) ? result.value : [];
  return names.filter((name) => typeof name === 'string');
}

function matching(names: readonly string[], start: string): string[] {
  return names.filter((name) => name.startsWith(start)).toSorted();
}
