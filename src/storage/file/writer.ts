import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const DAY_MS = 24 * 60 * 60 * 1_000;
const MACHINE = machine();
const TAG = /^([0-9a-f]{12})-(\d+)-(\d+)-[0-9a-f]{8}$/;

/**
 * Names this writer in files that others may find after it was killed: machine, process, when that process
 * started (process ids are used again), and which copy of this module in it (worker threads share a process).
 */
export const WRITER = `${MACHINE}-${process.pid}-${startOf(process.pid) ?? '0'}-${randomBytes(4).toString('hex')}`;

/**
 * True when the writer can no longer be at work. On another machine, or in a thread that was terminated,
 * that can't be asked: then it is gone after a day.
 *
 * @param ageMs time since it wrote
 */
export function isGone(writer: string, ageMs: number): boolean {
  if (writer === WRITER) return false;
  if (ageMs > DAY_MS) return true;
  const [, onMachine, pid, start] = TAG.exec(writer) ?? [];
  if (onMachine !== MACHINE || pid === undefined) return false;
  return !isRunning(Number(pid)) || (startOf(Number(pid)) ?? start) !== start;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process started, in clock ticks since boot; `'dead'` for one that only awaits its parent; `undefined` off Linux. */
function startOf(pid: number): string | undefined {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold spaces; the third is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : fields[19];
}

/** Where process ids mean the same: this machine, since it booted, in this container. */
function machine(): string {
  const boot = readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const processes = readOr(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update(`${hostname()}\n${boot}\n${processes}`).digest('hex').slice(0, 12);
}

function readOr(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
