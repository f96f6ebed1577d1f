import { CodeModeError } from '../errors/code-mode-error.ts';
import { nearestNames } from '../errors/nearest.ts';
import { shorten } from '../errors/shorten.ts';

/** A member that a namespace doesn't have. */
export function unknownMember(namespace: string, name: string, members: readonly string[]): CodeModeError {
  const near = nearestNames(name, members);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((member) => `${namespace}.${member}`).join(' or ')}?`
      : `it has ${members.join(', ')}`;
  return new CodeModeError(
    'INVALID_ARGUMENTS',
    `Cannot call ${namespace}.${shorten(name)}: ${namespace} has no such member; ${hint}`,
    { details: { nearest: near } },
  );
}
