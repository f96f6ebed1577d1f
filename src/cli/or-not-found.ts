import { isCodeModeError } from '../errors/code-mode-error.ts';
import { notFound } from './not-found.ts';

/**
 * Runs `use`. That there is none of that name is told in words of the command line: the library's own speak of
 * functions that the agent's code calls.
 *
 * @param names those that there are; asked for when it is not found
 */
export async function orNotFound<Result>(
  [action, kind, name]: readonly [action: string, kind: 'skill' | 'artifact', name: string],
  use: () => Promise<Result>,
  names: () => Promise<readonly string[]>,
): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    const isMissing = isCodeModeError(error, 'UNKNOWN_SKILL') || isCodeModeError(error, 'UNKNOWN_ARTIFACT');
    throw isMissing ? notFound(action, kind, name, await names()) : error;
  }
}
