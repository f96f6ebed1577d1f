import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { confine } from '../../src/executors/subprocess/confinement.ts';
import type { OptionalLayer } from '../../src/executors/subprocess/confinement.ts';
import { descendants, isAlive, until } from '../executors/subprocess/processes.ts';
import { TempFolder } from '../support/temp-session.ts';

const BOXED: ReadonlyMap<OptionalLayer, string> = new Map();
const BARE: ReadonlyMap<OptionalLayer, string> = new Map([['bubblewrap', 'left out by the test']]);
/** Some machines can't box a process (containers mostly); what is tested then is the rest. */
const CAN_BOX = spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0;

const HELPERS = `
  const fs = require('node:fs');
  const say = (value) => fs.writeSync(4, JSON.stringify(value));
  const attempt = (work) => { try { return work() } catch (error) { return error.code ?? error.name } };`;

/** Runs code where the child's program would run: what one could do who has broken out of the isolate. */
function inside(code: string, without: ReadonlyMap<OptionalLayer, string>, withPermissions = true): unknown {
  using folder = new TempFolder();
  const { command, args, env, seccomp } = confine({ engine: 'v8', stackBytes: 524_288, dataBytes: 2 ** 31, without });
  const filter = join(folder.path, 'filter');
  writeFileSync(filter, seccomp ?? '');
  const flags = args.slice(0, -2).filter((arg) => withPermissions || !/^--(permission|allow-)/.test(arg));
  const { output, status } = spawnSync(command, [...flags, '-e', `${HELPERS}${code}`], {
    env: { ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ignore', 'pipe', openSync(filter, 'r'), 'pipe'],
  });
  const said = output[4];
  if (said === null || said === undefined || said.length === 0)
    throw new Error(`it ended with ${String(status)}: ${String(output[2])}`);
  return JSON.parse(String(said));
}

describe("Node's permissions", () => {
  it.each([
    ['reading a file of the system', `fs.readFileSync('/etc/passwd')`],
    ['reading what the process is', `fs.readFileSync('/proc/self/environ')`],
    ['listing the root', `fs.readdirSync('/')`],
    ['writing a file', `fs.writeFileSync('/tmp/x', 'x')`],
    ['starting a process', `require('node:child_process').execFileSync('true')`],
    ['starting a thread', `new (require('node:worker_threads').Worker)('1', { eval: true })`],
    ['the inspector', `require('node:inspector').open(0)`],
  ])('refuse %s', (_what, work) => {
    expect(inside(`say(attempt(() => { ${work}; return 'done' }))`, BARE)).toBe('ERR_ACCESS_DENIED');
  });
});

it.runIf(CAN_BOX)('what is bound is not hidden by the private /tmp, where a package may lie', () => {
  const { args } = confine({ engine: 'v8', stackBytes: 524_288, dataBytes: 2 ** 31, without: BOXED });
  expect(args.indexOf('--tmpfs')).toBeLessThan(args.indexOf('--ro-bind'));
});

it('the environment is a closed set', () => {
  process.env['SECRET_OF_THE_TEST'] = 'secret';
  expect(inside('say(Object.keys(process.env).sort())', BARE)).toSatisfy(
    (names: unknown) => Array.isArray(names) && names.every((name) => ['LANG', 'LC_ALL', 'TZ'].includes(String(name))),
  );
});

it('the kernel limits its memory, and writes no file for it', () => {
  expect(inside(`say(attempt(() => new Uint8Array(3e9).fill(1).length))`, BARE)).toBe('RangeError');
  expect(
    inside(
      `process.on('SIGXFSZ', () => {}); say(attempt(() => fs.writeFileSync('/tmp/ts-code-mode-limit', 'x')))`,
      BARE,
      false,
    ),
  ).toBe('EFBIG');
});

describe.runIf(CAN_BOX)('bubblewrap, for one who has got rid of the permissions too', () => {
  it('has no network', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const code = `
      const socket = require('node:net').connect(${String(port)}, '127.0.0.1');
      socket.on('connect', () => say('connected')).on('error', (error) => say(error.code));`;
    expect(inside(code, BOXED, false)).toBeOneOf(['EPERM', 'ECONNREFUSED', 'ENETUNREACH']);
    server.close();
  });

  it("sees none of the host's files and processes", () => {
    const code = `say({
      root: fs.readdirSync('/').sort(),
      etc: attempt(() => fs.readdirSync('/etc')),
      programs: ['/bin/sh', '/usr/bin/env', '/usr/bin/python3'].filter((path) => fs.existsSync(path)),
      processes: fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)),
      temporary: fs.readdirSync('/tmp'),
      user: process.getuid(),
    })`;
    const seen = inside(code, BOXED, false);
    expect(seen).toMatchObject({ programs: [], processes: ['1'], user: 65_534 });
    // Where the package itself lies below it, the way there.
    const [way = ''] = fileURLToPath(new URL('../..', import.meta.url))
      .split('/tmp/')
      .slice(1);
    expect(seen).toHaveProperty('temporary', way === '' ? [] : [way.split('/')[0]]);
    expect(seen).toHaveProperty('root', expect.not.arrayContaining(['root', 'home', 'var', 'bin', 'run']));
  });

  it('writes nothing, starts nothing, and has no other file descriptors', () => {
    const code = `
      const { spawnSync } = require('node:child_process');
      say({
        write: ['/x', '/usr/lib/x', '/proc/x'].map((path) => attempt(() => { fs.openSync(path, 'a'); return 'open' })),
        start: spawnSync(process.execPath, ['-e', '1']).error?.code ?? 'started',
        files: fs.readdirSync('/proc/self/fd').map((fd) => attempt(() => fs.readlinkSync('/proc/self/fd/' + fd))).filter((file) => typeof file === 'string' && file.startsWith('/') && !file.startsWith('/dev/null') && !file.startsWith('/proc')),
      })`;
    const seen = inside(code, BOXED, false);
    expect(seen).toMatchObject({ write: ['EROFS', 'EROFS', 'ENOENT'], files: [] });
    expect(seen).not.toHaveProperty('start', 'started');
  });
});

describe('no process outlives its host', () => {
  const module = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const executor = `
    import { SubprocessExecutor } from ${module('executors/subprocess/subprocess-executor.ts')};
    import { Session } from ${module('session.ts')};
    import { FileStorage } from ${module('storage/file/file-storage.ts')};
    const executor = new SubprocessExecutor();
    const session = await Session.open({ storage: new FileStorage({ basePath: process.argv[2] }), executor });
    session.run('console.log(1); for (;;);', { cpuTimeMs: 600_000, timeoutMs: 600_000, onEvent: (event) => event.type === 'log' && console.log('spinning') });`;
  const bare = `
    import { ConfinedChild } from ${module('executors/subprocess/confined-child.ts')};
    import { confine } from ${module('executors/subprocess/confinement.ts')};
    import { DEFAULT_LIMITS } from ${module('contracts/limits.ts')};
    const confinement = confine({ engine: 'v8', stackBytes: 524_288, dataBytes: 2 ** 31, without: new Map([['bubblewrap', '']]) });
    const child = new ConfinedChild(confinement, 2 ** 40, { onMessage: () => console.log('spinning'), onExit: () => {} });
    child.ref();
    await child.ready;
    child.startSlice({ type: 'slice', session: 1, run: 1, answers: [], callBytesInFlight: 0, limits: { ...DEFAULT_LIMITS, cpuTimeMs: 600_000 }, cell: { file: 'run-1.ts', source: 'console.log(1); for (;;);' } }, 600_000, 1e6);`;

  it.each([
    ['kill -9', executor, 'SIGKILL'],
    ['an interrupt', executor, 'SIGINT'],
    ['kill -9, without bubblewrap', bare, 'SIGKILL'],
  ] as const)('that ends by %s, while code spins', async (_how, script, signal) => {
    using folder = new TempFolder();
    const file = join(folder.path, 'host.mjs');
    writeFileSync(file, script);
    const host = spawn(process.execPath, [file, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(host.stdout, 'data');
    const started = descendants(host.pid);
    expect(started.filter(isAlive).length).toBeGreaterThan(1);
    host.kill(signal);
    await until(() => !started.some(isAlive));
  });
});
