import { describe, expect, it } from 'vitest';
import { RunningServer } from './running-server.ts';
import { ANY_NUMBER, ANY_TEXT, textLike, textWith } from '../support/matchers.ts';

/** What a client that was written for py-code-mode's server relies on. */
const FILES = {
  'tools/echo.yaml':
    'name: echo\ncommand: echo\ndescription: Prints its text\ntags: [print]\nschema:\n  positional:\n    - {name: text, required: true}\n',
  'skills/shout.ts':
    '/** Prints loudly. */\nexport async function run(text: string): Promise<string> {\n  return text.toUpperCase()\n}\n',
};

describe('the API of the original', () => {
  it('executes code in the session that the header names, and makes one where there is none', async () => {
    await using running = await RunningServer.start();
    const first = await running.ask('/execute', { json: { code: 'let n = 41; console.log("hi"); ({ n })' } });
    expect(first).toMatchObject({
      status: 200,
      json: {
        value: { n: 41 },
        stdout: 'hi\n',
        error: null,
        execution_time_ms: ANY_NUMBER,
        session_id: ANY_TEXT,
      },
    });
    const id = first.headers.get('x-session-id') ?? '';
    expect(first.json).toMatchObject({ session_id: id });
    const named = { headers: { 'x-session-id': id } };
    expect((await running.ask('/execute', { ...named, json: { code: 'n + 1' } })).json).toMatchObject({ value: 42 });
    const own = { headers: { 'x-session-id': 'a-name-of-my-own' } };
    const [one, two] = await Promise.all(
      ['let a = 1; a', 'typeof a'].map((code) => running.ask('/execute', { ...own, json: { code } })),
    );
    expect(one?.json).toMatchObject({ value: 1, session_id: 'a-name-of-my-own' });
    expect(two?.json).toMatchObject({ value: 'number' });
    const reset = await running.ask('/reset', { ...named, method: 'POST' });
    expect(reset.json).toEqual({ status: 'reset', session_id: id });
    expect((await running.ask('/execute', { ...named, json: { code: 'typeof n' } })).json).toMatchObject({
      value: 'undefined',
    });
  });

  it('answers errors of the code with 200, and of the request with their status and a detail', async () => {
    await using running = await RunningServer.start();
    const failed = await running.ask('/execute', { json: { code: 'const box = null;\nbox.x' } });
    expect(failed).toMatchObject({
      status: 200,
      json: { value: null, error: textLike(/^TypeError: .*\n[^]*run-1\.ts:2/) },
    });
    const late = await running.ask('/execute', {
      json: { code: 'await new Promise((r) => setTimeout(r, 9_000))', timeout: 0.2 },
    });
    expect(late.json).toMatchObject({ error: textWith('200 ms') });
    expect(await running.ask('/execute', { json: {} })).toMatchObject({
      status: 422,
      json: { detail: ANY_TEXT },
    });
    expect((await running.ask('/execute', { json: { code: 1 } })).status).toBe(422);
    expect(await running.ask('/execute', { token: null, json: { code: '1' } })).toMatchObject({
      status: 401,
      json: { detail: ANY_TEXT },
    });
    expect(
      (await running.ask('/execute', { json: { code: '1' }, headers: { 'x-session-id': 'x'.repeat(300) } })).status,
    ).toBe(422);
  });

  it('tells what there is', async () => {
    await using running = await RunningServer.start({}, FILES);
    expect((await running.ask('/info')).json).toEqual({
      tools: [{ name: 'echo', description: 'Prints its text' }],
      skills: [{ name: 'shout', description: 'Prints loudly.' }],
      artifacts_path: 'artifacts',
    });
    const tool = { name: 'echo', description: 'Prints its text', tags: ['print'], callables: [{ name: '' }] };
    expect((await running.ask('/api/tools')).json).toMatchObject([tool]);
    expect((await running.ask('/api/tools/search?query=prints&limit=3')).json).toMatchObject([tool]);
    expect((await running.ask('/api/tools/search?query=zebra')).json).toEqual([]);
  });

  it('saves, finds and deletes skills', async () => {
    await using running = await RunningServer.start({}, FILES);
    const shout = {
      name: 'shout',
      description: 'Prints loudly.',
      parameters: [{ name: 'text', type: 'string', required: true, description: '', default: null }],
    };
    expect((await running.ask('/api/skills')).json).toEqual([shout]);
    expect((await running.ask('/api/skills/search?query=loudly&limit=5')).json).toEqual([shout]);
    expect((await running.ask('/api/skills/shout')).json).toMatchObject({
      ...shout,
      source: textWith('run'),
    });
    expect((await running.ask('/api/skills/nothing')).json).toBeNull();
    const source = 'export function run(n: number) { return n }';
    const saved = await running.ask('/api/skills', { json: { name: 'same', source, description: 'Answers it' } });
    expect(saved).toMatchObject({ status: 200, json: { name: 'same', description: 'Answers it' } });
    const broken = await running.ask('/api/skills', { json: { name: 'bad', source: 'const', description: '' } });
    expect(broken).toMatchObject({ status: 422, json: { detail: ANY_TEXT } });
    expect((await running.ask('/api/skills/same', { method: 'DELETE' })).json).toBe(true);
    expect((await running.ask('/api/skills/same', { method: 'DELETE' })).json).toBe(false);
  });

  it('saves, loads and deletes artifacts', async () => {
    await using running = await RunningServer.start();
    const json = { name: 'a/report.json', data: { rows: [1] }, description: 'rows', metadata: null };
    expect((await running.ask('/api/artifacts', { json })).json).toMatchObject({
      name: 'a/report.json',
      description: 'rows',
    });
    expect((await running.ask('/api/artifacts')).json).toMatchObject([
      { name: 'a/report.json', description: 'rows', metadata: {}, created_at: ANY_TEXT },
    ]);
    expect((await running.ask('/api/artifacts/a/report.json')).json).toEqual({ rows: [1] });
    expect((await running.ask('/api/artifacts/a/report.json', { method: 'DELETE' })).status).toBe(200);
    expect(await running.ask('/api/artifacts/a/report.json')).toMatchObject({
      status: 404,
      json: { detail: ANY_TEXT },
    });
    expect((await running.ask('/api/artifacts/a/report.json', { method: 'DELETE' })).status).toBe(404);
  });
});
