import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FRAMES } from '../../src/protocol/remote/api.ts';
import { decodeFrame, encodeFrame } from '../../src/protocol/remote/frame.ts';
import { ORIGINAL_ROUTES } from '../../src/server/routes/original.ts';
import { OWN_ROUTES } from '../../src/server/session-server.ts';
import { RunningServer } from './running-server.ts';
import { textWith } from '../support/matchers.ts';

const FILES = {
  'tools/echo.yaml':
    'name: echo\ncommand: sh\ndescription: Prints its text\ntags: [print]\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'tools/say.yaml':
    'name: say\ncommand: echo\ndescription: Says something\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'skills/shout.ts':
    '/** Prints loudly. */\nexport async function run(text: string): Promise<string> {\n  return text.toUpperCase()\n}\n',
};

describe('tools', () => {
  it('are listed, found, declared and called', async () => {
    await using running = await RunningServer.start({}, FILES);
    expect((await running.ask('/v1/tools')).json).toMatchObject({
      tools: [{ name: 'echo', tags: ['print'] }, { name: 'say' }],
    });
    expect((await running.ask('/v1/tools/search?query=says&limit=1')).json).toMatchObject({ hits: [{ id: 'say' }] });
    expect((await running.ask('/v1/types')).text).toContain('shout');
    expect((await running.ask('/v1/problems')).json).toEqual({ problems: [] });
    const called = await running.ask('/v1/tools/call', { json: { name: 'say', args: { text: 'hi' } } });
    expect(called.json).toEqual({ value: 'hi\n', stderr: '' });
    const unknown = await running.ask('/v1/tools/call', { json: { name: 'sai', args: {} } });
    expect(unknown).toMatchObject({ status: 404, json: { error: { code: 'UNKNOWN_TOOL' } } });
    const failed = await running.ask('/v1/tools/call', { json: { name: 'echo', args: { text: '/no/such/script' } } });
    expect(failed).toMatchObject({ status: 502, json: { error: { code: 'TOOL_FAILED' } } });
    expect((await running.ask('/v1/tools/search')).status).toBe(422);
    expect((await running.ask('/v1/tools/search?query=a&limit=many')).status).toBe(422);
  });
});

describe('skills', () => {
  it('are saved, listed, found, shown and deleted', async () => {
    await using running = await RunningServer.start({}, FILES);
    const source = 'export function run(n: number) { return n * 2 }';
    const saved = await running.ask('/v1/skills/twice', { method: 'PUT', json: { source, description: 'Doubles' } });
    expect(saved).toMatchObject({ status: 201, json: { name: 'twice', description: 'Doubles' } });
    expect((await running.ask('/v1/skills/twice', { method: 'PUT', json: { source } })).status).toBe(409);
    expect((await running.ask('/v1/skills/twice', { method: 'PUT', json: { source, overwrite: true } })).status).toBe(
      201,
    );
    expect((await running.ask('/v1/skills')).json).toMatchObject({ skills: [{ name: 'shout' }, { name: 'twice' }] });
    expect((await running.ask('/v1/skills/search?query=loudly')).json).toMatchObject({ hits: [{ id: 'shout' }] });
    expect((await running.ask('/v1/skills/twice')).json).toMatchObject({ source: textWith('n * 2') });
    expect((await running.ask('/v1/skills/twice', { method: 'DELETE' })).status).toBe(204);
    expect((await running.ask('/v1/skills/twice', { method: 'DELETE' })).status).toBe(404);
    expect((await running.ask('/v1/skills/twice')).json).toMatchObject({ error: { code: 'UNKNOWN_SKILL' } });
    for (const name of ['..%2F..%2Fx', 'search', 'a%00b', '%E0%A4%A'])
      expect((await running.ask(`/v1/skills/${name}`, { method: 'PUT', json: { source } })).status).toBe(422);
  });
});

describe('artifacts', () => {
  it('are bytes in, bytes out', async () => {
    await using running = await RunningServer.start();
    const bytes = new Uint8Array(3_000_000).map((_, index) => index * 7);
    const saved = await running.ask('/v1/artifacts/a%20folder/data.bin', {
      method: 'PUT',
      body: bytes,
      headers: { 'content-type': 'application/octet-stream', 'x-artifact-description': encodeURIComponent('Größe') },
    });
    expect(saved).toMatchObject({
      status: 201,
      json: { name: 'a folder/data.bin', type: 'bytes', sizeBytes: 3_000_000, description: 'Größe' },
    });
    const loaded = await running.send('/v1/artifacts/a%20folder%2Fdata.bin');
    expect(loaded.headers.get('content-disposition')).toBe('attachment');
    expect(Buffer.from(await loaded.arrayBuffer()).equals(bytes)).toBe(true);
    const framed = await running.send('/v1/artifacts/a%20folder/data.bin', { headers: { accept: FRAMES } });
    const { body, parts } = await decodeFrame(new Uint8Array(await framed.arrayBuffer()));
    expect(body).toMatchObject({ name: 'a folder/data.bin', type: 'bytes' });
    expect(parts[0]).toEqual(bytes.buffer);
  });

  it('are text or JSON where the media type says so, for code too', async () => {
    await using running = await RunningServer.start();
    await running.ask('/v1/artifacts/t', { method: 'PUT', body: 'grün', headers: { 'content-type': 'text/html' } });
    await running.ask('/v1/artifacts/j', { method: 'PUT', json: { rows: [1, 2] } });
    const metadata = { tags: ['x'] };
    await running.ask('/v1/artifacts/f', {
      method: 'PUT',
      body: new Uint8Array(encodeFrame({ type: 'text', metadata }, [new Uint8Array([104, 105]).buffer])),
      headers: { 'content-type': FRAMES },
    });
    const session = await running.open();
    const { json } = await running.run(
      session,
      '[await artifacts.load("t"), await artifacts.load("j"), (await artifacts.get("f"))]',
    );
    expect(json).toMatchObject({ value: ['grün', { rows: [1, 2] }, { data: 'hi', metadata }] });
    const shown = await running.ask('/v1/artifacts/t');
    expect([shown.text, shown.headers.get('content-type')]).toEqual(['grün', 'text/plain; charset=utf-8']);
    expect(shown.headers.get('content-security-policy')).toContain('sandbox');
    const broken = { method: 'PUT', body: '{"a"', headers: { 'content-type': 'application/json' } };
    expect(await running.ask('/v1/artifacts/j', broken)).toMatchObject({
      status: 422,
      json: { error: { code: 'INVALID_DATA' } },
    });
    const latin = { method: 'PUT', body: new Uint8Array([0xff]), headers: { 'content-type': 'text/plain' } };
    expect((await running.ask('/v1/artifacts/t', latin)).status).toBe(422);
  });

  it('are listed and deleted; what is not there is told as such', async () => {
    await using running = await RunningServer.start();
    await running.ask('/v1/artifacts/a/b', { method: 'PUT', body: 'x' });
    expect((await running.ask('/v1/artifacts')).json).toMatchObject({ artifacts: [{ name: 'a/b', sizeBytes: 1 }] });
    expect((await running.ask('/v1/artifacts/a/b', { method: 'DELETE' })).status).toBe(204);
    expect((await running.ask('/v1/artifacts/a/b', { method: 'DELETE' })).status).toBe(404);
    expect((await running.ask('/v1/artifacts/a/b')).json).toMatchObject({ error: { code: 'UNKNOWN_ARTIFACT' } });
  });
});

const description = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        security: z.array(z.unknown()),
        parameters: z.array(z.object({ name: z.string(), in: z.string() })),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

describe('the description of the API', () => {
  it('lists the routes that there are, and no other', async () => {
    await using running = await RunningServer.start();
    const { openapi, paths } = description.parse((await running.ask('/openapi.json')).json);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
    );
    expect(openapi).toBe('3.1.0');
    expect(operations).toHaveLength([...OWN_ROUTES, ...ORIGINAL_ROUTES].length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, method, parameters, security, responses } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
      // It is served: by its method, and by that alone behind the same lock.
      const asked = await running.ask(path.replaceAll(/[{}]/g, ''), { method });
      expect(asked.text, `${method} ${path}`).not.toContain('there is no such address');
      expect({ path, open: security.length === 0 }).toEqual({ path, open: path === '/health' || path === '/ready' });
      const isListed = Object.hasOwn(responses, String(asked.status)) || [415, 422].includes(asked.status);
      expect(isListed, `${method} ${path}: ${asked.status}`).toBe(true);
      expect((await running.ask(path.replaceAll(/[{}]/g, ''), { method: 'PATCH' })).status).toBe(404);
    }
  });
});

describe('/metrics', () => {
  it('counts what happens, in the form that Prometheus reads', async () => {
    await using running = await RunningServer.start();
    const session = await running.open();
    await running.run(session, 'await artifacts.list(); 1');
    await running.run(session, 'throw new Error("x")');
    const { text } = await running.ask('/metrics');
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) ts_code_mode_\w+ .+|ts_code_mode_\w+(?:\{(?:\w+="[^"\\\n]*",?)+\})? [\d.e+-]+)$/,
      );
    expect(text).toContain('ts_code_mode_sessions 1\n');
    expect(text).toContain('ts_code_mode_runs_total{code="OK"} 1\n');
    expect(text).toContain('ts_code_mode_runs_total{code="GUEST_ERROR"} 1\n');
    expect(text).toContain('ts_code_mode_host_calls_total 1\n');
    expect(text).toContain('ts_code_mode_run_duration_seconds_count 2\n');
    expect(text).toContain('route="/v1/sessions/{session}/runs",status="200"} 2\n');
  });
});
