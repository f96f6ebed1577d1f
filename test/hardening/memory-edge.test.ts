import { describe, expect, it } from 'vitest';

import { openTempSession } from '../support/temp-session.ts';
import { containing } from '../tools/matchers.ts';

// The engine takes two bytes a character of such text, and to hand it to the host three more.
const TEXT = `const text = '一'.repeat(2e5)`;
const FILL = `globalThis.pad = []; try { for (;;) pad.push(new Uint8Array(3e5)) } catch {}`;

/** Little enough room that text which can still be printed can't be handed over. */
const PRINT = `const text = '一'.repeat(6e4); const pad: unknown[] = [];
  for (const size of [1e5, 1e3]) try { for (;;) pad.push(new Uint8Array(size)) } catch {}
  let caught: unknown; try { console.log(text) } catch (error) { caught = error } pad.length = 0;`;

describe('text that there is no memory left to read is an error, never other text', () => {
  it.each([
    ['as a result', 'text'],
    ['as an argument', `const saved = artifacts.save('text', text); globalThis.pad = []; await saved`],
  ])('%s', async (_how, code) => {
    await using session = await openTempSession();
    const result = await session.run(`${TEXT}; ${FILL}; ${code}`);
    expect(result.ok ? result.value : result.error.code).toBe('MEMORY_LIMIT');
    expect(await session.run('(await artifacts.list()).length')).toMatchObject({ ok: true, value: 0 });
  });

  it('printed', async () => {
    await using session = await openTempSession();
    const result = await session.run(`${PRINT} [(caught as Error).name, (caught as Error).message]`);
    expect(result).toMatchObject({ ok: true, value: ['InternalError', 'out of memory'], stdout: '' });
  });

  it('decoded, which is no fault of the bytes', async () => {
    await using session = await openTempSession();
    const result = await session.run(
      `const bytes = new Uint8Array(3e6).fill(0x80); ${FILL}
      let caught: unknown; try { new TextDecoder('windows-1252').decode(bytes) } catch (error) { caught = error }
      globalThis.pad = []; [(caught as Error).name, (caught as Error).message]`,
    );
    expect(result).toMatchObject({ ok: true, value: ['InternalError', 'out of memory'] });
  });
});

it('tells text that looks like the sign for lack of memory from that sign', async () => {
  await using session = await openTempSession();
  const result = await session.run(`new TextDecoder().decode(new TextEncoder().encode('<null>'))`);
  expect(result).toMatchObject({ ok: true, value: '<null>' });
});

it('shows nothing of the host in what a host function throws', async () => {
  await using session = await openTempSession();
  const result = await session.run(
    `${PRINT} Object.getOwnPropertyNames(caught).map((name) => String((caught as Record<string, unknown>)[name])).join()`,
  );
  expect(result).toMatchObject({ ok: true, value: containing('out of memory') });
  expect(result.ok && result.value).not.toMatch(/\.js|node:|wasm|\/src\//u);
});
