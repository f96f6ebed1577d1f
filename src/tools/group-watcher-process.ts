/** What `GroupWatcher` runs where there is no shell: the same as its script. */

const live = new Set<string>();
let unread = '';

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => {});
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  const lines = `${unread}${text}`.split('\n');
  unread = lines.pop() ?? '';
  for (const line of lines) obey(line);
});
process.stdin.on('end', () => {
  for (const groupId of live) kill(Number(groupId));
});

function obey(line: string): void {
  const [change, groupId = ''] = line.split(' ');
  if (change === '+') live.add(groupId);
  else live.delete(groupId);
}

function kill(groupId: number): void {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
