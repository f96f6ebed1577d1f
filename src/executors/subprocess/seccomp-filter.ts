import { Buffer } from 'node:buffer';

/**
 * A seccomp filter as the kernel takes it (classic BPF): system calls that a child never makes are refused, so that
 * what has broken out of V8 finds less of the kernel to attack. A filter that named what is allowed would break with
 * each version of Node and of libc.
 */

/** Numbers by machine: https://github.com/torvalds/linux/blob/v6.12/arch/x86/entry/syscalls/syscall_64.tbl and unistd.h */
interface Machine {
  readonly audit: number;
  readonly refused: readonly number[];
  /** Starts threads, which is allowed, and processes, which is not. */
  readonly clone: number;
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: {
    audit: 0xc000_003e,
    clone: 56,
    // socket connect bind listen accept accept4, fork vfork, ptrace process_vm_*, mounts, modules, keys, others
    refused: [
      41, 42, 49, 50, 43, 288, 57, 58, 101, 310, 311, 165, 166, 155, 161, 428, 429, 430, 431, 432, 442, 272, 308, 246,
      320, 175, 313, 176, 248, 249, 250, 303, 304, 298, 321, 323, 425, 426, 427, 134, 135, 154, 167, 168, 169, 163, 172,
      173,
    ],
  },
  arm64: {
    audit: 0xc000_00b7,
    clone: 220,
    refused: [
      198, 203, 200, 201, 202, 242, 117, 270, 271, 40, 39, 41, 51, 428, 429, 430, 431, 432, 442, 97, 268, 104, 294, 105,
      273, 106, 217, 218, 219, 264, 265, 241, 280, 282, 425, 426, 427, 92, 224, 225, 142, 89,
    ],
  },
};

/** The same on every machine. It hides its flags behind a pointer; `ENOSYS` makes libc fall back to `clone`. */
const CLONE3 = 435;
const CLONE_THREAD = 0x0001_0000;

const ALLOW = 0x7fff_0000;
const KILL_PROCESS = 0x8000_0000;
const ERRNO = 0x0005_0000;
const EPERM = 1;
const ENOSYS = 38;

/** Operations of classic BPF. */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_BITS = 0x45;
const RETURN = 0x06;

/** Where in what the filter sees: `struct seccomp_data`. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
/** Of the 32-bit variant of x86-64. */
const X32_BIT = 0x4000_0000;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

/** The filter for this machine; `undefined` where its system calls are not known here. */
export function seccompFilter(architecture: string): Buffer | undefined {
  const machine = MACHINES[architecture];
  if (machine === undefined) return undefined;
  const program: Instruction[] = [
    [LOAD_WORD, 0, 0, ARCHITECTURE],
    [JUMP_IF_EQUAL, 1, 0, machine.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD_WORD, 0, 0, NUMBER],
    [JUMP_IF_AT_LEAST, 0, 1, X32_BIT],
    [RETURN, 0, 0, KILL_PROCESS],
    ...whenCalled(CLONE3, [[RETURN, 0, 0, ERRNO | ENOSYS]]),
    ...machine.refused.flatMap((number) => whenCalled(number, [[RETURN, 0, 0, ERRNO | EPERM]])),
    ...whenCalled(machine.clone, [
      [LOAD_WORD, 0, 0, FIRST_ARGUMENT],
      [JUMP_IF_BITS, 1, 0, CLONE_THREAD],
      [RETURN, 0, 0, ERRNO | EPERM],
    ]),
    [RETURN, 0, 0, ALLOW],
  ];
  return encode(program);
}

function whenCalled(number: number, then: readonly Instruction[]): Instruction[] {
  return [[JUMP_IF_EQUAL, 0, then.length, number], ...then];
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, whenTrue, whenFalse, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  }
  return bytes;
}
