import { expect } from 'vitest';

import type { ExecutionResult } from '../../src/contracts/execution.ts';
import type { ErrorCode } from '../../src/errors/code-mode-error.ts';
import type { RunOptions, Session } from '../../src/session.ts';

/** An attack on the sandbox, and how it has to fail. */
export interface Attack {
  readonly name: string;
  readonly code: string;
  /** The run ends with one of these; absent: it ends well, and `value` holds. */
  readonly ends?: readonly ErrorCode[];
  readonly value?: unknown;
  readonly options?: RunOptions;
}

/**
 * Runs an attack in `session`; afterwards it and its neighbour still answer, each with its own state.
 *
 * An executor that can't roll back may have lost the state of the session; then the result says so.
 */
export async function withstand(attack: Attack, session: Session, neighbour: Session): Promise<ExecutionResult> {
  await succeed(session, 'globalThis.mine = "before"');
  await succeed(neighbour, 'globalThis.mine = "neighbour"');
  const result = await session.run(attack.code, attack.options ?? {});
  if (attack.ends === undefined) {
    expect(result.ok ? result.value : result.error, attack.name).toEqual(attack.value);
  } else {
    const ending = result.ok ? `it answered ${String(result.value)}` : result.error.code;
    const said = result.ok ? '' : `: ${result.error.message}`;
    expect(ending, `${attack.name} ended with ${ending}${said}`).toBeOneOf([...attack.ends]);
  }
  const isLost = !session.supports('rollback') && result.warnings.some((warning) => warning.includes('are gone'));
  expect(
    await succeed(session, '[globalThis.mine, 1 + 1, Object.keys({ a: 1 }), (await Promise.all([1, 2])).length]'),
  ).toEqual([isLost ? undefined : 'before', 2, ['a'], 2]);
  expect(await succeed(neighbour, 'mine')).toBe('neighbour');
  return result;
}

async function succeed(session: Session, code: string): Promise<unknown> {
  const result = await session.run(code);
  if (!result.ok) throw new Error(`${code}: ${result.error.code}: ${result.error.message}`);
  return result.value;
}
