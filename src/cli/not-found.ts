import { CodeModeError } from '../errors/code-mode-error.ts';
import type { ErrorCode } from '../errors/code-mode-error.ts';
import { nearestNames } from '../errors/nearest.ts';

const KINDS = { tool: 'UNKNOWN_TOOL', skill: 'UNKNOWN_SKILL', artifact: 'UNKNOWN_ARTIFACT' } as const satisfies Record<
  string,
  ErrorCode
>;

/** `Cannot show the tool crul: there is none of that name; did you mean curl?` */
export function notFound(
  action: string,
  kind: keyof typeof KINDS,
  name: string,
  names: readonly string[],
): CodeModeError {
  const nearest = nearestNames(name, names);
  const hint =
    nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : `"ts-code-mode ${kind}s list" shows what there is`;
  return new CodeModeError(KINDS[kind], `Cannot ${action} the ${kind} ${name}: there is none of that name; ${hint}`, {
    details: { name, nearest },
  });
}
