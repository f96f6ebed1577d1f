import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../../src/contracts/execution.ts';
import { RemoteExecutor } from '../../../src/executors/remote/remote-executor.ts';
import type { RemoteExecutorOptions } from '../../../src/executors/remote/remote-executor.ts';
import { Session } from '../../../src/session.ts';
import { FileStorage } from '../../../src/storage/file/file-storage.ts';
import { ADA, RunningServer } from '../../server/running-server.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { TempFolder } from '../../support/temp-session.ts';
import { textLike, textWith } from '../../support/matchers.ts';

const FILES = {
  'tools/echo.yaml':
    'name: echo\ncommand: echo\ndescription: Prints its text\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'tools/sleep.yaml':
    'name: sleep\ncommand: sleep\nschema:\n  positional:\n    - {name: seconds, type: number, required: true}\n',
  'skills/shout.ts':
    '/** Prints loudly. */\nexport async function run(text: string): Promise<string> {\n  return text.toUpperCase()\n}\n',
};

function openAt(url: string, options: RemoteExecutorOptions = {}): Promise<Session> {
  return Session.open({ executor: new RemoteExecutor({ url, token: ADA, ...options }) });
}

describe('a remote session', () => {
  it("has the server's tools, skills and artifacts", async () => {
    await using running = await RunningServer.start({}, FILES);
    await using session = await openAt(running.url);
    expect((await session.listTools()).map(({ name }) => name)).toEqual(['echo', 'sleep']);
    expect(await session.searchTools('prints', 1)).toMatchObject([{ id: 'echo', description: 'Prints its text' }]);
    expect(await session.callTool('echo', { text: 'hi' })).toBe('hi\n');
    await expect(session.callTool('ekho')).rejects.toMatchObject({ code: 'UNKNOWN_TOOL', details: { status: 404 } });
    expect(await session.types()).toContain('shout');
    expect(await session.problems()).toEqual([]);
    expect(await session.listSkills()).toMatchObject([
      { name: 'shout', parameters: [{ name: 'text', type: 'string' }] },
    ]);
    await session.addSkill('twice', 'export const run = (n: number) => n * 2', { description: 'Doubles' });
    await expect(session.addSkill('twice', 'export const run = 1')).rejects.toMatchObject({ code: 'INVALID_SKILL' });
    await expect(session.addSkill('../x', '')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect(await session.getSkill('twice')).toMatchObject({
      description: 'Doubles',
      source: textWith('* 2'),
    });
    for (const name of ['..', '.', '', '\ud800', 'a/b', 'nothing'])
      await expect(session.getSkill(name)).rejects.toMatchObject({
        code: textLike(/UNKNOWN_SKILL|INVALID_NAME/),
      });
    expect(await session.searchSkills('loudly')).toMatchObject([{ id: 'shout' }]);
    expect([await session.removeSkill('twice'), await session.removeSkill('twice')]).toEqual([true, false]);
    expect(running.folder.path).not.toBe(process.cwd());
  });

  it('saves and loads artifacts of every type, and streams them', async () => {
    await using running = await RunningServer.start();
    await using session = await openAt(running.url);
    const bytes = new Uint8Array(2_000_000).map((_, index) => index * 3);
    const metadata = { note: 'ü'.repeat(20_000) };
    await session.saveArtifact('a/b c?#%.bin', bytes, { description: 'some\nbytes', metadata });
    await session.saveArtifact('text', 'grün');
    await session.saveArtifact('json', { rows: [1] });
    expect(await session.loadArtifact('a/b c?#%.bin')).toMatchObject({
      data: bytes,
      description: 'some\nbytes',
      metadata,
    });
    expect((await session.loadArtifact('text')).data).toBe('grün');
    expect((await session.loadArtifact('json')).data).toEqual({ rows: [1] });
    expect((await session.listArtifacts()).map(({ name, type }) => [name, type])).toEqual([
      ['a/b c?#%.bin', 'bytes'],
      ['json', 'json'],
      ['text', 'text'],
    ]);
    const streamed: Uint8Array[] = [];
    for await (const chunk of await session.streamArtifact('a/b c?#%.bin')) streamed.push(chunk);
    expect(Buffer.concat(streamed).equals(bytes)).toBe(true);
    expect(await session.run('(await artifacts.load("a/b c?#%.bin")).length')).toMatchObject({ value: 2_000_000 });
    expect([await session.deleteArtifact('text'), await session.deleteArtifact('text')]).toEqual([true, false]);
    await expect(session.loadArtifact('text')).rejects.toMatchObject({ code: 'UNKNOWN_ARTIFACT' });
    await expect(session.streamArtifact('text')).rejects.toMatchObject({ code: 'UNKNOWN_ARTIFACT' });
    await expect(session.loadArtifact('../text')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await expect(session.saveArtifact('x', () => 1)).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  it('takes no storage of its own, and is what a session without a storage needs', async () => {
    const executor = new RemoteExecutor({ url: 'http://127.0.0.1:9' });
    const storage = new FileStorage({ basePath: '/nowhere' });
    await expect(Session.open({ storage, executor })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(Session.open({ executor })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it.each([
    { options: {}, says: 'url: it is missing' },
    { options: { url: 'ftp://x' }, says: 'url: ' },
    { options: { url: 'http://x', token: 'a b' }, says: 'token: ' },
    { options: { url: 'http://x', tokn: 'secret' }, says: 'tokn' },
  ])('refuses $options', ({ options, says }) => {
    expect(() => new RemoteExecutor(options)).toThrow(says);
  });

  it('says when the token is not known, and when there is no session server', async () => {
    await using running = await RunningServer.start();
    await expect(openAt(running.url, { token: 'guess' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(openAt(`${running.url}/elsewhere`)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('works over the fetch of a server in this process', async () => {
    await using running = await RunningServer.start({}, FILES);
    await using session = await openAt('http://in-process', { fetch: running.server.fetch });
    const events: SessionEvent[] = [];
    expect(
      await session.run('console.log(1); new Uint8Array([1])', { onEvent: (event) => events.push(event) }),
    ).toMatchObject({ value: new Uint8Array([1]) });
    expect(events.map(({ type }) => type)).toEqual(['run-start', 'log', 'run-end']);
    await session.saveArtifact('x', new Uint8Array([1, 2]));
    expect((await session.loadArtifact('x')).data).toEqual(new Uint8Array([1, 2]));
  });

  it('closes the session on the server', async () => {
    await using running = await RunningServer.start();
    const executor = new RemoteExecutor({ url: running.url, token: ADA });
    const session = await Session.open({ executor });
    await session.run('1');
    expect((await running.ask('/v1/sessions')).json).toMatchObject({ sessions: [{}] });
    await session.close();
    expect((await running.ask('/v1/sessions')).json).toEqual({ sessions: [] });
    await Session.open({ executor });
    await executor.close();
    expect((await running.ask('/v1/sessions')).json).toEqual({ sessions: [] });
  });

  it('tells of a listener that throws, once', async () => {
    await using running = await RunningServer.start();
    await using session = await openAt(running.url);
    const result = await session.run('console.log(1); console.log(2)', {
      onEvent() {
        throw new Error('mine');
      },
    });
    expect(result).toMatchObject({ ok: true, warnings: ['onEvent threw: mine'] });
  });
});

describe('a lost connection', () => {
  it('is made again wherever it is cut: nothing is executed twice, no event is lost or told twice', async () => {
    await using running = await RunningServer.start();
    await using proxy = await TcpProxy.start(running.port);
    await using session = await openAt(proxy.url);
    await session.run('let count = 0');
    const code =
      'count++; for (let n = 0; n < 5; n++) { console.log(n); await new Promise((done) => setTimeout(done, 5)) } [count, new Uint8Array(500)]';
    const cuts = [0, 1, 100, 200, 300, 350, 400, 450, 500, 600, 700, 900, 1_200, 1_600, 2_000];
    for (const [index, bytes] of cuts.entries()) {
      // The connection that is kept would not meet the cut.
      proxy.cutAll();
      proxy.cutAfterBytes = bytes;
      const events: SessionEvent[] = [];
      const run = session.run(code, { onEvent: (event) => events.push(event) });
      await sleep(60);
      proxy.cutAfterBytes = Infinity;
      expect(await run).toMatchObject({ ok: true, value: [index + 1, new Uint8Array(500)], stdout: '0\n1\n2\n3\n4\n' });
      expect(events.map((event) => (event.type === 'log' ? event.text : event.type))).toEqual([
        'run-start',
        '0\n',
        '1\n',
        '2\n',
        '3\n',
        '4\n',
        'run-end',
      ]);
    }
  });

  it('is given up in the end, with an error that says so; the session answers again', async () => {
    await using running = await RunningServer.start({}, FILES);
    await using proxy = await TcpProxy.start(running.port);
    await using session = await openAt(proxy.url, { reconnectMs: 300 });
    await session.run('let n = 1');
    const run = session.run('await tools.sleep({ seconds: 30 })', { timeoutMs: 1_500 });
    await sleep(100);
    proxy.isDown = true;
    proxy.cutAll();
    expect(await run).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
    expect(await session.run('n')).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } });
    proxy.isDown = false;
    expect(await session.run('n')).toMatchObject({ ok: true, value: 1 });
  });

  it('does not keep a cancelled run from ending', async () => {
    await using running = await RunningServer.start({}, FILES);
    await using proxy = await TcpProxy.start(running.port);
    await using session = await openAt(proxy.url, { reconnectMs: 300 });
    const controller = new AbortController();
    const run = session.run('await tools.sleep({ seconds: 30 })', { signal: controller.signal });
    await sleep(100);
    proxy.isDown = true;
    proxy.cutAll();
    controller.abort();
    expect(await run).toMatchObject({ ok: false, error: { code: 'ABORTED' } });
  });

  it('does not keep a session from closing', async () => {
    await using running = await RunningServer.start({}, FILES);
    await using proxy = await TcpProxy.start(running.port);
    const session = await openAt(proxy.url);
    const run = session.run('await tools.sleep({ seconds: 30 })');
    await sleep(100);
    proxy.isDown = true;
    proxy.cutAll();
    await session.close();
    expect(await run).toMatchObject({ ok: false, error: { code: 'SESSION_CLOSED' } });
  });
});

describe('a server that is killed', () => {
  it('costs the run and the variables; the next run starts afresh on the new one, and says so', async () => {
    using folder = new TempFolder();
    await folder.write(FILES);
    const storage = new FileStorage({ basePath: folder.path });
    const tokens = [{ name: 'ada', token: ADA }];
    const first = await ServerProcess.start({ storage, tokens });
    await using session = await openAt(first.url);
    await session.run('let n = 1');
    const run = session.run('await tools.sleep({ seconds: 30 })');
    await sleep(200);
    await first.end('SIGKILL');
    await using second = await ServerProcess.start({ storage, tokens, port: first.port });
    expect(second.port).toBe(first.port);
    expect(await run).toMatchObject({ ok: false, error: { code: 'UNKNOWN_SESSION' } });
    expect(await session.run('typeof n')).toMatchObject({
      ok: true,
      value: 'undefined',
      warnings: [textWith('lost the session')],
    });
    expect(await session.run('1')).toMatchObject({ ok: true, warnings: [] });
  });

  it('leaves a socket that the next one takes over', async () => {
    using folder = new TempFolder();
    const socketPath = join(folder.path, 's.sock');
    const options = {
      storage: new FileStorage({ basePath: folder.path }),
      tokens: [{ name: 'ada', token: ADA }],
      socketPath,
    };
    const first = await ServerProcess.start(options);
    await first.end('SIGKILL');
    await using second = await ServerProcess.start(options);
    const executor = new RemoteExecutor({ socketPath, token: ADA });
    await using session = await Session.open({ executor });
    expect(await session.run('1')).toMatchObject({ value: 1 });
    expect(second.pid).toBeGreaterThan(0);
  });
});
