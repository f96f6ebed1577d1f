import { encodedSize } from '../../protocol/codec/encode.ts';
import type { ActiveRun } from '../in-process/active-run.ts';
import { MAX_NAME_CHARACTERS } from '../in-process/guest-outlet.ts';
import type { IssuedCall, SliceLimits } from '../in-process/messages.ts';
import type { EndReason } from './confined-child.ts';

/**
 * What an honest child would have refused itself. The limits hold inside it; they are looked at again here, because code
 * that has broken out of its isolate would not care.
 */

const MIB = 1024 * 1024;

/** Why a child is ended that lets through what it should not. */
export function crossed(fault: string): EndReason {
  return {
    code: 'SANDBOX_CRASHED',
    message: `Cannot finish the run: the sandbox's process crossed a limit that holds inside it, and was ended: ${fault}`,
  };
}

/** What the largest honest message may take. A character takes up to three bytes. */
export function maxFrameBytes(limits: SliceLimits): number {
  const { resultBytes, callArgumentBytes, stdoutBytes, stderrBytes } = limits;
  return 3 * Math.max(resultBytes + 4 * callArgumentBytes, stdoutBytes, stderrBytes) + 8 * MIB;
}

export function faultOfLog(run: ActiveRun, stream: 'stdout' | 'stderr', text: string): string | undefined {
  const { stdoutBytes, stderrBytes } = run.sliceLimits;
  const left = stream === 'stdout' ? stdoutBytes : stderrBytes;
  return text === '' || Buffer.byteLength(text) > left ? 'it wrote more output than is allowed' : undefined;
}

/** @param lastId of the run's calls */
export function faultOfCall(call: IssuedCall, run: ActiveRun, lastId: number): string | undefined {
  const { hostCalls, hostCallsInFlight, callArgumentBytes } = run.sliceLimits;
  const headLength = call.text.indexOf('\n');
  const id = callId(call);
  if (headLength < 0 || headLength > MAX_NAME_CHARACTERS)
    return 'it made a call without a name, or with too long a one';
  if (!(Number.isSafeInteger(id) && id > lastId)) return 'it gave a call the number of another';
  if (hostCalls <= 0 || hostCallsInFlight <= 0) return 'it made more calls than are allowed';
  if (encodedSize({ ...call, plain: false }) - headLength - 1 > callArgumentBytes)
    return 'it made a call with larger arguments than are allowed';
  return undefined;
}

/** As the guest's runtime has written it: see `GuestHost.issueCall`. */
export function callId({ text }: IssuedCall): number {
  return Number(text.slice(0, text.indexOf(',')));
}
