import type { JSValueHandle } from 'quickjs-wasi';

import { toErrorData } from '../../errors/error-data.ts';
import { createPlatform } from '../../guest/platform-host/create-platform.ts';
import type { GuestHost } from '../../guest/host-interface.ts';
import { readFailure } from './run-failures.ts';
import { readBytes, readEncoded, readParts, readString } from './virtual-machine.ts';
import type { HostFunction, VirtualMachine } from './virtual-machine.ts';
import { WorkerSession } from './worker-session.ts';

/**
 * The host's half of {@link GuestHost} in a worker.
 *
 * The names are part of the base image. The arguments come from the guest's runtime, which passes what these
 * functions expect; still nothing here trusts them, since a bug in the engine may let the agent's code call them.
 */
export function createHostFunctions(): Readonly<Record<keyof GuestHost, HostFunction>> {
  const platform = createPlatform();
  return {
    issueCall: (machine, call, ...parts) => {
      const refused = session(machine).outlet.issueCall(text(call), readParts(parts));
      return refused === undefined ? machine.undefined : machine.string(refused);
    },
    log: (machine, stream, line) => {
      session(machine).outlet.log(text(stream) === 'stderr' ? 'stderr' : 'stdout', text(line));
      return machine.undefined;
    },
    result: (machine, ...encoded) => {
      session(machine).result = readEncoded(encoded);
      return machine.undefined;
    },
    failure: (machine, json) => {
      session(machine).failure = readFailure(text(json));
      return machine.undefined;
    },
    compileSkill: (machine, file, source) => session(machine).compileSkill(text(file), text(source)),
    call: (machine, operation, argumentsJson) => machine.string(platform.call(text(operation), text(argumentsJson))),
    encodeUtf8: (machine, value) => machine.bytes(platform.encodeUtf8(text(value))),
    decodeText: (machine, bytes, label, fatal, ignoreBom) => {
      const data = bytes?.isArrayBuffer === true ? readBytes(bytes) : new ArrayBuffer(0);
      const name = text(label);
      let decoded: string;
      try {
        decoded = platform.decodeText(data, name, fatal?.toBoolean() === true, ignoreBom?.toBoolean() === true);
      } catch (error) {
        // Not a string: the runtime throws the TypeError itself.
        return machine.bytes(platform.encodeUtf8(toErrorData(error).message));
      }
      return machine.string(decoded);
    },
    randomBytes: (machine, count) => machine.bytes(platform.randomBytes(Math.min(count?.toNumber() ?? 0, 65_536))),
    now: (machine) => machine.number(platform.now()),
  };
}

function text(handle: JSValueHandle | undefined): string {
  return handle?.isString === true ? readString(handle) : '';
}

function session(machine: VirtualMachine): WorkerSession {
  if (machine.owner instanceof WorkerSession) return machine.owner;
  throw new TypeError('a host function was called outside a session');
}
