import { inspect, styleText } from 'node:util';
import type { ExecutionResult, Session } from 'ts-code-mode';

export function heading(text: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], text)}`);
}

export function say(text: string): void {
  console.log(`  ${text}`);
}

/** Runs what an agent wrote, and shows the code, the calls it made and what came of it. */
export async function showRun(session: Session, code: string): Promise<ExecutionResult> {
  for (const line of code.trim().split('\n')) console.log(`  ${styleText('dim', '│')} ${line}`);
  const result = await session.run(code);
  for (const line of result.stdout
    .trimEnd()
    .split('\n')
    .filter((text) => text !== ''))
    say(styleText('dim', line));
  if (result.toolCalls.length > 0) say(callSummary(result));
  if (!result.ok) say(`${styleText('red', '✗')} ${result.error.message}`);
  else if (result.value !== undefined)
    say(`${styleText('green', '✓')} ${indented(inspect(result.value, { depth: 4 }))}`);
  return result;
}

/** `→ tools.curl.get × 5, tools.sort in 350 ms (the tools one by one: 780 ms)` */
function callSummary({ toolCalls, durationMs }: ExecutionResult): string {
  const counts = Map.groupBy(toolCalls, ({ name }) => name);
  const names = [...counts].map(([name, calls]) => (calls.length === 1 ? name : `${name} × ${calls.length}`));
  const tools = toolCalls.filter(({ name }) => name.startsWith('tools.'));
  const toolsMs = tools.reduce((sum, call) => sum + call.durationMs, 0);
  const comparison = tools.length > 1 ? ` (the tools one by one: ${Math.round(toolsMs)} ms)` : '';
  return styleText('dim', `→ ${names.join(', ')} in ${Math.round(durationMs)} ms${comparison}`);
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n    ');
}
