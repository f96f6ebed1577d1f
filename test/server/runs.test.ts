import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FRAMES } from '../../src/protocol/remote/api.ts';
import { FrameReader } from '../../src/protocol/remote/frame.ts';
import { readRunFrame } from '../../src/protocol/remote/result.ts';
import { listWith } from '../support/matchers.ts';
import { ADA, RunningServer } from './running-server.ts';

const SSE = { accept: 'text/event-stream' };
const FILES = {
  'tools/sleep.yaml':
    'name: sleep\ncommand: sleep\nschema:\n  positional:\n    - {name: seconds, type: number, required: true}\n',
};

/** The events of a stream: their number, type and data. */
function eventsIn(text: string): { readonly id: number; readonly type: string; readonly data: unknown }[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id:'))
    .map((block) => {
      const [, id = '', type = '', data = ''] = /^id: (\d+)\nevent: ([\w-]+)\ndata: (.*)$/.exec(block) ?? [];
      const parsed: unknown = JSON.parse(data);
      return { id: Number(id), type, data: parsed };
    });
}

describe('a run', () => {
  it('answers with the result, as JSON', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    expect((await running.run(session, 'console.log("hi"); ({ a: [1, "x", null] })')).json).toMatchObject({
      ok: true,
      value: { a: [1, 'x', null] },
      exact: true,
      stdout: 'hi\n',
      toolCalls: [],
    });
    expect((await running.run(session, 'new Map([[new Date(0), 5n]])')).json).toMatchObject({
      ok: true,
      value: [['1970-01-01T00:00:00.000Z', '5']],
      exact: false,
    });
    expect((await running.run(session, 'null.x')).json).toMatchObject({ ok: false, error: { name: 'TypeError' } });
  });

  it('streams events, and then the result', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    const { text, headers } = await running.run(session, 'console.log("a\\n\\nid: 9"); 7', { headers: SSE });
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(eventsIn(text).map(({ id, type }) => [id, type])).toEqual([
      [1, 'run-start'],
      [2, 'log'],
      [3, 'run-end'],
      [4, 'result'],
    ]);
    expect(eventsIn(text).at(-1)?.data).toMatchObject({ ok: true, value: 7, stdout: 'a\n\nid: 9\n' });
  });

  it('sends events while it goes on', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    const response = await running.send(`/v1/sessions/${session}/runs`, {
      json: { code: 'console.log("first"); await new Promise((done) => setTimeout(done, 20_000))' },
      headers: { ...SSE, 'idempotency-key': 'long' },
    });
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('first')) text += (await reader.read()).value ?? '';
    await running.ask(`/v1/sessions/${session}/runs/long`, { method: 'DELETE' });
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value;
    expect(eventsIn(text).at(-1)?.data).toMatchObject({ ok: false, error: { code: 'ABORTED' }, stdout: 'first\n' });
  });

  it('keeps the types of values in frames', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    const code = '[new Uint8Array([1, 255]), "\\ud800".repeat(2_000), "é".repeat(3_000), new Date(5), -0, 10n]';
    const { body } = await running.send(`/v1/sessions/${session}/runs`, {
      json: { code },
      headers: { accept: FRAMES },
    });
    const reader = new FrameReader(body ?? new ReadableStream<Uint8Array>(), 1_000_000);
    let value: unknown;
    for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
      const { result } = readRunFrame(frame);
      if (result?.ok === true) value = result.value;
    }
    expect(value).toEqual([new Uint8Array([1, 255]), '\ud800'.repeat(2_000), 'é'.repeat(3_000), new Date(5), -0, 10n]);
  });

  it('is joined, not repeated, by a request of the same key', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    await running.run(session, 'let count = 0');
    const code = 'await new Promise((done) => setTimeout(done, 100)); ++count';
    const asked = { headers: { 'idempotency-key': 'once' } };
    const answers = await Promise.all([1, 2, 3].map(() => running.run(session, code, asked)));
    answers.push(await running.run(session, code, asked));
    expect(answers.map(({ json }) => json)).toEqual(Array.from({ length: 4 }, () => answers[0]?.json));
    expect((await running.run(session, 'count')).json).toMatchObject({ value: 1 });
    expect((await running.ask(`/v1/sessions/${session}/runs/once`)).json).toEqual(answers[0]?.json);
    const other = await running.run(session, 'count = 100', asked);
    expect(other).toMatchObject({ status: 422, json: { error: { code: 'INVALID_REQUEST' } } });
    expect((await running.run(session, 'count')).json).toMatchObject({ value: 1 });
  });

  it('is not repeated either when its result is kept no more', async () => {
    await using running = await RunningServer.start({ keepResultsMs: 40 });
    const session = await running.open();
    await running.run(session, 'let count = 0');
    const asked = { headers: { 'idempotency-key': 'once' } };
    await running.run(session, '++count', asked);
    let late = await running.run(session, '++count', asked);
    while (late.status === 200) {
      await sleep(20);
      late = await running.run(session, '++count', asked);
    }
    expect(late).toMatchObject({ status: 410, json: { error: { code: 'UNKNOWN_RUN' } } });
    expect((await running.run(session, 'count')).json).toMatchObject({ value: 1 });
  });

  it('keeps no more results than there is memory for', async () => {
    await using running = await RunningServer.start({ keepResultsBytes: 200_000 });
    const session = await running.open();
    for (const name of ['a', 'b', 'c'])
      await running.run(session, '"x".repeat(90_000)', { headers: { 'idempotency-key': name } });
    const states = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await running.ask(`/v1/sessions/${session}/runs/${name}`)).status),
    );
    expect(states).toEqual([410, 200, 200]);
  });

  it('goes on where a reader of its events lost them', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    const code = 'for (const n of [1, 2, 3]) { console.log(n); await null }';
    const asked = { headers: { ...SSE, 'idempotency-key': 'again' } };
    const all = eventsIn((await running.run(session, code, asked)).text);
    for (const { id } of all) {
      const headers = { ...asked.headers, 'last-event-id': String(id) };
      const rest = eventsIn((await running.run(session, code, { headers })).text);
      expect(rest).toEqual(all.slice(id));
      const got = await running.ask(`/v1/sessions/${session}/runs/again`, { headers });
      expect(eventsIn(got.text)).toEqual(all.slice(id));
    }
  });

  it('ends with its client only where that is asked for', async () => {
    await using running = await RunningServer.start({}, FILES);
    for (const headers of [{}, SSE]) {
      for (const cancelOnDisconnect of [true, false]) {
        const session = await running.open();
        const controller = new AbortController();
        const code = 'await tools.sleep({ seconds: 0.7 }); "done"';
        const asked = { json: { code, cancelOnDisconnect }, headers: { ...headers, 'idempotency-key': 'k' } };
        const sent = running.send(`/v1/sessions/${session}/runs`, { ...asked, signal: controller.signal });
        await sleep(250);
        controller.abort();
        await sent.then((response) => response.text()).catch(() => undefined);
        const { json } = await running.ask(`/v1/sessions/${session}/runs/k`);
        expect(json).toMatchObject(cancelOnDisconnect ? { error: { code: 'ABORTED' } } : { value: 'done' });
      }
    }
  });

  it('uses no more than the server allows, and is told so', async () => {
    await using running = await RunningServer.start({ limits: { cpuTimeMs: 200 } });
    const session = await running.open();
    const limits = { cpuTimeMs: 60_000, timeoutMs: 30_000 };
    const { json } = await running.run(session, 'for (;;);', { json: { code: 'for (;;);', limits } });
    expect(json).toMatchObject({
      error: { code: 'CPU_LIMIT' },
      warnings: listWith('cpuTimeMs is 200: this server allows no more'),
    });
    expect((await running.run(session, '1', { json: { code: '1', limits: { cpu: 1 } } })).status).toBe(422);
    const tooSmall = await running.run(session, '1', { json: { code: '1', limits: { memoryBytes: 1 } } });
    expect(tooSmall.json).toMatchObject({ ok: false, error: { code: 'INVALID_OPTION' } });
  });

  it('waits in line, which is not endless', async () => {
    await using running = await RunningServer.start({ maxQueuedRuns: 2 }, FILES);
    const session = await running.open();
    const first = running.run(session, 'await tools.sleep({ seconds: 0.4 }); 1');
    const second = running.run(session, '2');
    await sleep(150);
    expect(await running.run(session, '3')).toMatchObject({ status: 429, json: { error: { code: 'SESSION_LIMIT' } } });
    expect([(await first).json, (await second).json]).toMatchObject([{ value: 1 }, { value: 2 }]);
  });
});

describe('a session', () => {
  it('keeps variables, forgets them on reset, and is gone when it is closed', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    await running.run(session, 'let n = 1');
    expect((await running.run(session, 'n')).json).toMatchObject({ value: 1 });
    expect((await running.ask(`/v1/sessions/${session}/reset`, { method: 'POST' })).status).toBe(204);
    expect((await running.run(session, 'typeof n')).json).toMatchObject({ value: 'undefined' });
    expect((await running.ask(`/v1/sessions/${session}`)).json).toMatchObject({ id: session, activeRuns: 0 });
    expect((await running.ask(`/v1/sessions/${session}`, { method: 'DELETE' })).status).toBe(204);
    expect(await running.run(session, '1')).toMatchObject({
      status: 404,
      json: { error: { code: 'UNKNOWN_SESSION' } },
    });
  });

  it('expires when nobody uses it, and not while a run is under way', async () => {
    await using running = await RunningServer.start({ idleMs: 200 }, FILES);
    const idle = await running.open();
    const busy = await running.open();
    const run = running.run(busy, 'await tools.sleep({ seconds: 0.8 }); "done"');
    await sleep(600);
    expect((await running.ask('/v1/sessions')).json).toMatchObject({ sessions: [{ id: busy }] });
    expect((await run).json).toMatchObject({ value: 'done' });
    expect((await running.run(idle, '1')).status).toBe(404);
  });

  it('ends with a run under way that says so', async () => {
    await using running = await RunningServer.start({}, FILES);
    const session = await running.open();
    const run = running.run(session, 'await tools.sleep({ seconds: 30 })');
    await sleep(200);
    await running.ask(`/v1/sessions/${session}`, { method: 'DELETE' });
    expect((await run).json).toMatchObject({ ok: false, error: { code: 'SESSION_CLOSED' } });
  });
});

describe('closing a server', () => {
  it('lets runs end within the grace period, and takes no new ones', async () => {
    await using running = await RunningServer.start({}, FILES);
    const session = await running.open();
    const run = running.run(session, 'await tools.sleep({ seconds: 0.5 }); "done"');
    await sleep(150);
    const closing = running.server.close({ graceMs: 10_000 });
    const ask = (path: string, init?: RequestInit): Promise<Response> =>
      running.server.fetch(
        new Request(running.url + path, {
          ...init,
          headers: { authorization: `Bearer ${ADA}`, 'content-type': 'application/json' },
        }),
      );
    expect((await ask('/ready')).status).toBe(503);
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/v1/sessions', { method: 'POST' })).status).toBe(503);
    expect((await ask(`/v1/sessions/${session}/runs`, { method: 'POST', body: '{"code":"1"}' })).status).toBe(503);
    expect((await run).json).toMatchObject({ ok: true, value: 'done' });
    await closing;
  });

  it('cancels runs that take longer', async () => {
    await using running = await RunningServer.start({}, FILES);
    const session = await running.open();
    const run = running.run(session, 'await tools.sleep({ seconds: 30 })');
    await sleep(150);
    await running.server.close({ graceMs: 100 });
    expect((await run).json).toMatchObject({ ok: false, error: { code: 'ABORTED' } });
  });
});
