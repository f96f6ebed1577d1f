import { readSync, writeSync } from 'node:fs';
import process from 'node:process';

import { compileCell } from '../../guest/compile/compile-cell.ts';
import { decodeFrame, encodeFrame, SIZE_BYTES } from '../../protocol/framing.ts';
import type { OutletMessage } from '../in-process/guest-outlet.ts';
import { CHILD_FILES } from './child-files.ts';
import type { GuestSessions } from './guest-sessions.ts';
import { frameFromChild, readToChild } from './messages.ts';
import type { FromChild, ToChild } from './messages.ts';

/**
 * The confined process: hosts guests, and knows nothing but what comes through one pipe and goes out of another.
 *
 * It reads and writes synchronously: it has one thing to do at a time, and a guest at work must not keep its own output
 * from leaving. What it can't go on from ends it, and the host starts another.
 */
const MAX_REASON = 500;

function post(message: FromChild): void {
  const bytes = encodeFrame(frameFromChild(message));
  for (let sent = 0; sent < bytes.length;) sent += writeSync(CHILD_FILES.output, bytes, sent);
}

/** The next message; `undefined` when the host is gone. */
function receive(): ToChild | undefined {
  const size = readExactly(SIZE_BYTES)?.readUInt32LE(0);
  const bytes = size === undefined ? undefined : readExactly(size);
  return bytes && readToChild(decodeFrame(bytes));
}

function readExactly(count: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(count);
  for (let read = 0; read < count;) {
    const more = readSync(CHILD_FILES.input, bytes, read, count - read, null);
    if (more === 0) return undefined;
    read += more;
  }
  return bytes;
}

async function openSessions(
  engine: string | undefined,
  postOutput: (message: OutletMessage) => void,
): Promise<{ readonly sessions: GuestSessions; readonly reason: string }> {
  let reason = 'the executor was told to use QuickJS';
  if (engine !== 'quickjs') {
    try {
      const { default: vm } = await import('isolated-vm');
      const { V8Sessions } = await import('./v8-sessions.ts');
      return { sessions: new V8Sessions(vm, postOutput), reason: '' };
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  const { QuickJsSessions } = await import('./quickjs-sessions.ts');
  return { sessions: await QuickJsSessions.create(postOutput), reason };
}

/** Whether Node's permission model is on, and grants neither. */
function isRestricted(): boolean {
  return !(process.permission?.has('fs.write') ?? true) && !process.permission.has('child');
}

// The first cell would wait for the stripper of types to be loaded.
compileCell('const first: number = 1; await first', { file: 'first.ts', reserved: [] });
const { sessions, reason } = await openSessions(process.argv[2], post);
post({ type: 'ready', engine: sessions.engine, reason: reason.slice(0, MAX_REASON), permission: isRestricted() });
for (let message = receive(); message !== undefined; message = receive()) {
  if (message.type === 'drop') sessions.drop(message.session);
  else post(await sessions.slice(message));
  // Isolates that are disposed are freed when the loop turns.
  await new Promise((resolve) => setImmediate(resolve));
}
process.exit();
