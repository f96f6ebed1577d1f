import { runInNewContext } from 'node:vm';

import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';

import { GUEST_DRIVER } from '#guest-driver';

import { liveLookups } from '../../guest/fixtures/live-lookups.ts';

/** Called before any of the agent's code. */
const AT_LOAD = ['__copyProps', '__export', 'getterOf', 'flagGetter', 'installEngineGlobals', 'defineBase64'];

it('the driver uses nothing, when it runs, that the agent could have replaced', () => {
  const entry = new URL('../../../src/executors/subprocess/guest/driver.ts', import.meta.url).pathname;
  const built = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'guest',
    target: 'es2024',
  });
  expect(liveLookups(built.outputFiles[0]?.text ?? '', AT_LOAD)).toEqual([]);
});

it('the driver is one expression, a function', () => {
  expect(runInNewContext(`typeof ${GUEST_DRIVER}`)).toBe('function');
});
