import { describe, expect, it } from 'vitest';

import { ConfinedChild } from '../../../src/executors/subprocess/confined-child.ts';
import type { EndReason } from '../../../src/executors/subprocess/confined-child.ts';
import type { Confinement } from '../../../src/executors/subprocess/confinement.ts';
import type { FromChild } from '../../../src/executors/subprocess/messages.ts';
import { encodeFrame } from '../../../src/protocol/framing.ts';
import type { Frame } from '../../../src/protocol/framing.ts';

const READY = { head: '{"type":"ready","engine":"v8","reason":"","permission":true}', parts: [] };
const SLICE = { type: 'slice', session: 1, run: 1, answers: [], callBytesInFlight: 0 } as const;

/** A process that says it is ready, and writes `frames` as soon as it is given something to do. */
function hostile(...frames: readonly (Frame | Buffer)[]): Confinement {
  const bytes = frames.map((each) => (Buffer.isBuffer(each) ? each : encodeFrame(each)).toString('base64'));
  const script = `
    const fs = require('node:fs');
    fs.writeSync(4, Buffer.from(${JSON.stringify(encodeFrame(READY).toString('base64'))}, 'base64'));
    fs.readSync(3, Buffer.alloc(65536));
    try { for (const bytes of ${JSON.stringify(bytes)}) fs.writeSync(4, Buffer.from(bytes, 'base64')) } catch {}
    for (;;);`;
  return command('-e', script);
}

function command(...args: readonly string[]): Confinement {
  return { command: process.execPath, args, env: {}, boxed: false, seccomp: undefined, layers: [] };
}

async function meet(
  confinement: Confinement,
  { cpuLeftMs = 30_000, memoryBytes = 2 ** 40, maxFrameBytes = 100_000 } = {},
): Promise<{ readonly reason: EndReason; readonly messages: readonly FromChild[] }> {
  const messages: FromChild[] = [];
  const ended = Promise.withResolvers<EndReason>();
  const child = new ConfinedChild(confinement, memoryBytes, {
    onMessage: (_, message) => messages.push(message),
    onExit: (_, reason) => ended.resolve(reason),
  });
  child.ref();
  await child.ready;
  child.startSlice(SLICE, cpuLeftMs, maxFrameBytes);
  return { reason: await ended.promise, messages };
}

function frame(head: unknown, ...parts: Frame['parts']): Frame {
  return { head: typeof head === 'string' ? head : JSON.stringify(head), parts };
}

function size(bytes: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(bytes);
  return buffer;
}

const END = { type: 'slice-end', session: 1, cpuTimeMs: 1, calls: [] };

describe('a process that is not honest is ended', () => {
  it.each([
    ['a frame that says it is larger than is allowed', [size(0xffff_fffe)]],
    ['a frame of nothing', [size(0)]],
    ['a frame with more parts than bytes', [Buffer.concat([size(8), size(0x7fff_ffff), size(0)])]],
    ['a part that ends beyond its frame', [Buffer.concat([size(9), size(1), Buffer.from([1]), size(1_000)])]],
    ['a head that is no JSON', [frame('{')]],
    ['a head that is nested without end', [frame('['.repeat(90_000))]],
    ['a message of no known type', [frame({ type: 'image', session: 1 })]],
    ['a message with something more', [frame({ ...END, extra: 1 })]],
    ['a second start', [READY]],
    ['output of another session', [frame({ type: 'log', session: 2, stream: 'stdout' }, 'x')]],
    ['the end of another session', [frame({ ...END, session: 2 })]],
    ['two ends', [frame(END), frame(END)]],
    ['output after the end', [frame(END), frame({ type: 'log', session: 1, stream: 'stdout' }, 'x')]],
    ['a call without its text', [frame({ type: 'calls', session: 1, calls: [0] })]],
    ['a call with fewer parts than it says', [frame({ type: 'calls', session: 1, calls: [7] }, 'x', 'y')]],
    ['parts that nobody claims', [frame(END, 'x')]],
    ['a time that is no time', [frame({ ...END, cpuTimeMs: -1 })]],
    ['an outcome without a value', [frame({ ...END, outcome: { ok: true, plain: true, count: 0 } })]],
    [
      'an error of no known code',
      [frame({ ...END, outcome: { ok: false, keepState: true } }, '{"name":"a","code":"b","message":"c","stack":"d"}')],
    ],
    [
      'an error that is nested without end',
      [frame({ ...END, outcome: { ok: false, keepState: true } }, `${'{"cause":'.repeat(9_000)}1${'}'.repeat(9_000)}`)],
    ],
  ] as const)('for %s', async (_what, frames) => {
    const { reason } = await meet(hostile(...frames));
    expect(reason.code).toBe('SANDBOX_CRASHED');
    expect(reason.message).toContain('sent what it should not');
  });

  it('for a flood before it is ready', async () => {
    const flood = command('-e', `for (;;) require('node:fs').writeSync(4, Buffer.alloc(65536, 255))`);
    const child = new ConfinedChild(flood, 2 ** 40, { onMessage: () => undefined, onExit: () => undefined });
    child.ref();
    await expect(child.ready).rejects.toThrow('sent what it should not');
  });

  it('when it is stuck', async () => {
    expect((await meet(hostile(), { cpuLeftMs: 10 })).reason.code).toBe('CPU_LIMIT');
  });

  it('when it takes more memory than it may', async () => {
    expect((await meet(hostile(), { memoryBytes: 1_000_000 })).reason.code).toBe('MEMORY_LIMIT');
  });

  it('when it does not start', async () => {
    const child = new ConfinedChild(command('-e', 'process.exitCode = 3; console.error("no way")'), 1, {
      onMessage: () => undefined,
      onExit: () => undefined,
    });
    child.ref();
    await expect(child.ready).rejects.toThrow(/Cannot start the sandbox's process: exit code 3; no way/);
    const missing = new ConfinedChild({ ...command(), command: '/nowhere/node' }, 1, {
      onMessage: () => undefined,
      onExit: () => undefined,
    });
    await expect(missing.ready).rejects.toThrow(/ENOENT/);
  });
});
