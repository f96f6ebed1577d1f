import { CodeModeError } from '../errors/code-mode-error.ts';

/**
 * Asks whether to delete it, where a person can answer; elsewhere the command itself is the answer.
 *
 * @throws {CodeModeError} `ABORTED` when they would rather not
 */
export async function confirmRemoval(kind: 'skill' | 'artifact', name: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return;
  const { confirm } = await import('@clack/prompts');
  const { oneLine } = await import('./terminal.ts');
  const message = `Delete the ${kind} ${oneLine(name)} for good?`;
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  if (answer !== true)
    throw new CodeModeError('ABORTED', `Cannot remove the ${kind}: you said no; nothing was deleted`);
}
