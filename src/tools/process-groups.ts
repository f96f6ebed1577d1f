import type { ChildProcess } from 'node:child_process';
import { GroupWatcher } from './group-watcher.ts';

/**
 * The process groups that were started and have not ended. When this process ends, they end: each is a group of its
 * own, so that a terminal's Ctrl-C or the host's death would pass them by.
 *
 * Here are the ends that this process lives to see: its own exit, and signals. The watcher has the others (`kill -9`,
 * a crash, the system out of memory).
 */
const liveGroups = new Set<number>();

/** Started with the first group; replaced with the next one after it was killed. */
let watcher: GroupWatcher | undefined;

/** Signals that end a process which does not listen to them. */
const FATAL_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Starts a process that leads a group of its own. Watching begins before: the end may come while it starts. The first
 * start takes some 2 ms longer for that; what the watcher is told later costs no wait.
 */
export function startGroup(start: () => ChildProcess): ChildProcess {
  if (liveGroups.size === 0) startWatching();
  if (watcher?.isWatching !== true) watcher = startWatcher();
  try {
    const child = start();
    const groupId = child.pid;
    if (groupId !== undefined) {
      liveGroups.add(groupId);
      watcher.add(groupId);
      child.once('exit', () => forgetEmptyGroup(groupId));
    }
    return child;
  } finally {
    if (liveGroups.size === 0) stopWatching();
  }
}

export function untrackGroup(groupId: number): void {
  if (!liveGroups.delete(groupId)) return;
  watcher?.remove(groupId);
  if (liveGroups.size === 0) stopWatching();
}

/** Signals every process of the group. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  if (!liveGroups.has(groupId)) return;
  try {
    process.kill(-groupId, signal);
  } catch {
    // Nobody of the group is left, or it has become another user's (setuid): nothing more can be done.
  }
}

/**
 * The system gives an id to others once the group's leader and all its members are gone, and no earlier: so the group
 * is forgotten in the same turn in which its leader was found dead. What is left in it keeps the id taken.
 */
function forgetEmptyGroup(groupId: number): void {
  try {
    process.kill(-groupId, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') untrackGroup(groupId);
  }
}

function startWatcher(): GroupWatcher {
  const started = new GroupWatcher();
  for (const groupId of liveGroups) started.add(groupId);
  return started;
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
