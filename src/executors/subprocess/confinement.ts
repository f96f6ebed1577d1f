import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import type { EngineName } from './messages.ts';
import { seccompFilter } from './seccomp-filter.ts';

/**
 * What confines a child, from the inside out:
 *
 * - `v8-isolate`: guests are isolates of V8, or `quickjs`: VMs in WebAssembly; one of the two is always on
 * - `permission`: Node's permission model: reads the package alone, writes nothing, starts nothing
 * - `process-limits`: the kernel limits its memory, writes no file for it, opens few for it
 * - `bubblewrap`: no network, own process ids and mounts, a read-only system, a private `/tmp`, dies with the host
 * - `seccomp`: system calls that it never needs are refused; comes with bubblewrap
 * - `memory-watchdog`: the host ends it when it holds more memory than its sessions may
 */
export const ISOLATION_LAYERS = [
  'v8-isolate',
  'quickjs',
  'permission',
  'process-limits',
  'bubblewrap',
  'seccomp',
  'memory-watchdog',
] as const;
export type IsolationLayer = (typeof ISOLATION_LAYERS)[number];

/** Layers that are left out where the machine does not let a child start with them. */
export const OPTIONAL_LAYERS = ['bubblewrap', 'process-limits'] as const;
export type OptionalLayer = (typeof OPTIONAL_LAYERS)[number];

export interface ConfinementOptions {
  readonly engine: EngineName;
  readonly stackBytes: number;
  /** What the kernel lets it have. */
  readonly dataBytes: number;
  /** Why layers are left out. */
  readonly without: ReadonlyMap<OptionalLayer, string>;
}

/** How to start a confined child. */
export interface Confinement {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Bubblewrap is part of the command: it writes on {@link HOST_FILES}`.info`. */
  readonly boxed: boolean;
  /** For bubblewrap, on {@link HOST_FILES}`.seccomp`. */
  readonly seccomp: Buffer | undefined;
  /** Those that are on when it starts, as far as the host can say. */
  readonly layers: readonly IsolationLayer[];
}

/** File descriptors that bubblewrap reads and writes, and closes before the child starts. */
export const HOST_FILES = { seccomp: 5, info: 6 } as const;

const IS_SOURCE = import.meta.url.endsWith('.ts');
const CHILD = fileURLToPath(new URL(IS_SOURCE ? './child.ts' : './child.js', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[/\\]$/u, '');
/** isolated-vm's loader asks for it. */
const ALPINE = '/etc/alpine-release';
const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin'];

export function confine(options: ConfinementOptions): Confinement {
  const node = nodeCommand(options);
  const bubblewrap = options.without.has('bubblewrap') ? undefined : findProgram('bwrap');
  const prlimit = options.without.has('process-limits') ? undefined : findProgram('prlimit');
  const seccomp = bubblewrap === undefined ? undefined : seccompFilter(process.arch);
  const boxed = bubblewrap === undefined ? node : [bubblewrap, ...bubblewrapArguments(seccomp !== undefined), ...node];
  const limited = prlimit === undefined ? boxed : [prlimit, ...limitArguments(options.dataBytes), ...boxed];
  const [command = '', ...args] = limited;
  const layers: IsolationLayer[] = [];
  if (prlimit !== undefined) layers.push('process-limits');
  if (bubblewrap !== undefined) layers.push('bubblewrap');
  if (seccomp !== undefined) layers.push('seccomp');
  if (process.platform === 'linux') layers.push('memory-watchdog');
  return { command, args, env: childEnvironment(), boxed: bubblewrap !== undefined, seccomp, layers };
}

/** A closed set: what dates and Intl answer by. */
function childEnvironment(): Record<string, string> {
  const { LANG, LC_ALL } = process.env;
  return {
    // The child can't see the machine's own setting.
    TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(LANG === undefined ? {} : { LANG }),
    ...(LC_ALL === undefined ? {} : { LC_ALL }),
  };
}

/** As in Node itself, in MiB: isolated-vm's is a tenth of it, and code that makes many objects half as fast. */
const NURSERY = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

function nodeCommand({ engine, stackBytes }: ConfinementOptions): string[] {
  return [
    process.execPath,
    '--permission',
    ...(engine === 'v8' ? ['--allow-addons'] : []),
    ...[...readablePaths(), ALPINE].map((path) => `--allow-fs-read=${path}`),
    // isolated-vm needs it: the snapshot of Node's own start is not of its isolates.
    '--no-node-snapshot',
    ...(engine === 'v8' ? [`--stack-size=${Math.floor(stackBytes / 1024)}`, ...NURSERY] : []),
    '--no-warnings',
    CHILD,
    engine,
  ];
}

/** The package, and the folder in which packages lie that it depends on. */
function readablePaths(): string[] {
  const folder = `${sep}node_modules${sep}`;
  const outermost = PACKAGE.indexOf(folder);
  if (outermost !== -1) return [PACKAGE.slice(0, outermost + folder.length - 1)];
  const own = ['dist', 'node_modules', 'package.json', ...(IS_SOURCE ? ['src'] : [])];
  return own.map((name) => join(PACKAGE, name));
}

function limitArguments(dataBytes: number): string[] {
  return [`--data=${dataBytes}`, '--core=0', '--fsize=0', '--nofile=64', '--memlock=0', '--msgqueue=0', '--'];
}

/** One option with its values a line. */
function bubblewrapArguments(withSeccomp: boolean): string[] {
  return [
    ['--unshare-all'],
    ['--unshare-user'],
    ['--disable-userns'],
    ['--die-with-parent'],
    ['--as-pid-1'],
    ['--uid', '65534', '--gid', '65534'],
    ['--hostname', 'sandbox'],
    ['--cap-drop', 'ALL'],
    // First: what is bound may lie in one of them.
    ['--proc', '/proc'],
    ['--dev', '/dev'],
    ['--tmpfs', '/tmp'],
    systemFolders(),
    [process.execPath, ...readablePaths()].flatMap((path) => ['--ro-bind', path, path]),
    ['--remount-ro', '/'],
    ['--chdir', '/tmp'],
    ['--info-fd', String(HOST_FILES.info)],
    withSeccomp ? ['--seccomp', String(HOST_FILES.seccomp)] : [],
    ['--'],
  ].flat();
}

/** Where Node's own libraries are; no programs. */
function systemFolders(): string[] {
  const libraries = ['/usr/lib', '/usr/lib32', '/usr/lib64', '/lib', '/lib32', '/lib64', '/etc/ld.so.cache'];
  return libraries.flatMap((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return [];
    return found.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
  });
}

function findProgram(name: string): string | undefined {
  return PROGRAM_FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
