import type { ChildProcess } from 'node:child_process';

/**
 * The process groups that calls have started and not yet ended. When this process ends, they end: each is a group
 * of its own, so that a terminal's Ctrl-C or the host's death would pass them by.
 */
const liveGroups = new Set<number>();

/** Signals that end a process which does not listen to them. */
const FATAL_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts a process that leads a group of its own. Watching begins before: a signal may come while it starts. */
export function startGroup(start: () => ChildProcess): ChildProcess {
  if (liveGroups.size === 0) startWatching();
  try {
    const child = start();
    if (child.pid !== undefined) liveGroups.add(child.pid);
    return child;
  } finally {
    if (liveGroups.size === 0) stopWatching();
  }
}

export function untrackGroup(groupId: number): void {
  if (liveGroups.delete(groupId) && liveGroups.size === 0) stopWatching();
}

/** Signals every process of the group. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // Nobody of the group is left, or it has become another user's (setuid): nothing more can be done.
  }
}

function startWatching(): void {
  process.on('exit', killAll);
  for (const signal of FATAL_SIGNALS) process.on(signal, endByDefault);
}

function stopWatching(): void {
  process.off('exit', killAll);
  for (const signal of FATAL_SIGNALS) process.off(signal, endByDefault);
}

function killAll(): void {
  for (const groupId of liveGroups) signalGroup(groupId, 'SIGKILL');
}

/**
 * By default such a signal ends a process without an `exit` event. Where the host has no listener of its own, the
 * default still applies: kill the groups, stop listening, and let the signal do its work.
 */
function endByDefault(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  stopWatching();
  process.kill(process.pid, signal);
}
