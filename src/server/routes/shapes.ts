/** What several routes take and answer, for checks and for the API's description. */
import { z } from 'zod';
import { DEFAULT_LIMITS } from '../../contracts/limits.ts';
import { ERROR_CODES } from '../../errors/code-mode-error.ts';
import type { Answer, Parameter } from '../route.ts';

export const limitsShape = z.strictObject(
  Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, z.int().positive().exactOptional()])),
);

const failure = z.object({
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), details: z.unknown().optional() }),
});

export const NOT_FOUND: Answer = { description: 'There is none.', types: { 'application/json': failure } };

export const QUERY: Parameter = {
  in: 'query',
  name: 'query',
  description: 'What is looked for, in words.',
  schema: z.string().max(10_000),
};

export const LIMIT: Parameter = {
  in: 'query',
  name: 'limit',
  description: 'How many to find at most.',
  schema: z.coerce.number().int().min(1).max(1_000).optional(),
};
