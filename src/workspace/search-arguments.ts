import { CodeModeError } from '../errors/code-mode-error.ts';

const MAX_HITS = 100;

/** The arguments of `tools.search` and `skills.search`: a query and, perhaps, how many hits. */
export function searchArguments(
  namespace: string,
  args: readonly unknown[],
): [query: string, limit: number | undefined] {
  const [query, limit] = args;
  if (typeof query !== 'string') {
    throw new CodeModeError(
      'INVALID_ARGUMENTS',
      `Cannot call ${namespace}.search: the query is ${query === null ? 'null' : typeof query}; expected a string`,
    );
  }
  if (limit === undefined) return [query, undefined];
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    throw new CodeModeError(
      'INVALID_ARGUMENTS',
      `Cannot call ${namespace}.search: the limit is ${typeof limit === 'number' ? limit : typeof limit}; expected an integer from 1 to ${MAX_HITS}`,
    );
  }
  return [query, Math.min(limit, MAX_HITS)];
}
